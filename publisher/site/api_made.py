"""What the API answers, made of the editions: the same for a program that asks and for the static export."""

from collections.abc import Sequence

import msgspec

from publisher.edition import Entry, Manifest
from publisher.pages.words import plate
from publisher.site import api_values as values
from publisher.site.store import OpenEdition, Store


def ref(name: str, manifest: Manifest, digest: str) -> values.EditionRef:
    """The edition as answers name it."""
    return values.EditionRef(
        name=name,
        label=manifest.label,
        cut_off=manifest.cut_off,
        released_on=manifest.released_on,
        digest=digest,
    )


def ref_of(edition: OpenEdition) -> values.EditionRef:
    """An open edition as answers name it."""
    return ref(edition.name, edition.manifest, edition.digest)


def institution_of(store: Store, edition: OpenEdition, id: str) -> values.Institution | None:
    """One institution as an edition published it, or None."""
    line = edition.line(id)
    if line is None:
        return None
    shown = plate(msgspec.json.decode(line, type=Entry), edition.manifest.cut_off)
    return values.Institution(
        edition=ref_of(edition),
        past=edition.name != store.current().name,
        headline=shown.word,
        sentence=f"{shown.before}{shown.date}{shown.after}",
        means_not=f"这不表示{shown.means_not}",
        entry=msgspec.Raw(line),
    )


def history_of(store: Store, names: Sequence[str], id: str) -> tuple[values.HistoryLine, ...]:
    """What these editions said of an institution."""
    return tuple(_said(store, name, id) for name in names)


def _said(store: Store, name: str, id: str) -> values.HistoryLine:
    one = store.said(name, id)
    status: values.Said = msgspec.convert(one.status, values.Said)
    return values.HistoryLine(
        edition=name,
        released_on=store.manifest(name)[0].released_on,
        status=status,
        grade=one.grade,
        score="" if one.score is None else str(one.score),
    )


def editions_of(store: Store, names: Sequence[str]) -> tuple[values.EditionLine, ...]:
    """These editions with their counts."""
    items = []
    for name in names:
        manifest, digest = store.manifest(name)
        items.append(
            values.EditionLine(
                edition=ref(name, manifest, digest), policy=manifest.policy, counts=manifest.counts
            )
        )
    return tuple(items)


def edition_of(store: Store, name: str) -> values.EditionWhole:
    """One edition's manifest; raises KeyError."""
    manifest, digest = store.manifest(name)
    return values.EditionWhole(edition=ref(manifest.name, manifest, digest), manifest=manifest)


def statistics_of(edition: OpenEdition) -> values.Statistics:
    """The counts that were released with an edition."""
    return values.Statistics(edition=ref_of(edition), figures=edition.figures())
