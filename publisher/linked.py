"""Edition → `list.jsonld`: the list as linked data (JSON-LD 1.1, schema.org), read without any network.

The context stands in the file; what schema.org has no word for is a term of ours under `urn:xinyong:term:`, told in
`terms` with its name and meaning.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from msgspec import Struct, field

from publisher.data import COLUMNS, WORDS, row
from publisher.described import MEANING
from publisher.edition import Edition
from scoring.canonical import canonical

OWN = {
    "status": "status",
    "grade": "grade",
    "score": "score",
    "document_no": "documentNo",
    "since": "since",
    "until": "until",
    "reason": "reason",
}
_PLAIN: dict[str, Any] = {"@language": None}  # codes and numbers are of no language
_DAY = {"@type": "xsd:date"}
CONTEXT: dict[str, Any] = {
    "@language": "zh-Hans",
    "@version": 1.1,
    "address": "schema:address",
    "areaServed": {"@id": "schema:areaServed", "@type": "@id"},
    "dateModified": {"@id": "schema:dateModified", **_DAY},
    "datePublished": {"@id": "schema:datePublished", **_DAY},
    "definition": "skos:definition",
    "documentNo": {"@id": "xy:documentNo", **_PLAIN},
    "edition": {"@id": "schema:subjectOf", "@type": "@id"},
    "grade": {"@id": "xy:grade", **_PLAIN},
    "id": "@id",
    "identifier": {"@id": "schema:identifier", **_PLAIN},
    "institutions": {"@container": "@set", "@id": "schema:about"},
    "name": "schema:name",
    "places": {"@container": "@set", "@id": "schema:spatialCoverage"},
    "prefLabel": "skos:prefLabel",
    "publisher": "schema:publisher",
    "reason": "xy:reason",
    "schema": "https://schema.org/",
    "score": {"@id": "xy:score", **_PLAIN},
    "since": {"@id": "xy:since", **_DAY},
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "status": {"@id": "xy:status", "@type": "@id"},
    "taxID": {"@id": "schema:taxID", **_PLAIN},
    "telephone": {"@id": "schema:telephone", **_PLAIN},
    "terms": {"@container": "@set", "@id": "schema:hasPart"},
    "type": "@type",
    "until": {"@id": "xy:until", **_DAY},
    "version": {"@id": "schema:version", **_PLAIN},
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "xy": "urn:xinyong:term:",
}


class Named(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A node that has a name: a place, the organ, or a term with its meaning."""

    id: str = ""
    type: str
    name: str = ""
    pref_label: str = ""
    definition: str = ""


class Institution(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One institution: who it is, where it stands, by which decision and until when."""

    id: str
    type: str
    identifier: str
    name: str
    area_served: str
    edition: str
    status: str
    tax_id: str = field(default="", name="taxID")
    address: tuple[str, ...] = ()
    telephone: tuple[str, ...] = ()
    grade: str = ""
    score: str = ""
    since: str = ""
    until: str = ""
    document_no: str = ""
    reason: str = ""


class Dataset(Struct, frozen=True, kw_only=True, rename="camel"):
    """What `list.jsonld` holds."""

    context: dict[str, Any] = field(name="@context")
    id: str
    type: str
    name: str
    version: str
    identifier: str
    date_published: str
    date_modified: str
    publisher: Named
    places: tuple[Named, ...]
    terms: tuple[Named, ...]
    institutions: tuple[Institution, ...]


def render_linked(edition: Edition, folder: Path) -> None:
    """Writes `list.jsonld`: canonical, each institution with the edition's digest."""
    manifest = edition.manifest
    whole = Dataset(
        context=CONTEXT,
        id=_edition(edition),
        type="schema:Dataset",
        name=f"{manifest.title} {manifest.label}",
        version=edition.name,
        identifier=edition.digest,
        date_published=manifest.released_on.isoformat(),
        date_modified=manifest.cut_off.isoformat(),
        publisher=Named(type="schema:GovernmentOrganization", name=manifest.organ),
        places=tuple(
            Named(id=_place(edition, one.id), type="schema:AdministrativeArea", name=one.name)
            for one in manifest.jurisdictions
        ),
        terms=tuple(_terms()),
        institutions=tuple(_institutions(edition)),
    )
    (folder / "list.jsonld").write_bytes(canonical(whole))


def _institutions(edition: Edition) -> Iterator[Institution]:
    # What many have in common is written once.
    city, urn = quote(edition.manifest.city), _edition(edition)
    places = {id: _place(edition, id) for id in {one.jurisdiction for one in edition.listed}}
    told = [key for key in OWN if key != "status"]
    for one in edition.listed:
        cells = row(one, edition.manifest.cut_off, edition.unrated)
        yield Institution(
            id=f"urn:xinyong:{city}:{quote(one.institution)}",
            type="schema:EducationalOrganization",
            identifier=one.institution,
            name=one.name,
            area_served=places[one.jurisdiction],
            edition=urn,
            status=f"xy:{one.rating.status}",
            tax_id=one.code,
            address=one.addresses,
            telephone=one.telephones,
            **{key: cells[key] for key in told},
        )


def _terms() -> Iterator[Named]:
    """Our own words: the properties of an institution, then where it may stand."""
    for column, term in OWN.items():
        yield Named(
            id=f"xy:{term}",
            type="http://www.w3.org/1999/02/22-rdf-syntax-ns#Property",
            pref_label=COLUMNS[column],
            definition=MEANING[column],
        )
    for status, word in WORDS.items():
        yield Named(id=f"xy:{status}", type="skos:Concept", pref_label=word)


def _edition(edition: Edition) -> str:
    return f"urn:sha256:{edition.digest}"


def _place(edition: Edition, id: str) -> str:
    return f"urn:xinyong:{quote(edition.manifest.city)}:place:{quote(id)}"
