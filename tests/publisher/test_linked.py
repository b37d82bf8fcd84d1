"""The list as linked data: a JSON-LD processor reads it without a network, and it says what the list says."""

import json
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from msgspec import structs

from publisher.data import COLUMNS, WORDS, row
from publisher.edition import Edition, Jurisdiction
from publisher.linked import CONTEXT, OWN, render_linked
from scoring.policy import Unrated
from tests.publisher.test_release import edition

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from rdflib import RDF, XSD, Graph, Literal, URIRef

SCHEMA = "https://schema.org/"
TERM = "urn:xinyong:term:"
HOSTILE = ('乙"}],"x":[{"', "\u202e反", "a:b", "_:node", "@id", "<b>", "", "\x0b", "😀𠮷")


def graph(raw: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Graph().parse(data=raw, format="json-ld")


def rendered(whole: Edition, folder: Path) -> bytes:
    render_linked(whole, folder)
    return (folder / "list.jsonld").read_bytes()


def placed() -> Edition:
    one = edition()
    ids = sorted({entry.jurisdiction for entry in one.entries})
    places = tuple(Jurisdiction(id=id, name=f"区{id}", organ="") for id in ids)
    return structs.replace(one, manifest=structs.replace(one.manifest, jurisdictions=places))


def test_every_institution_stands_in_the_graph_as_in_the_list(tmp_path: Path) -> None:
    whole = placed()
    found = graph(rendered(whole, tmp_path))
    organisations = set(found.subjects(RDF.type, URIRef(f"{SCHEMA}EducationalOrganization")))
    assert len(organisations) == len(whole.listed)
    edition_node = URIRef(f"urn:sha256:{whole.digest}")
    assert set(found.objects(edition_node, URIRef(f"{SCHEMA}about"))) == organisations
    for one in whole.listed:
        (node,) = found.subjects(URIRef(f"{SCHEMA}identifier"), Literal(one.institution))
        assert node == URIRef(f"urn:xinyong:ningbo:{one.institution}")
        assert found.value(node, URIRef(f"{SCHEMA}subjectOf")) == edition_node
        assert found.value(node, URIRef(f"{SCHEMA}name")) == Literal(one.name, lang="zh-Hans")
        assert found.value(node, URIRef(f"{TERM}status")) == URIRef(TERM + one.rating.status)
        cells = row(one, whole.manifest.cut_off, Unrated())
        for key in ("since", "until"):
            day = Literal(cells[key], datatype=XSD.date) if cells[key] else None
            assert found.value(node, URIRef(TERM + key)) == day
        code = Literal(one.code) if one.code else None
        assert found.value(node, URIRef(f"{SCHEMA}taxID")) == code
        place = found.value(node, URIRef(f"{SCHEMA}areaServed"))
        assert found.value(place, URIRef(f"{SCHEMA}name")) is not None
    assert Counter(
        str(found.value(one, URIRef(f"{TERM}status"))).removeprefix(TERM) for one in organisations
    ) == Counter(whole.manifest.counts)


def test_every_term_of_ours_is_explained_and_no_word_is_lost(tmp_path: Path) -> None:
    raw = rendered(placed(), tmp_path)
    found = graph(raw)
    label = URIRef("http://www.w3.org/2004/02/skos/core#prefLabel")
    ours = {one for triple in found for one in triple if str(one).startswith(TERM)}
    assert all(found.value(one, label) for one in ours)
    assert {str(found.value(URIRef(TERM + OWN[key]), label)) for key in OWN} == {
        COLUMNS[key] for key in OWN
    }
    assert str(found.value(URIRef(f"{TERM}black"), label)) == WORDS["black"]
    # A key that the context does not know would vanish from the graph without a word.
    whole = json.loads(raw)
    keys = {
        *whole,
        *(
            key
            for part in ("institutions", "places", "terms")
            for one in whole[part]
            for key in one
        ),
    }
    assert keys <= {*CONTEXT, "@context"}


def test_it_is_canonical_and_the_same_twice(tmp_path: Path) -> None:
    raw = rendered(placed(), tmp_path)
    whole = json.loads(raw)
    assert rfc8785.dumps(whole | {"@context": whole["@context"] | {"@version": 1}}) == raw.replace(
        b'"@version":1.1', b'"@version":1'
    )
    assert rendered(placed(), tmp_path) == raw


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_a_name(name: str, tmp_path: Path) -> None:
    one = edition()
    entries = (structs.replace(one.entries[0], name=name, addresses=(name,)), *one.entries[1:])
    raw = rendered(Edition.of(one.manifest, entries, one.policy), tmp_path)
    found = graph(raw)
    names = {str(told) for told in found.objects(None, URIRef(f"{SCHEMA}name"))}
    assert name in names
    assert len(set(found.subjects(RDF.type, URIRef(f"{SCHEMA}EducationalOrganization")))) == 60


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"status":"xy:white"', b'"standing":"xy:white"'),
        (b'"schema:EducationalOrganization"', b'"EducationalOrganisation"'),
        (b'"urn:xinyong:term:"', b'"urn:other:"'),
    ],
)
def test_linked_data_that_is_not_so_is_found(old: bytes, new: bytes, tmp_path: Path) -> None:
    whole = placed()
    raw = rendered(whole, tmp_path)
    assert old in raw
    found = graph(raw.replace(old, new, 1))
    organisations = set(found.subjects(RDF.type, URIRef(f"{SCHEMA}EducationalOrganization")))
    standing = set(found.subjects(URIRef(f"{TERM}status"), None))
    assert len(organisations & standing) < len(whole.listed)
