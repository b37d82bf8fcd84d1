"""One institution's standing duties as the desk shows them: what is held, and what is wrong with it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import Session, SQLModel

from registry import tables
from registry.alike import folded
from registry.credit_file import NameRecord
from registry.errors import NotFound
from registry.queries.duties import ONE_DAY, REPORT_DAYS, lapses, protected_until
from registry.queries.files import name_on, names_on, profile_on, valid
from registry.queries.insured import insured_matches, left_out
from registry.queries.lineage import merged
from scoring import Policy
from scoring.conditions import CLASSES, binds

AHEAD = 60
LOOK_BACK = timedelta(days=730)
_OWN: tuple[type[SQLModel], ...] = (
    tables.Profile,
    tables.Name,
    tables.Premises,
    tables.Registration,
    tables.Licence,
    tables.Cover,
    tables.Custody,
    tables.CustodyReport,
    tables.AnnualInspection,
)
_MOVED = (tables.Cover, tables.Custody, tables.CustodyReport, tables.AnnualInspection)
Own = dict[type[SQLModel], list[Any]]


class HeldCover(Struct, frozen=True, kw_only=True):
    """A cover with its state in a word and everything that is wrong with it, each in a sentence."""

    id: int
    class_name: str
    insurer: str
    policy_no: str
    sum_fen: int
    since: date
    until: date
    insured: str
    addresses: tuple[str, ...]
    state: str
    may_end: bool
    problems: tuple[str, ...]


class HeldTerm(Struct, frozen=True, kw_only=True):
    """A licence, a registration or a custody account from its first to its last day."""

    what: str
    number: str
    since: date
    until: date | None
    note: str = ""

    @property
    def is_endless(self) -> bool:
        """Whether it is said to have no end (长期)."""
        return self.until == date.max


class YearResult(Struct, frozen=True, kw_only=True):
    """The result of one year's annual inspection."""

    year: int
    result: str
    on: date
    document_no: str


class DutySheet(Struct, frozen=True, kw_only=True):
    """What an institution holds, the newest first, and what needs somebody's attention."""

    covers: tuple[HeldCover, ...]
    terms: tuple[HeldTerm, ...]
    years: tuple[YearResult, ...]
    warnings: tuple[str, ...]
    places: tuple[str, ...]


def report_days(policy: Policy) -> int:
    """How old a bank's report may be under a policy, in days."""
    return next(
        (one.days for one in policy.white if one.kind == "custody" and one.days), REPORT_DAYS
    )


def duty_sheet(session: Session, institution: str, on: date, policy: Policy) -> DutySheet:
    """An institution's duties on a day under a policy, which says what insurance it demands."""
    into, _ = merged(session, on)
    all_ = [institution, *into.get(institution, ())]
    own = _rows(session, institution, all_)
    names = names_on(own[tables.Name], on)
    if not names:
        raise NotFound("机构", institution)
    places = [one.address for one in valid(own[tables.Premises]) if _holds(one, on)]
    protected = _protected(session, all_)
    covers = sorted(valid(own[tables.Cover]), key=lambda one: (one.since, one.id), reverse=True)
    sound = [
        one
        for one in covers
        if one.premium_paid and insured_matches(one, names, valid(own[tables.Registration]), on)
    ]
    profile = profile_on(own[tables.Profile], on)
    asked = [one for one in policy.white if binds(one, profile.kind if profile else "")]
    required = [one for rule in asked if rule.kind == "cover" for one in rule.classes]
    lapsed = lapses(session, on, AHEAD, [institution], report_days=report_days(policy))
    return DutySheet(
        covers=tuple(
            _cover(one, one in sound, protected[one.id], names, places, on) for one in covers
        ),
        terms=tuple(_terms(own)),
        years=tuple(
            YearResult(year=one.year, result=one.result, on=one.on, document_no=one.document_no)
            for one in sorted(
                valid(own[tables.AnnualInspection]), key=lambda one: one.year, reverse=True
            )
        ),
        warnings=(
            *(one.sentence for one in lapsed),
            *_lacking(sound, required, {one.what for one in lapsed if one.days_left < 0}, on),
            *_bare(sound, protected, places, on),
            *_gaps(sound, on),
        ),
        places=tuple(places),
    )


def _rows(session: Session, institution: str, all_: Sequence[str]) -> Own:
    found: Own = {}
    for table in _OWN:
        columns = SQLModel.metadata.tables[str(table.__tablename__)].c
        some = all_ if table in _MOVED else [institution]
        query = sa.select(*columns).where(columns.institution.in_(some))
        found[table] = list(session.connection().execute(query))
    return found


def _protected(session: Session, institutions: Sequence[str]) -> dict[int, list[str]]:
    cover = SQLModel.metadata.tables["cover"].c
    place = SQLModel.metadata.tables["cover_premises"].c
    query = sa.select(place.cover, place.address).join_from(
        place.cover.table, cover.id.table, place.cover == cover.id
    )
    found: dict[int, list[str]] = defaultdict(list)
    query = query.where(cover.institution.in_(institutions)).order_by(place.address)
    for row in session.connection().execute(query):
        found[row.cover].append(row.address)
    return found


def _cover(
    row: Any,
    sound: bool,
    protected: Sequence[str],
    names: Sequence[NameRecord],
    places: Sequence[str],
    on: date,
) -> HeldCover:
    insured = row.insured_name + (f"（{row.insured_code}）" if row.insured_code else "")
    return HeldCover(
        id=row.id,
        class_name=CLASSES[row.cover_class],
        insurer=row.insurer,
        policy_no=row.policy_no,
        sum_fen=row.sum_fen,
        since=row.since,
        until=row.until,
        insured=insured,
        addresses=tuple(protected),
        state=_state(row, sound, on),
        may_end=row.cancelled_on is None and row.until >= on,
        problems=tuple(_wrong(row, sound, insured, names, left_out(row, protected, places), on)),
    )


def _wrong(
    row: Any,
    sound: bool,
    insured: str,
    names: Sequence[NameRecord],
    bare: Sequence[str],
    on: date,
) -> Iterator[str]:
    if not row.premium_paid:
        yield "保费未缴，不算在保。"
    elif not sound:
        yield f"被保险人“{insured or '（没有抄录）'}”不是本机构在保险期间的名称或代码，不算在保。"
    elif row.since <= on <= row.until and _is_former(row.insured_name, names, on):
        yield f"被保险人写的是曾用名“{row.insured_name}”，请办理批改。"
    if row.cancelled_on:
        yield f"已于 {row.cancelled_on} 退保。"
    if bare and row.since <= on <= row.until:
        yield f"承保地址没有包括{'、'.join(bare)}。"


def _is_former(insured: str, names: Sequence[NameRecord], on: date) -> bool:
    return bool(insured) and folded(insured) != folded(name_on(names, on))


def _state(row: Any, sound: bool, on: date) -> str:
    if on < row.since:
        return "尚未开始"
    if row.cancelled_on and row.cancelled_on <= on:
        return "已退保"
    if on > row.until:
        return "已过期"
    return "在保" if sound else "不起作用"


def _terms(own: Own) -> Iterator[HeldTerm]:
    reports: dict[str, date] = {}
    for one in own[tables.CustodyReport]:
        reports[one.bank] = max(one.on, reports.get(one.bank, one.on))
    for one in _newest(own[tables.Licence]):
        yield HeldTerm(what="办学许可证", number=one.number, since=one.since, until=one.until)
    for one in _newest(own[tables.Registration]):
        number = one.code or one.number
        yield HeldTerm(what="法人登记", number=number, since=one.since, until=one.until)
    for one in _newest(own[tables.Custody]):
        last = reports.get(one.bank)
        note = f"最近报送 {last}" if last else "还没有报送余额"
        yield HeldTerm(
            what="监管专户", number=one.bank, since=one.since, until=one.until, note=note
        )


def _newest(rows: Sequence[Any]) -> list[Any]:
    return sorted(valid(rows), key=lambda one: (one.since, one.id), reverse=True)


def _lacking(
    sound: Iterable[Any], required: Sequence[str], told: set[str], on: date
) -> Iterator[str]:
    """A class that is demanded and not held, beside those that are held and not demanded."""
    held = {one.cover_class for one in sound if one.since <= on <= protected_until(one)}
    others = "、".join(CLASSES[one] for one in sorted(held - set(required)))
    for one in required:
        if one not in held and (others or f"{CLASSES[one]}保险" not in told):
            instead = f"，在保的{others}保险不能代替" if others else ""
            yield f"没有有效的{CLASSES[one]}保险{instead}。"


def _bare(
    sound: Iterable[Any], protected: dict[int, list[str]], places: Sequence[str], on: date
) -> Iterator[str]:
    """The places that no premises cover of the day protects, though there is such a cover."""
    now = [
        one
        for one in sound
        if one.cover_class == "premises" and one.since <= on <= protected_until(one)
    ]
    for place in places if now else ():
        if all(left_out(one, protected[one.id], [place]) for one in now):
            yield f"场所责任保险没有承保“{place}”。"


def _gaps(sound: Iterable[Any], on: date) -> Iterator[str]:
    """The days between two covers of a class on which nothing protected, of late and to come."""
    by_class: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for one in sound:
        by_class[one.cover_class].append((one.since, protected_until(one)))
    for cover_class, terms in sorted(by_class.items()):
        last: date | None = None
        for since, until in sorted(terms):
            if last and last < date.max and since > last + ONE_DAY and since > on - LOOK_BACK:
                first, end = last + ONE_DAY, since - ONE_DAY
                days = (end - first).days + 1
                span = f"{first} 这一天" if days == 1 else f"{first} 至 {end}（{days} 天）"
                yield f"{CLASSES[cover_class]}保险在 {span}中断。"
            last = max(until, last or until)


def _holds(row: Any, on: date) -> bool:
    return bool(row.since <= on and (row.until is None or row.until >= on))
