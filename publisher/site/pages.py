"""What the site's pages hold: values of the current edition, rendered with relative links."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from publisher.edition import Jurisdiction, Manifest
from publisher.grams import normalise
from publisher.pages import render
from publisher.pages.bars import bars
from publisher.pages.bars import said as bars_said
from publisher.pages.gone import gone_sentence
from publisher.pages.tiles import Place, tiles
from publisher.places import forms
from publisher.print.lines import phrases
from publisher.print.seal import grouped
from publisher.removals import Removal
from publisher.site.cards import cards
from publisher.site.english import MEANINGS, TAGS, english_day
from publisher.site.news import mended, months, news
from publisher.site.openapi import document
from publisher.site.search import search, sought
from publisher.site.store import OpenEdition, Store
from scoring.words import score_range

LONGEST = 100  # of a query
_HAN = re.compile("[\u4e00-\u9fff]+")
MADE_OF = {
    "standing": "得分是基础分{moves}当天仍在计分的各项，一事不两{taken}，各项有上限。",
    "inspection": "得分是基础分{moves}最近一次检查中的各项。",
    "measures": "得分是最近一次检查各分项之和。",
}


def landing(store: Store, edition: OpenEdition, values: dict[str, Any]) -> str:
    """The first page: the search, the counts, the districts and what happened lately."""
    counts = edition.counts()
    total = Counter[str]()
    for many in counts.values():
        total.update(many)
    jurisdictions = edition.manifest.jurisdictions
    # Whoever is still of a district that is no more is in the sum, and so in a row of its own.
    rest = [
        Jurisdiction(id=id, name=f"区域 {id}" if id else "没有写明", organ="")
        for id in counts
        if id not in edition.places
    ]
    places: dict[str, Place] = values.get("places", {})
    return page_of(
        "landing.html",
        edition,
        values,
        here="search",
        total=total.total(),
        counts=total,
        places=[(one, counts.get(one.id, {})) for one in (*jurisdictions, *rest)],
        figure=tiles(jurisdictions, counts, places, values.get("city", "")),
        link=_way(edition, values),
        tries=list(_tries(edition)),
        news=list(news(store, edition)),
        mended=list(mended(store, edition)),
    )


def _way(edition: OpenEdition, values: dict[str, Any]) -> Callable[[str], str]:
    """Where a district leads: to all its institutions; among files, to the page that lists them, if it has any."""
    up = values["up"]
    if values.get("live"):
        return lambda id: f"{up}browse/?d={quote(id)}"
    held = {place for place, many in edition.counts().items() if many}
    return lambda id: f"{up}browse/d/{quote(id)}/" if id and id in held else f"{up}browse/"


def statistics(store: Store, edition: OpenEdition, values: dict[str, Any]) -> str:
    """The counts of an edition and of those before it, drawn, each with its table and its file."""
    own = f"editions/{edition.name}/figures"
    figures = [
        (one, bars_said(one), bars(one), f"{own}/{one.name}.csv") for one in edition.figures()
    ]
    line = months(store, edition)
    figures.insert(1, (line, bars_said(line), bars(line), "statistics/months.csv"))
    return page_of("statistics.html", edition, values, here="lists", figures=figures)


def found(edition: OpenEdition, query: str, place: str, values: dict[str, Any]) -> str:
    """What a search found."""
    query = sought(query[:LONGEST])
    answer = search(edition, query, place)
    gone = list(called_so(edition, query))
    # Whoever is of a place that is no longer told of is shown without it.
    names = defaultdict(str, {id: one.name for id, one in edition.places.items()})
    return page_of(
        "found.html",
        edition,
        values,
        here="search",
        answer=answer,
        place=place,
        names=names,
        gone=gone,
        cards=cards,
    )


def english_find(edition: OpenEdition, query: str, values: dict[str, Any]) -> str:
    """The search in English words, for those who read no Chinese; the register's own words stay as they are."""
    up, query = values["up"], sought(query[:LONGEST])
    return page_of(
        "english_find.html",
        edition,
        values,
        here="search",
        finding=True,
        chinese_page=f"{up}search/?q={quote(query)}" if query else up,
        answer=search(edition, query, "") if values.get("live") else None,
        gone=[one for one, _ in called_so(edition, query)],
        names={id: one.name for id, one in edition.places.items()},
        words=TAGS,
        meanings=MEANINGS,
        on=english_day(edition.manifest.cut_off),
    )


def called_so(edition: OpenEdition, query: str) -> Iterator[tuple[Removal, str]]:
    """Whoever was withdrawn from the edition and is called so: known to the register, though not shown."""
    words = [one for one in map(normalise, query.split()) if one]
    for removal in edition.gone() if words else ():
        known = (normalise(removal.name), normalise(removal.institution))
        if all(any(word in one for one in known) for word in words):
            yield removal, gone_sentence(removal)


def editions(store: Store, edition: OpenEdition, values: dict[str, Any]) -> str:
    """All editions, the newest first."""
    return page_of(
        "editions.html",
        edition,
        values,
        here="lists",
        editions=list(_editions(store)),
        unrated=edition.unrated,
        mended=list(mended(store, edition)),
    )


def method(edition: OpenEdition, values: dict[str, Any]) -> str:
    """The policy of the edition as people read it."""
    policy = edition.policy
    # Where fewer is better faults add up, and the more there is the worse it is.
    moves, taken = ("减去", "扣") if policy.scale.better == "higher" else ("加上", "记")
    return page_of(
        "method.html",
        edition,
        values,
        here="method",
        policy=policy,
        bands=[(one, score_range(one)) for one in policy.bands],
        made_of=MADE_OF[policy.scale.made_of].format(moves=moves, taken=taken),
        taken=taken,
    )


def api(edition: OpenEdition, values: dict[str, Any], whole: dict[str, Any] | None = None) -> str:
    """How programs read the lists: the API's own description, as a page."""
    whole = whole or document()
    operations = [
        (path, item["get"], _example(item["get"])) for path, item in whole["paths"].items()
    ]
    return page_of(
        "api.html", edition, values, version=whole["openapi"], operations=operations, how=_how
    )


def _example(operation: dict[str, Any]) -> str:
    content = operation["responses"]["200"]["content"]["application/json"]
    return json.dumps(content["example"], ensure_ascii=False, indent=1)


def _how(schema: dict[str, Any]) -> str:
    """How the value of a parameter is written."""
    if "enum" in schema:
        return "、".join(schema["enum"])
    if "maximum" in schema:
        return f"{schema['minimum']} 到 {schema['maximum']} 的整数"
    return "年-月-日" if schema.get("format") == "date" else "文字"


def report(edition: OpenEdition, values: dict[str, Any]) -> str:
    """Whom to turn to, where no complaint can be handed in."""
    filled = {"institution": "", "kind": ""}
    more: dict[str, Any] = {
        "open": False,
        "problems": {},
        "filled": filled,
        "kinds": {},
        "name": "",
    }
    return page_of("report.html", edition, values, here="report", ticket="", **more)


def unregistered(
    edition: OpenEdition,
    values: dict[str, Any],
    filled: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
    ticket: str = "",
) -> str:
    """How somebody is reported whom the lists do not hold; without a ticket, whom to tell."""
    empty = dict.fromkeys(("jurisdiction", "named", "address", "text", "contact"), "")
    return page_of(
        "unregistered.html",
        edition,
        values,
        here="report",
        ticket=ticket,
        filled={**empty, **(filled or {})},
        problems=problems or {},
    )


def plain(template: str, edition: OpenEdition, values: dict[str, Any], here: str = "") -> str:
    """A page that needs nothing but its edition."""
    return page_of(template, edition, values, here=here)


def release_of_pages() -> str:
    """A short digest of what makes the pages: with the editions it tells two pages apart."""
    here = (render.FOLDER, Path(__file__).parent)
    parts = sorted(path for folder in here for path in folder.iterdir() if path.is_file())
    made = b"".join(path.read_bytes() for path in parts) + render.version().encode()
    return sha256(made).hexdigest()[:8]


def page_of(template: str, edition: OpenEdition, values: dict[str, Any], **more: Any) -> str:
    return render.page(
        template, **{**edition.about, "sheets": f"{values['up']}static/", **values, **more}
    )


def _tries(edition: OpenEdition) -> Iterator[str]:
    """Examples that find something in this very edition: of the first name with a word of its own, or the first."""
    query = "SELECT name, address, jurisdiction FROM institution WHERE status = 'white' LIMIT 50"
    rows = [row for row in edition.lookup.execute(query) if len(normalise(row[0])) > 1]
    told = (row for row in rows if _HAN.fullmatch(row[0]) and len(phrases(row[0])) > 1)
    chosen = next(told, rows[0] if rows else None)
    if chosen is None:
        return
    name, address, place = chosen
    parts = phrases(name)
    core = next((one for one in parts[1:] if len(one) > 1), parts[0])
    where = forms(edition.places[place].name)[-1] if place in edition.places else ""
    yield f"{where} {core}".strip()
    yield core
    if address:
        yield address


def _editions(store: Store) -> Iterator[tuple[str, Manifest, str]]:
    for name in store.names():
        manifest, digest = store.manifest(name)
        yield name, manifest, grouped(digest)


def public_key(editions: Path) -> bytes | None:
    """The key with which a stranger checks a signature."""
    file = editions / "bureau.pub"
    return file.read_bytes() if file.exists() else None
