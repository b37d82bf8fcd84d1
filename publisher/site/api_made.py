"""What the API answers, made of the editions: the same for a program that asks and for the static export."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from publisher.edition import Entry, Manifest
from publisher.pages.words import plate
from publisher.site import api_values as values
from publisher.site.news import corrected
from publisher.site.store import OpenEdition, Store
from scoring.words import chinese


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


def institution_of(
    store: Store, edition: OpenEdition, id: str, today: date | None = None
) -> values.Institution | None:
    """One institution as an edition published it, or None; of the current one alerts run out by `today`."""
    line = edition.line(id)
    if line is None:
        return None
    on, past = edition.manifest.cut_off, edition.name != store.current().name
    return values.Institution(
        edition=ref_of(edition),
        past=past,
        **told(msgspec.json.decode(line, type=Entry), on, on if past else max(on, today or on)),
        entry=msgspec.Raw(line),
    )


def told(entry: Entry, on: date, now: date) -> dict[str, Any]:
    """What is said of an entry cut off on a day, with the alerts that run now, which come before all else."""
    running = [one for one in entry.alerts or () if one.until >= now]
    warned = max((one.issued_on for one in running), default=None)
    shown = plate(entry, on)
    return {
        "headline": shown.word,
        "sentence": f"{shown.before}{shown.date}{shown.after}",
        "means_not": f"这不表示{plate(entry, on, warned).means_not}",
        "alerts": tuple(
            f"{one.text.rstrip('。')}。有效期至 {chinese(one.until)}。" for one in running
        ),
    }


def history_of(store: Store, names: Sequence[str], id: str) -> tuple[values.HistoryLine, ...]:
    """What these editions said of an institution, and what was put right of it."""
    mended = {
        was.edition: (by, was.after) for by, one in corrected(store, id) for was in one.editions
    }
    return tuple(_said(store, name, id, *mended.get(name, ("", ""))) for name in names)


def _said(store: Store, name: str, id: str, by: str, after: str) -> values.HistoryLine:
    one = store.said(name, id)
    status: values.Said = msgspec.convert(one.status, values.Said)
    return values.HistoryLine(
        edition=name,
        released_on=store.manifest(name)[0].released_on,
        status=status,
        grade=one.grade,
        score="" if one.score is None else str(one.score),
        corrected_by=by,
        should_be=after,
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
