"""Feeds at addresses that stay: of the city, of a jurisdiction, of one institution; made on request from the editions."""

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException

from publisher.changes import Change, Changes, why_of, withdrawal
from publisher.edition import folder_of
from publisher.feed import Issued, Where, feed, institution_feed, issued_of
from publisher.listed import Listed
from publisher.site.answers import SECURITY, Visit, store_of
from publisher.site.app import MEDIA
from publisher.site.store import OpenEdition, Store

ALL = "all"
_ROW = "SELECT status, grade FROM institution WHERE id = ?"


@get("/feed/{file:str}", sync_to_thread=False)
def city_feed(request: Visit, file: str) -> Response[Any]:
    """The newest edition's changes: `all.atom`, or those of one jurisdiction by its number."""
    store = store_of(request)
    place = _stem(file)
    return _answer(request, subscription(store, "" if place == ALL else place))


@get("/feed/i/{file:str}", sync_to_thread=False)
def one_feed(request: Visit, file: str) -> Response[Any]:
    """Every change of one institution by its number."""
    return _answer(request, institution_changes(store_of(request), _stem(file)))


def subscription(store: Store, place: str) -> bytes | None:
    """The feed to subscribe to, which leads back through every edition's own (RFC 5005); None for no such place."""
    edition = store.current()
    if place and place not in edition.places:
        return None
    raw = (edition.folder / "changes.json").read_bytes()
    last = folder_of(store.editions, edition.manifest.previous)
    gone = {one.institution for one in edition.removals}
    withdrawn = {id: one for id in sorted(gone) if (one := edition.withdrawn(id)) is not None}
    issued = issued_of(edition, last, withdrawn)
    where = Where(
        own=f"{place or ALL}.atom",
        edition=f"../editions/{edition.name}/",
        editions="../editions/",
        site="../",
        is_archive=False,
    )
    # Against nothing everything is new; the first edition tells of itself.
    changed = msgspec.json.decode(raw, type=Changes).changes if last else ()
    return feed(issued, changed, place, where)


def institution_changes(store: Store, institution: str) -> bytes | None:
    """The feed of one institution; None for a number that no edition has."""
    told = list(_told(store, institution))[::-1]
    if not told:
        return None
    where = Where(
        own=f"{institution}.atom",
        edition="",
        editions="../../editions/",
        site="../../",
        is_archive=False,
    )
    return institution_feed(institution, told[0][1].name, told, where)


def _told(store: Store, institution: str) -> Iterator[tuple[Issued, Change]]:
    """What each edition changed of it, the oldest first.

    Where an edition between has it not, its line was withdrawn there, and nothing is told; where the newest ones
    have it not, it was withdrawn, or is gone, or so long ago that nobody can tell.
    """
    last: Change | None = None
    gone: list[OpenEdition] = []
    for name in reversed(store.names()):
        edition = store.edition(name)
        row = edition.lookup.execute(_ROW, (institution,)).fetchone()
        if row is None:
            gone.append(edition)
            continue
        gone.clear()
        now = f"{row[0]} {row[1]}"
        if last is None or now != last.after:
            last = _change(edition, institution, last.after if last else "", now)
            yield _issued(edition), last
    told = ((one, _end(one, institution, last)) for one in gone)
    yield from islice(((_issued(one), end) for one, end in told if end), 1)


def _end(edition: OpenEdition, institution: str, last: Change | None) -> Change | None:
    """What an edition without an entry says of it: nothing where it was not there before, or nobody can tell."""
    removal = edition.withdrawn(institution)
    if removal is not None:
        return withdrawal(removal, last.after if last else "")
    if last is None or edition.lacks(institution) == "unsaid":
        return None
    why = "现行版次里没有这家机构"
    return msgspec.structs.replace(last, kind="removed", before=last.after, after="", why=why)


def _change(edition: OpenEdition, institution: str, before: str, now: str) -> Change:
    one = msgspec.json.decode(edition.line(institution) or b"", type=Listed)
    return Change(
        kind="changed" if before else "added",
        institution=institution,
        name=one.name,
        jurisdiction=one.jurisdiction,
        before=before,
        after=now,
        why=why_of(one),
    )


def _issued(edition: OpenEdition) -> Issued:
    return Issued(
        manifest=edition.manifest,
        digest=edition.digest,
        unrated=edition.unrated,
        withdrawn={one.institution: one.on for one in edition.gone()},
    )


def _stem(file: str) -> str:
    path = PurePosixPath(file)
    if path.suffix != ".atom":
        raise NotFoundException("没有这个订阅")
    return path.stem


def _answer(request: Visit, made: bytes | None) -> Response[Any]:
    """The feed, or 304 when the reader has exactly this one."""
    if made is None:
        raise NotFoundException("没有这个订阅")
    tag = f'"{sha256(made).hexdigest()[:32]}"'
    headers = {**SECURITY, "ETag": tag, "Cache-Control": "no-cache"}
    asked = request.headers.get("If-None-Match", "")
    if tag in {one.strip().removeprefix("W/") for one in asked.split(",")}:
        return Response(None, status_code=304, headers=headers)
    return Response(made, media_type=MEDIA[".atom"], headers=headers)


FEEDS = (city_feed, one_feed)
