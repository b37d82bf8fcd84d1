"""`names.js`: what the browser searches in the exported site, which has no server, or lies in a folder."""

import json
from functools import cache

from publisher.filing import NAMES, read
from publisher.grams import normalise
from publisher.pages.words import TAGS, shown_status
from publisher.removals import Removal
from publisher.site.search.near import spelled
from publisher.site.store import OpenEdition
from publisher.sounds import readings


def names(edition: OpenEdition) -> str:
    """Every institution with what it is found by, how that sounds, and what is needed to hear a query."""
    query = (
        "SELECT id, name, code, jurisdiction, address, status, grade, lines "
        "FROM institution JOIN wording USING (number) ORDER BY id"
    )
    rows = []
    signs: set[str] = set()
    for id, name, code, place, address, status, grade, text in edition.lookup.execute(query):
        lines = [read(one) for one in text.split("\n") if one]
        called = [spelled(one.plain) for one in lines if one.kind in NAMES]
        signs.update(*(one.plain for one in lines))
        rows.append(
            {
                "id": id,
                "name": name,
                "place": edition.places[place].name if place in edition.places else "",
                "address": address,
                "status": shown_status(status, grade, edition.policy.unrated),
                "plain": "\n".join([*(one.plain for one in lines), code.casefold(), normalise(id)]),
                "sound": "\n".join(one.sound for one in called),
                "initials": "\n".join(one.initials for one in called),
            }
        )
    rows += [_gone(one, edition) for one in edition.gone()]
    told = {"labels": TAGS, "simple": _simple(signs), "sounds": _sounds(), "rows": rows}
    said = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return f"globalThis.NAMES = {said};\n"


def _gone(one: Removal, edition: OpenEdition) -> dict[str, str]:
    """Whoever was withdrawn and is still told: found by name and number, and nothing more is said."""
    place = edition.places.get(one.jurisdiction)
    called = spelled(normalise(one.name))
    return {
        "id": one.institution,
        "name": one.name,
        "place": place.name if place else "",
        "address": "",
        "status": "gone",
        "plain": f"{normalise(one.name)}\n{normalise(one.institution)}",
        "sound": called.sound,
        "initials": called.initials,
    }


def _simple(signs: set[str]) -> dict[str, str]:
    """The other spellings of the signs of names, as traditional characters are."""
    found = {chr(code): normalise(chr(code)) for code in range(0x4E00, 0x9FA6)}
    return {one: plain for one, plain in found.items() if one != plain and plain in signs}


@cache
def _sounds() -> dict[str, str]:
    """Of the characters that everyone writes (GB 2312, first level), those of each syllable."""
    found: dict[str, str] = {}
    for row in range(0xB0, 0xD8):
        for sign in bytes(one for cell in range(0xA1, 0xFF) for one in (row, cell)).decode(
            "gb2312", "ignore"
        ):
            first = readings(sign)[0]
            found[first] = found.get(first, "") + sign
    return found
