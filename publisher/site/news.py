"""What has happened lately: releases, and corrections as prominent as what they correct."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from publisher.corrections import Correction, read_corrections
from publisher.data import OF_EDITION
from publisher.figures import LISTS, STATUSES, Figure, Row, written
from publisher.site.store import OpenEdition, Store
from publisher.site.track import order

LATELY = 4
MONTHS = 24


class News(Struct, frozen=True, kw_only=True):
    """One thing that happened: an edition was released, or with it a mistake was put right."""

    on: date
    edition: str
    label: str
    words: str = ""
    correction: Correction | None = None


class Mended(Struct, frozen=True, kw_only=True):
    """The corrections of an edition."""

    on: date
    edition: str
    label: str
    items: tuple[Correction, ...]


def mended(store: Store, until: OpenEdition) -> Iterator[Mended]:
    """The corrections of the editions of the last months, the newest first."""
    for name in _names(store, until):
        items = read_corrections(store.editions / name)
        if items:
            manifest, _ = store.manifest(name)
            yield Mended(on=manifest.released_on, edition=name, label=manifest.label, items=items)


def corrected(store: Store, institution: str) -> Iterator[tuple[str, Correction]]:
    """What was said of an institution wrongly, by the edition that says so, the newest first."""
    for name in store.names():
        mended = _mended(store.editions / name, store.tag(name))
        if institution in mended:
            yield name, mended[institution]


@lru_cache(maxsize=256)
def _mended(folder: Path, _tag: str) -> dict[str, Correction]:
    return {one.institution: one for one in read_corrections(folder)}


def news(store: Store, until: OpenEdition) -> Iterator[News]:
    """What the last editions brought, the newest first."""
    names = _names(store, until)
    for name in names[:LATELY]:
        manifest, _ = store.manifest(name)
        for one in read_corrections(store.editions / name):
            yield News(on=manifest.released_on, edition=name, label=manifest.label, correction=one)
        before = next((one for one in names if order(one) < order(name)), None)
        was = store.manifest(before)[0].counts if before else {}
        yield News(
            on=manifest.released_on,
            edition=name,
            label=manifest.label,
            words=_words(was, manifest.counts) if before else "第一版。",
        )


def _words(was: dict[str, int], now: dict[str, int]) -> str:
    said = []
    for key, word in zip(STATUSES[:3], LISTS, strict=False):
        by = now.get(key, 0) - was.get(key, 0)
        change = f"比上一版{'多' if by > 0 else '少'} {abs(by)} 家" if by else "家数没有变"
        said.append(f"{word} {now.get(key, 0):,} 家，{change}")
    return "；".join(said) + "。"


def months(store: Store, until: OpenEdition) -> Figure:
    """How many stood on which list in each of the last editions."""
    rows: list[Row] = []
    for name in reversed(_names(store, until)[:MONTHS]):
        counts = store.manifest(name)[0].counts
        spread = [counts.get(key, 0) for key in STATUSES]
        rows.append((name, *spread, sum(spread)))
    return Figure(
        name="months",
        title="历次名单的家数",
        note="按发布当时的名单，含增补的版次；后来撤回和更正的不回头改数。",
        shape="stack",
        columns=("版次", *LISTS, "合计"),
        rows=tuple(rows),
    )


def months_csv(store: Store, until: OpenEdition) -> bytes:
    """The same as CSV, each line with the digest of the edition that it is counted from."""
    figure = months(store, until)
    rows = ((*row, store.manifest(str(row[0]))[1]) for row in figure.rows)
    return written((*figure.columns, OF_EDITION["digest"]), rows)


def _names(store: Store, until: OpenEdition) -> list[str]:
    return [one for one in store.names() if order(one) <= order(until.name)]
