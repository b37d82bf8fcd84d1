"""What the register already knows, so that a row finds its institution and nothing is taken in twice."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any, Protocol

from msgspec import Struct
from sqlmodel import Session, col, select

from registry import tables
from registry.acts.matters import WEEKENDS_ONLY
from registry.alike import Words
from registry.calendar import Calendar
from registry.errors import FormRefused
from registry.forms import (
    AnnualInspectionForm,
    CoverSheet,
    CustodyForm,
    CustodyReportForm,
    InspectionSheet,
    InstitutionLine,
    LicenceSheet,
    PastFindingSheet,
    parse_day,
)
from registry.forms.fields import Form
from registry.identity import read_code, read_institution_id
from registry.importing.columns import ColumnMap, key
from registry.importing.owners import Owners, Wrongs
from registry.importing.rows import Values
from registry.importing.standing import STANDING, Change, Duties, Twin, differing
from registry.queries.desk import jurisdictions
from registry.queries.duplicates import NUMBER, Alikes, described
from registry.queries.held import held_now

FORMS: dict[str, type[Form]] = {
    "institutions": InstitutionLine,
    "inspections": InspectionSheet,
    "findings": PastFindingSheet,
    "covers": CoverSheet,
    "licences": LicenceSheet,
    "custody-accounts": CustodyForm,
    "custody-reports": CustodyReportForm,
    "annual-inspections": AnnualInspectionForm,
}
# On a form one ticks a box; in a ledger one writes a column.
_TICK = (
    "勾选“已与证照原件核对”再提交",
    "请加一列“已与证照原件核对”，在这一行写“是”",
)


# What has happened: none of these days is still to come.
_PAST = {
    "inspections": ("on",),
    "findings": ("occurred_on", "seen_on", "heard_on", "confirmed_on", "ordered_on", "passed_on"),
}
SAME_DAY = "同一机构、同一天、同一检查人员"


class Known(Protocol):
    """What one kind of import asks of the register."""

    required: tuple[str, ...]

    def complete(self, values: Values, row: int) -> Wrongs:
        """Fills in what the register knows; yields each field that fits nothing, and the remedy."""

    def is_there(self, form: Any) -> bool:
        """Whether this row is in the register already."""

    def change(self, form: Any) -> Change | None:
        """What a row that is there says otherwise than the register."""

    def called(self, form: Any) -> str:
        """What the row is about, in a word."""

    def alike(self, form: Any, row: int) -> list[Twin]:
        """What a new row may be a second time of."""


class City(Struct, frozen=True, kw_only=True):
    """What the rows of a file are read against: the numbers' prefix, the codes, the words, the day.

    `codes` are those a finding may have, and whether each is a commendation's; with none given, any. By the
    `calendar` the term is counted within which what is still open has to be seen to.
    """

    prefix: str
    today: date
    codes: Mapping[str, bool] = {}
    words: Words = Words()
    calendar: Calendar = WEEKENDS_ONLY


def still_to_come(kind: str, values: Values, today: date) -> Wrongs:
    """Each day of a row on which something is said to have happened, and which has not come yet."""
    for field in _PAST.get(kind, ()):
        day = _day(values.get(field))
        if isinstance(day, date) and day > today:
            yield field, f"不能晚于今天 {today}"


def known_of(kind: str, session: Session, mapped: ColumnMap, city: City) -> Known:
    """The knowledge for one kind of file."""
    if kind == "institutions":
        return Institutions(session, mapped, city)
    owners = Owners(session, city.prefix)
    if kind == "inspections":
        return Inspections(session, owners)
    if kind == "findings":
        return Findings(session, owners, mapped, city.codes)
    return Duties(session, owners, STANDING[kind])


class New:
    """A kind of which a row that is there is left as it is; it is about one institution."""

    def change(self, form: Any) -> Change | None:
        """Nothing: what happened does not happen otherwise later."""
        return None

    def called(self, form: Any) -> str:
        """The institution's number."""
        return str(form.institution)

    def alike(self, form: Any, row: int) -> list[Twin]:
        """Nothing."""
        return []


class Institutions:
    """New institutions: their jurisdiction by name, and no code, number or place twice."""

    required: tuple[str, ...] = ("name", "jurisdiction")

    def __init__(self, session: Session, mapped: ColumnMap, city: City) -> None:
        self.session, self.city = session, city
        # A place that is no more takes in nobody.
        here = jurisdictions(session, city.today)
        self.names = list(dict.fromkeys(one.name for one in here))
        self.places: dict[str, list[str]] = defaultdict(list)
        for one in here:
            self.places[key(one.name)].append(one.id)
        # A number says more than a name.
        self.places |= {key(one.id): [one.id] for one in here}
        self.held = _keys_in_register(session)
        self.ids = set(session.exec(select(tables.Institution.id)).all())
        self.seen: dict[tuple[str, ...], int] = {}
        self.alikes: Alikes | None = None
        self.numbers: dict[str, tuple[int, str]] = {}

    def complete(self, values: Values, row: int) -> Wrongs:
        """The jurisdiction's number; a code that holds; a row that no other row repeats."""
        yield from self._jurisdiction(values)
        if values.get("predecessor"):
            before = read_institution_id(self.city.prefix, str(values["predecessor"]))
            if before in self.ids:
                values["predecessor"] = before
            else:
                yield (
                    "predecessor",
                    "登记册里没有这个编号的机构，请核对前身的机构编号，或者先导入前身",
                )
        if values.get("code"):
            confirmed = values.get("confirmed_as_on_original") is True
            try:
                values["code"], _ = read_code(values["code"], confirmed=confirmed)
            except FormRefused as refused:
                said = refused.problems[0].remedy
                yield "code", said.replace(*_TICK)
                return
        own = _own_key(values)
        if own in self.seen:
            field = own[0] if own[0] != "place" else "name"
            yield field, f"与第 {self.seen[own]} 行重复，请核对后删去一行"
        else:
            self.seen[own] = row

    def _jurisdiction(self, values: Values) -> Wrongs:
        typed = values.get("jurisdiction", "")
        found = self.places.get(key(typed), [])
        if len(found) == 1:
            values["jurisdiction"] = found[0]
        elif found:
            said = f"有 {len(found)} 个同名的区县（编号 {'、'.join(found)}），请写编号"
            yield "jurisdiction", said
        elif typed:
            yield "jurisdiction", f"登记册里现在没有这个区县，请写{'、'.join(self.names)}中的一个"

    def is_there(self, form: Any) -> bool:
        """Whether its code, its number, or its name at its address is registered."""
        return _own_key(form.model_dump()) in self.held

    def change(self, form: Any) -> Change | None:
        """What a row of a known institution says otherwise than the register today."""
        id = self.held[_own_key(form.model_dump())]
        fields = differing(form, held_now(self.session, id, form, self.city.today))
        return Change(institution=id, row=0, fields=fields) if fields else None

    def called(self, form: Any) -> str:
        """Its name."""
        return str(form.name)

    def alike(self, form: Any, row: int) -> list[Twin]:
        """Which registered institutions a new one may be, and which earlier row has its number."""
        if self.alikes is None:
            self.alikes = Alikes(self.session, self.city.today, self.city.words)
        asked = described(form)
        found = [Twin(id=one.id, name=one.name, why=one.why) for one in self.alikes.find(asked)]
        for number in {key(one) for one in asked.numbers}:
            if number in self.numbers:
                before, name = self.numbers[number]
                found.insert(0, Twin(row=before, name=name, why=(NUMBER,)))
            self.numbers.setdefault(number, (row, form.name))
        return found


class Inspections(New):
    """Visits: each has a key made of what it is, so that the same visit comes only once."""

    required: tuple[str, ...] = ("institution", "on")

    def __init__(self, session: Session, owners: Owners) -> None:
        self.owners = owners
        self.held = set(session.exec(select(tables.Inspection.key)).all())
        self.times: Counter[str] = Counter()
        visit = tables.Inspection
        self.days: dict[tuple[Any, ...], Twin] = {}
        for officer in (col(visit.first_officer), col(visit.second_officer)):
            query = select(col(visit.institution), col(visit.on), officer, col(visit.id))
            for institution, on, name, id in session.exec(query.where(officer != "")).all():
                self.days[institution, on, name] = Twin(id=id, name=str(on), why=(SAME_DAY,))

    def complete(self, values: Values, row: int) -> Wrongs:
        """The institution and the key."""
        yield from self.owners.complete(values)
        if not values.get("key"):
            parts = (values.get("institution"), values.get("kind"), _day(values.get("on")))
            values["key"] = _made_of("import", self.times, *parts)

    def is_there(self, form: Any) -> bool:
        """Whether its key is recorded."""
        return form.key in self.held

    def alike(self, form: Any, row: int) -> list[Twin]:
        """The visit one of its officers made there on that day already, here or in an earlier row."""
        found = []
        for name in filter(None, dict.fromkeys((form.first_officer, form.second_officer))):
            own = (form.institution, form.on, name)
            if own in self.days:
                found.append(self.days[own])
            self.days.setdefault(own, Twin(row=row, name=str(form.on), why=(SAME_DAY,)))
        return list(dict.fromkeys(found))


class Findings(New):
    """Findings of an old ledger, each with the visit of its day."""

    required: tuple[str, ...] = ("institution", "code", "seen_on")

    def __init__(
        self, session: Session, owners: Owners, mapped: ColumnMap, codes: Mapping[str, bool]
    ) -> None:
        self.owners, self.codes = owners, codes
        self.held = set(session.exec(select(tables.Matter.id)).all())
        self.times: Counter[str] = Counter()
        visit = tables.Inspection
        first = {kind: place for place, kind in enumerate(mapped.kinds_first)}
        columns = (col(visit.institution), col(visit.on), col(visit.kind), col(visit.id))
        visits = session.exec(select(*columns)).all()
        self.visits: dict[tuple[str, date], str] = {}
        for owner, on, _, id in sorted(
            visits, key=lambda one: (first.get(one[2], len(first)), one[3]), reverse=True
        ):
            self.visits[owner, on] = id

    def complete(self, values: Values, row: int) -> Wrongs:
        """The institution, the visit, and a number that is the same whenever the row comes."""
        yield from self.owners.complete(values)
        code = str(values.get("code") or "")
        if code and self.codes and code not in self.codes:
            yield "code", "评分办法里没有这个编码，请照评分办法改正"
        elif code in self.codes and self.codes[code] != (values.get("commendation") is True):
            what = "加分" if self.codes[code] else "扣分"
            yield "code", f"评分办法里这个编码是{what}的，与这一行是不是表彰不符，请改正"
        day = _day(values.get("seen_on"))
        owner = str(values.get("institution", ""))
        if not values.get("inspection") and isinstance(day, date):
            values["inspection"] = self.visits.get((owner, day), "")
        if not values.get("id"):
            parts = (owner, values.get("code"), day, values.get("statement"))
            values["id"] = "TZ" + _made_of("", self.times, *parts)[:24].upper()

    def is_there(self, form: Any) -> bool:
        """Whether its number is recorded."""
        return form.id in self.held


def _own_key(values: Values) -> tuple[str, ...]:
    """What tells an institution from all others: its code, else a number, else name and place."""
    for field in ("code", "registration_no", "licence_no"):
        if values.get(field):
            return (field, key(values[field]))
    return (
        "place",
        key(str(values.get("name", ""))),
        str(values.get("jurisdiction", "")),
        key(str(values.get("address", ""))),
    )


def _keys_in_register(session: Session) -> dict[tuple[str, ...], str]:
    registration, licence = tables.Registration, tables.Licence
    found: dict[tuple[str, ...], str] = {}
    for field, query in (
        ("code", select(registration.code, registration.institution)),
        ("registration_no", select(registration.number, registration.institution)),
        ("licence_no", select(licence.number, licence.institution)),
    ):
        found.update({(field, key(one)): owner for one, owner in session.exec(query).all() if one})
    name, profile, place = tables.Name, tables.Profile, tables.Premises
    addresses: dict[str, list[str]] = defaultdict(list)
    for owner, address in session.exec(select(place.institution, place.address)).all():
        addresses[owner].append(address)
    named = select(name.institution, name.text, profile.jurisdiction).join(
        profile, col(profile.institution) == col(name.institution)
    )
    for owner, text, jurisdiction in session.exec(named).all():
        for address in addresses[owner] or [""]:
            found["place", key(text), jurisdiction, key(address)] = owner
    return found


def _day(value: object) -> object:
    try:
        return parse_day(value)
    except ValueError:
        return value


def _made_of(prefix: str, times: Counter[str], *parts: object) -> str:
    """A key made of what a row says; the n-th row that says the same has the n-th key."""
    said = "\x1f".join(str(one) for one in parts)
    times[said] += 1
    digest = sha256(f"{said}\x1f{times[said]}".encode()).hexdigest()
    return f"{prefix}:{digest[:40]}" if prefix else digest
