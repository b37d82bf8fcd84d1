"""Who may be registered already: institutions alike in code, number, name, former name, sound or address."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import Session, SQLModel

from registry import tables
from registry.alike import (
    Words,
    address,
    core,
    folded,
    may_be_one_area,
    one_sign_apart,
    same_address,
    sound,
)
from registry.queries.files import name_on, names_on, profile_on, valid

CODE, NUMBER = "统一社会信用代码相同", "许可证号或者登记证号相同"
NAME, FORMER = "名称相同", "和它的曾用名或者其他名称相同"
CORE, SOUND = "同一区县，除去地名和通用词后名称相同", "同一区县，名称读音相同"
PLACE, BUILDING = "地址相同", "在同一门牌，名称只差一个字"
_OWN: tuple[type[SQLModel], ...] = (
    tables.Profile,
    tables.Name,
    tables.Premises,
    tables.Registration,
    tables.Licence,
)


class Described(Struct, frozen=True, kw_only=True):
    """What is known of an institution that may be one of the register's.

    Names are registered by district, so that a core in common means something within one only; without a
    jurisdiction it is looked for in all.
    """

    names: tuple[str, ...]
    jurisdiction: str = ""
    addresses: tuple[str, ...] = ()
    code: str = ""
    numbers: tuple[str, ...] = ()


def described(form: Any) -> Described:
    """What a sheet of a new institution says of who it is."""
    return Described(
        names=(form.name, *(one.text for one in form.names)),
        jurisdiction=form.jurisdiction,
        addresses=tuple(
            one for one in (form.address, *(place.address for place in form.premises)) if one
        ),
        code=form.code,
        numbers=tuple(one for one in (form.registration_no, form.licence_no) if one),
    )


def holders_of(session: Session, number: str, but: str) -> list[str]:
    """The other institutions a licence's number stands for, in order."""
    query = sa.select(*SQLModel.metadata.tables["licence"].c)
    rows = valid(session.connection().execute(query).all())
    wanted = folded(number)
    return sorted({one.institution for one in rows if folded(one.number) == wanted} - {but})


class Candidate(Struct, frozen=True, kw_only=True):
    """An institution of the register that may be the same, and why, the strongest reason first."""

    id: str
    name: str
    jurisdiction: str
    status: str
    address: str
    code: str
    why: tuple[str, ...]


class Alikes:
    """The register's institutions by everything that makes two of them alike; read once, asked often."""

    def __init__(self, session: Session, on: date, words: Words) -> None:
        self.words = words
        self.known: dict[str, Candidate] = {}
        self.keys: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.described: dict[str, Described] = {}
        own: dict[str, dict[type[SQLModel], list[Any]]] = defaultdict(
            lambda: {table: [] for table in _OWN}
        )
        for table in _OWN:
            columns = SQLModel.metadata.tables[str(table.__tablename__)].c
            for row in session.connection().execute(sa.select(*columns)):
                own[row.institution][table].append(row)
        for id, rows in own.items():
            self._take(id, rows, on)

    def find(self, asked: Described, but: str = "") -> list[Candidate]:
        """The institutions alike, the likeliest first; `but` is the institution that asks."""
        why: dict[str, list[str]] = defaultdict(list)
        for reason, key in _keys(asked, self.words):
            for id in self.keys.get((_KIND[reason], key), ()):
                if id != but and reason not in why[id] and self._holds(reason, asked, id):
                    why[id].append(reason)
        found = [
            Candidate(**{**_fields(self.known[id]), "why": _shown(reasons)})
            for id, reasons in why.items()
            if reasons
        ]
        return sorted(found, key=lambda one: (_ORDER[one.why[0]], -len(one.why), one.id))

    def _take(self, id: str, rows: dict[type[SQLModel], list[Any]], on: date) -> None:
        profile = profile_on(rows[tables.Profile], on)
        names = names_on(rows[tables.Name], on)
        places = [one.address for one in valid(rows[tables.Premises])]
        codes = [one.code for one in valid(rows[tables.Registration]) if one.code]
        numbers = [one.number for one in valid(rows[tables.Registration]) if one.number]
        numbers += [one.number for one in valid(rows[tables.Licence]) if one.number]
        current = name_on(names, on)
        self.known[id] = Candidate(
            id=id,
            name=current,
            jurisdiction=profile.jurisdiction if profile else "",
            status=profile.status if profile else "active",
            address="；".join(places),
            code=codes[-1] if codes else "",
            why=(),
        )
        texts = (current, *(one.text for one in names if one.text != current))
        own = Described(
            names=texts,
            jurisdiction=self.known[id].jurisdiction,
            addresses=tuple(places),
            numbers=tuple(numbers),
        )
        self.described[id] = own
        for reason, key in _keys(own, self.words):
            self.keys[_KIND[reason], key].add(id)
        for code in codes:
            self.keys["code", folded(code)].add(id)

    def _holds(self, reason: str, asked: Described, id: str) -> bool:
        """Whether a key that two have in common means what it says of these two."""
        other = self.described[id]
        mine, theirs = folded(asked.names[0]), folded(other.names[0])
        if reason == NAME:
            return mine == theirs
        if reason == FORMER:
            return mine != theirs
        near = not asked.jurisdiction or asked.jurisdiction == other.jurisdiction
        if reason == CORE:
            return near and mine != theirs
        if reason == SOUND:
            return near and core(asked.names[0], self.words) != core(other.names[0], self.words)
        pairs = [(one, two) for one in asked.addresses for two in other.addresses]
        if reason == PLACE:
            return any(same_address(one, two) for one, two in pairs)
        if reason == BUILDING:
            there = any(
                may_be_one_area(address(one), address(two))
                for one, two in pairs
                if address(one).building == address(two).building
            )
            cores = core(asked.names[0], self.words), core(other.names[0], self.words)
            return there and one_sign_apart(*cores)
        return True


_KIND = {
    CODE: "code",
    NUMBER: "number",
    NAME: "name",
    FORMER: "name",
    CORE: "core",
    SOUND: "sound",
    PLACE: "place",
    BUILDING: "building",
}
_ORDER = {reason: order for order, reason in enumerate(_KIND)}


def _keys(one: Described, words: Words) -> Iterable[tuple[str, str]]:
    """Every key of an institution with the reason it stands for; an empty one is none."""
    found = [(CODE, folded(one.code))]
    found += [(NUMBER, folded(number)) for number in one.numbers]
    for text in one.names:
        found += [(NAME, folded(text)), (FORMER, folded(text))]
    first = core(one.names[0], words) if one.names else ""
    # A slip of the pen may be in the place or the ending too, so the whole is heard as well.
    found += [(CORE, first), (SOUND, sound(first)), (SOUND, sound(folded("".join(one.names[:1]))))]
    for text in one.addresses:
        found += [(PLACE, address(text).rest), (BUILDING, address(text).building)]
    return [(reason, key) for reason, key in found if key]


def _shown(reasons: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(reasons), key=_ORDER.__getitem__))


def _fields(one: Candidate) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}
