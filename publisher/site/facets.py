"""Going through the lists without a server: one thing at a time, each page a file; and what is compared, as scripts."""

import json
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from publisher.pages.sheet import grade_of
from publisher.pages.words import TAGS, grade_words, shown_status
from publisher.site.browsing import COLUMNS, compared, lines_of
from publisher.site.pages import page_of
from publisher.site.store import OpenEdition

A_FILE = 100


class Facet(Struct, frozen=True, kw_only=True):
    """One value of one thing to go by: the folder of its pages, its words, and how many it holds."""

    path: str
    word: str
    total: int
    where: str
    wanted: tuple[str, ...]


def facets(edition: OpenEdition) -> list[tuple[str, list[Facet]]]:
    """Everything one can go by, with its values: district, list, kind and grade."""
    names = {id: one.name for id, one in edition.places.items()}
    kinds = sorted(edition.groups("kind, subject"), key=lambda one: -one[2])
    return [
        (
            "区域",
            [
                _facet(f"d/{id}", names.get(id) or id, many, "jurisdiction = ?", id)
                for id, many in edition.groups("jurisdiction")
                if id
            ],
        ),
        (
            "名单",
            [
                _facet(f"standing/{key}", TAGS[key], many, "status = ?", key)
                for key, many in edition.groups("status")
            ],
        ),
        (
            "类别",
            [
                _facet(
                    f"kind/{number}",
                    "·".join(filter(None, (kind, subject))) or "没有写明",
                    many,
                    "kind = ? AND subject = ?",
                    kind,
                    subject,
                )
                for number, (kind, subject, many) in enumerate(kinds, 1)
            ],
        ),
        (
            "等级",
            [
                _facet(
                    f"grade/{grade}",
                    grade_words(grade, edition.policy.unrated),
                    many,
                    "grade = ?",
                    grade,
                )
                for grade, many in edition.groups("grade")
                if grade
            ],
        ),
    ]


def _facet(path: str, word: str, total: int, where: str, *wanted: str) -> Facet:
    return Facet(path=path, word=word, total=total, where=where, wanted=wanted)


def browse_files(edition: OpenEdition) -> Iterator[tuple[str, str]]:
    """The pages by their folders."""
    groups = facets(edition)
    common: dict[str, Any] = {"here": "lists", "groups": groups}
    total = sum(many for _, many in edition.groups("status"))
    yield (
        "browse",
        _page(edition, 1, title="全部机构", total=total, rows=[], before="", after="", **common),
    )
    for one in (one for _, some in groups for one in some):
        pages = max(1, -(-one.total // A_FILE))
        after = ""
        for number in range(1, pages + 1):
            query = (
                f"SELECT {COLUMNS} FROM institution WHERE {one.where} AND id > ? "  # noqa: S608 our own columns
                "ORDER BY id LIMIT ?"
            )
            rows = lines_of(edition, query, (*one.wanted, after, A_FILE))
            after = rows[-1].id if rows else after
            path = f"browse/{one.path}" + (f"/{number}" if number > 1 else "")
            yield (
                path,
                _page(
                    edition,
                    path.count("/") + 1,
                    title=f"{one.word}（第 {number} 页，共 {pages} 页）" if pages > 1 else one.word,
                    total=one.total,
                    rows=rows,
                    before=_way(one.path, number - 1, pages),
                    after=_way(one.path, number + 1, pages),
                    **common,
                ),
            )


def _way(path: str, number: int, pages: int) -> str:
    """The folder of a page, where there is one."""
    if not 1 <= number <= pages:
        return ""
    return f"browse/{path}/{number}/" if number > 1 else f"browse/{path}/"


def _page(edition: OpenEdition, deep: int, **more: Any) -> str:
    places = {id: one.name for id, one in edition.places.items()}
    values = {"up": "../" * deep}
    return page_of("static_browse.html", edition, values, places=places, **more)


def compare_script(edition: OpenEdition, id: str) -> str:
    """What is told of one institution side by side with others, as a script: a folder has no server to ask."""
    entry = edition.entry(id)
    if entry is None:
        return ""
    told = {
        "id": id,
        "name": entry.name,
        "status": shown_status(entry.rating.status, grade_of(entry), edition.policy.unrated),
        "rows": list(compared(edition, entry, {}).items()),
    }
    said = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"(globalThis.COMPARED ||= {{}})[{json.dumps(id)}] = {said};\n"
