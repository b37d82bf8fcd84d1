"""The API, version 1: the released editions for programs, without a key; every answer names its edition."""

from datetime import date
from typing import Any

import msgspec
from litestar import Response, Router, get
from litestar.exceptions import NotFoundException

from publisher.edition import is_name
from publisher.pages.chart import GAPS
from publisher.pages.gone import gone_sentence
from publisher.site import api_values as values
from publisher.site.answers import (
    ABROAD,
    FOREVER,
    Visit,
    site_of,
    state_of,
    store_of,
    takes_gzip,
)
from publisher.site.api_made import (
    edition_of,
    editions_of,
    history_of,
    institution_of,
    ref_of,
    statistics_of,
)
from publisher.site.asked import Asked, write_cursor
from publisher.site.openapi import document
from publisher.site.search import search
from publisher.site.shelf import is_known, packed
from publisher.site.store import OpenEdition
from publisher.site.track import order

# Where an institution was never known, or nobody is told any more whose entry it was.
NOT_SAID = frozenset(GAPS) - {"gone"}

STATUSES = ("white", "watch", "black", "none", "new")
COLUMNS = "id, name, jurisdiction, code, address, kind, subject, status, grade, score"
FILTERS = {
    "jurisdiction": "jurisdiction",
    "kind": "kind",
    "subject": "subject",
    "status": "status",
    "grade": "grade",
}
PACKED_FROM = 1000
# What comes before every edition.
BEFORE_ALL = "0000-00"


def sent(
    request: Visit, value: Any, *, forever: bool = False, daily: bool = False
) -> Response[bytes]:
    """The value as JSON with a tag, or 304 when the program has it; what never changes is kept for a year.

    What is `daily` may be another tomorrow though no edition comes out: an alert ends with its last day.
    """
    site = site_of(request)
    body = msgspec.json.encode(value)
    tag = f"{state_of(site) if daily else site.store.state()}-{site.pages}"
    headers = {
        **ABROAD,
        "ETag": f'W/"{tag}"',
        "Cache-Control": FOREVER if forever else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if is_known(request.headers, tag):
        return Response(b"", status_code=304, headers=headers)
    if len(body) > PACKED_FROM and takes_gzip(request.headers.get("accept-encoding", "")):
        body, headers["Content-Encoding"] = packed(body), "gzip"
    return Response(body, media_type="application/json", headers=headers)


@get("/openapi.json", sync_to_thread=False)
def openapi(request: Visit) -> Response[bytes]:
    """The description of this API (OpenAPI 3.1)."""
    Asked(request).done()
    return sent(request, document())


@get("/search", sync_to_thread=False)
def find(request: Visit) -> Response[bytes]:
    """What a search finds in the current edition."""
    asked = Asked(request, "q", "jurisdiction")
    query, place = asked.text("q", needed=True), asked.text("jurisdiction")
    asked.done()
    edition = store_of(request).current()
    asked.known("jurisdiction", list(edition.places))
    asked.done()
    found = search(edition, query, place)
    items = tuple(
        msgspec.convert(one, values.FoundLine, from_attributes=True) for one in found.hits
    )
    value = values.Search(
        edition=ref_of(edition),
        query=query,
        total=found.total,
        more=found.many,
        alike=found.alike,
        guessed=found.guessed,
        near=found.near,
        items=items,
    )
    return sent(request, value)


@get("/institutions", sync_to_thread=False)
def institutions(request: Visit) -> Response[bytes]:
    """Institutions by district, kind, list and grade, a page at a time."""
    asked = Asked(request, *FILTERS, "as_of", "limit", "cursor")
    wanted = {name: asked.text(name) for name in FILTERS if name in asked.given}
    asked.one_of("status", STATUSES)
    limit, cursor = asked.limit(), asked.cursor(2)
    asked.day("as_of")
    asked.done()
    edition = _there(asked.edition(cursor))
    _narrowed(asked, edition)
    where = "".join(f" AND {FILTERS[name]} = ?" for name in wanted)
    query = f"SELECT {COLUMNS} FROM institution WHERE id > ?{where} ORDER BY id LIMIT ?"  # noqa: S608 our own columns
    after = cursor[1] if cursor else ""
    rows = edition.browse.execute(query, (after, *wanted.values(), limit + 1)).fetchall()
    items = tuple(
        msgspec.convert(
            dict(zip(values.InstitutionLine.__struct_fields__, row, strict=True)),
            values.InstitutionLine,
        )
        for row in rows[:limit]
    )
    more = write_cursor(edition.name, items[-1].id) if len(rows) > limit else None
    value = values.Institutions(edition=ref_of(edition), items=items, next=more)
    return sent(request, value)


def _narrowed(asked: Asked, edition: OpenEdition) -> None:
    """Whatever the list is narrowed to has to be known to the edition: a slip is no empty list."""
    asked.known("jurisdiction", list(edition.places))
    for name in ("kind", "subject"):
        asked.known(name, [value for value, _ in edition.groups(name)])
    unrated = edition.policy.unrated
    grades = [one.grade for one in edition.policy.bands] + [unrated.grade, unrated.suspended_grade]
    asked.known("grade", list(dict.fromkeys([*grades, *(g for g, _ in edition.groups("grade"))])))
    asked.done()


@get("/institutions/{id:str}", sync_to_thread=False)
def institution(request: Visit, id: str) -> Response[bytes]:
    """One institution, today or as it was published on a day."""
    asked = Asked(request, "as_of")
    edition = _there(asked.edition())
    value = institution_of(store_of(request), edition, id, site_of(request).today())
    if value is None:
        label, removal = edition.manifest.label, edition.withdrawn(id)
        raise NotFoundException(
            f"{label}里编号“{id}”的条目已依法撤下：{gone_sentence(removal)}"
            if removal is not None
            else f"{label}里没有编号“{id[:40]}”。请查编号是否写对。"
        )
    return sent(request, value, daily=True)


@get("/institutions/{id:str}/history", sync_to_thread=False)
def history(request: Visit, id: str) -> Response[bytes]:
    """What the editions said of an institution, the newest first."""
    asked = Asked(request, "limit", "cursor")
    limit, cursor = asked.limit(), asked.cursor(1)
    asked.done()
    store = store_of(request)
    names = [one for one in store.names() if not cursor or order(one) < order(cursor[0])]
    items = history_of(store, names[:limit], id)
    known = any(one.status not in NOT_SAID for one in items)
    said = (store.said(name, id).status for name in store.names())
    if not known and all(one in NOT_SAID for one in said):
        raise NotFoundException(f"各版名单里都没有编号“{id[:40]}”。请查编号是否写对。")
    more = write_cursor(names[limit - 1]) if len(names) > limit else None
    return sent(request, values.History(institution=id, items=items, next=more))


@get("/editions", sync_to_thread=False)
def editions(request: Visit) -> Response[bytes]:
    """The editions, the newest first, a page at a time."""
    asked = Asked(request, "limit", "cursor")
    limit, cursor = asked.limit(), asked.cursor(1)
    asked.done()
    store = store_of(request)
    names = [one for one in store.names() if not cursor or order(one) < order(cursor[0])]
    items = editions_of(store, names[:limit])
    more = write_cursor(names[limit - 1]) if len(names) > limit else None
    return sent(request, values.Editions(items=items, next=more))


@get("/editions/{name:str}", sync_to_thread=False)
def edition(request: Visit, name: str) -> Response[bytes]:
    """One edition's manifest, which never changes."""
    Asked(request).done()
    store = store_of(request)
    try:
        value = edition_of(store, store.current().name if name == "current" else name)
    except KeyError:
        raise NotFoundException(
            f"没有版次“{name[:40]}”。请用 /api/v1/editions 查有哪些。"
        ) from None
    return sent(request, value, forever=name != "current")


@get("/changes", sync_to_thread=False)
def changes(request: Visit) -> Response[bytes]:
    """What the editions after one, or after a day, changed; the oldest first, a page at a time."""
    asked = Asked(request, "since", "limit", "cursor")
    limit, cursor = asked.limit(), asked.cursor(3, BEFORE_ALL)
    since = cursor[0] if cursor else _since(asked)
    begin, at = _place(asked, cursor)
    asked.done()
    store = store_of(request)
    last = store.current().name
    names = [one for one in reversed(store.names()) if order(since) < order(one) <= order(last)]
    items: list[values.ChangeLine] = []
    more: str | None = None
    for name in names:
        if order(name) < order(begin):
            continue
        released_on: date = store.manifest(name)[0].released_on
        found = store.edition(name).changes()
        start = at if name == begin else 0
        room = limit - len(items)
        items += [
            values.ChangeLine(edition=name, released_on=released_on, change=one)
            for one in found[start : start + room]
        ]
        if start + room < len(found):
            more = write_cursor(since, name, str(start + room))
            break
    value = values.ChangesSince(since=since, until=last, items=tuple(items), next=more)
    return sent(request, value)


def _since(asked: Asked) -> str:
    """The edition after which changes are wanted, by its name or by a day."""
    said, names = asked.given.get("since", BEFORE_ALL), asked.site.store.names()
    if said in (*names, BEFORE_ALL):
        return said
    if len(said) == 10:
        day = asked.day("since")
        found = asked.site.store.in_force(day) if day else None
        # Before the first edition there was none: everything is a change.
        return found.name if found else BEFORE_ALL
    if is_name(said):
        asked.missing("since", said, f"没有版次“{said}”。请用 /api/v1/editions 查有哪些。")
    else:
        asked.fault("since", said, "参数“since”请写版次（如 2026-10）或者日期（如 2026-10-31）。")
    return BEFORE_ALL


def _place(asked: Asked, cursor: tuple[str, ...]) -> tuple[str, int]:
    if not cursor:
        return BEFORE_ALL, 0
    if cursor[1] not in asked.site.store.names() or not cursor[2].isdecimal():
        said = asked.given.get("cursor", "")
        asked.missing("cursor", said, "没有这一页。参数“cursor”请照抄上一页的 next，或者不写。")
        return BEFORE_ALL, 0
    return cursor[1], int(cursor[2][:9])


@get("/statistics", sync_to_thread=False)
def statistics(request: Visit) -> Response[bytes]:
    """The counts that were released with the edition of a day."""
    asked = Asked(request, "as_of")
    edition = _there(asked.edition())
    return sent(request, statistics_of(edition))


def _there(edition: OpenEdition | None) -> OpenEdition:
    if edition is None:
        raise NotFoundException("那一天还没有发布过名单。请写第一版发布以后的日期。")
    return edition


def api_router() -> Router:
    """Everything under `/api/v1`."""
    return Router(
        path="/api/v1",
        route_handlers=[
            openapi,
            find,
            institutions,
            institution,
            history,
            editions,
            edition,
            changes,
            statistics,
        ],
    )
