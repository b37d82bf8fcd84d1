"""The demo city as values: the same seed gives the same institutions on any machine and day."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Literal

from msgspec import Struct

from config.demo import displayed, findings, names
from registry.credit_file import ContactRecord, StaffRecord
from scoring.facts import (
    AnnualInspection,
    Cover,
    Custody,
    Facts,
    Inspection,
    Listing,
    Record,
    Term,
)

SIZE = 2112
# A constant, not today: the bytes are equal on whatever day the demo is built.
CUT_OFF = date(2026, 10, 31)
START = date(2024, 11, 1)
Fate = Literal["steady", "lapsed", "watch", "black", "unlicensed", "new", "suspended", "closed"]
FATES: tuple[tuple[Fate, int], ...] = (
    ("steady", 780),
    ("lapsed", 95),
    ("watch", 40),
    ("black", 13),
    ("unlicensed", 7),
    ("new", 35),
    ("suspended", 15),
    ("closed", 15),
)
ARTICLE = "《校外培训行政处罚暂行办法》第十七条"


class DemoInstitution(Struct, frozen=True, kw_only=True):
    """An invented institution, everything that is recorded about it, and what became of it."""

    number: int
    fate: Fate
    name: str
    former_name: str = ""
    branch: str = ""
    jurisdiction: str
    code: str = ""
    licence_no: str = ""
    address: str
    legal_representative: str
    custody_reports: tuple[date, ...] = ()
    predecessor: int = 0
    contacts: tuple[ContactRecord, ...] = ()
    staff: tuple[StaffRecord, ...] = ()
    facts: Facts


def institutions(seed: int, size: int = SIZE) -> Iterator[DemoInstitution]:
    """The institutions in order of number; each has its own random source, so size changes none."""
    for index in range(size):
        # Reproducible play data, nothing secret rests on it.
        yield _institution(Random(f"{seed}:{index}"), index)  # noqa: S311 demo data, no secret


def _fate(random: Random, index: int) -> Fate:
    """The first of every 97 show each fate once, so that small cities show all of them too."""
    if index % 97 < len(FATES):
        return FATES[index % 97][0]
    return random.choices([f for f, _ in FATES], [w for _, w in FATES])[0]


def _institution(random: Random, index: int) -> DemoInstitution:
    fate = _fate(random, index)
    street = names.streets()[index * 37 % len(names.streets())]
    subject = random.choice(tuple(names.SUBJECTS))
    profit = random.random() < 0.7
    unlicensed = fate == "unlicensed"
    name = names.legal_name(random, index=index, street=street, subject=subject, profit=profit)
    head = "91" if profit else "52"
    opened = _opened(random, fate)
    facts = _facts(random, index=index, fate=fate, opened=opened)
    reports = _months(max(opened, START), CUT_OFF) if facts.custody else ()
    return DemoInstitution(
        number=index + 1,
        fate=fate,
        name=f"{street.name}无证培训点（{names.person(random)}）" if unlicensed else name,
        former_name=name.replace("宁波市", "宁波", 1) if index % 25 == 3 else "",
        branch=f"{name}{street.name}分校" if index % 18 == 5 and not unlicensed else "",
        jurisdiction=street.jurisdiction,
        code="" if unlicensed else names.social_credit_code(head, street.area, index + 1),
        licence_no="" if unlicensed else names.licence_number(street.area, index + 1),
        address=names.address(random, street),
        legal_representative=names.person(random),
        custody_reports=reports,
        predecessor=index if index % 211 == 20 else 0,
        contacts=() if unlicensed else tuple(displayed.contacts(index)),
        staff=() if unlicensed else tuple(displayed.staff(index, subject)),
        facts=_described(facts, subject, profit),
    )


def _described(facts: Facts, subject: str, profit: bool) -> Facts:
    from msgspec.structs import replace

    return replace(facts, subject=subject, legal_form="营利" if profit else "非营利")


def _opened(random: Random, fate: Fate) -> date:
    if fate == "new":
        return CUT_OFF - timedelta(days=random.randint(10, 150))
    return date(2019, 1, 1) + timedelta(days=random.randint(0, 1700))


def _months(first: date, last: date) -> tuple[date, ...]:
    """The twentieth of each month: the banks' day for reporting custody accounts."""
    days = (date(y, m, 20) for y in range(first.year, last.year + 1) for m in range(1, 13))
    return tuple(day for day in days if first <= day <= last)


def _facts(random: Random, *, index: int, fate: Fate, opened: date) -> Facts:
    id = f"{index + 1:05d}"
    visits = _visits(random, id, opened)
    records = _records(random, id=id, fate=fate, visits=visits)
    status: Literal["active", "suspended", "closed"] = "active"
    if fate in ("suspended", "closed"):
        status = "suspended" if fate == "suspended" else "closed"
    if fate == "unlicensed":
        return Facts(
            institution=id,
            kind="培训机构",
            mode="线下",
            stage="小学",
            opened_on=opened,
            on_platform=False,
            inspections=visits,
            records=records,
            listings=_listings(random, id, fate),
        )
    term = Term(number=id, since=opened, until=date(2029, 12, 31))
    return Facts(
        institution=id,
        kind="培训机构",
        mode="线上" if random.random() < 0.05 else "线下",
        stage=random.choice(("学前", "小学", "初中", "高中")),
        status=status,
        opened_on=opened,
        on_platform=True,
        inspections=visits,
        records=records,
        listings=_listings(random, id, fate),
        licences=(term,),
        registrations=(term,),
        annual_inspections=_annual(random, fate, opened),
        covers=_covers(random, fate, opened),
        custody=(Custody(bank="甬城示例银行", since=opened, reported_on=date(2026, 10, 20)),),
    )


def _visits(random: Random, id: str, opened: date) -> tuple[Inspection, ...]:
    """About two visits a year; a new institution has seen none or one."""
    found: list[Inspection] = []
    day = max(opened, START) + timedelta(days=random.randint(5, 90))
    while day <= CUT_OFF:
        number = f"JC{id}{len(found) + 1:02d}"
        kind = "双随机" if random.random() < 0.7 else "专项治理"
        found.append(Inspection(id=number, kind=kind, on=day))
        day += timedelta(days=random.randint(140, 225))
    return tuple(found)


def _records(
    random: Random, *, id: str, fate: Fate, visits: tuple[Inspection, ...]
) -> tuple[Record, ...]:
    found = []
    for number, visit in enumerate(visits, 1):
        if random.random() < (0.7 if fate == "watch" else 0.22):
            record = findings.small(
                random,
                id=f"WT{id}{number:02d}",
                inspection=visit.id,
                seen_on=visit.on,
                until=CUT_OFF,
            )
            found.append(record)
    day = _case_day(id)
    if fate == "black":
        red = findings.penalty(id=f"AJ{id}00", code="F05", stage=5, seen_on=day, until=CUT_OFF)
        found.append(red)
    elif fate == "steady" and int(id) % 30 == 11:
        stage = int(id) // 30
        code = findings.PENALISED[stage % 2]
        found.append(
            findings.penalty(id=f"AJ{id}00", code=code, stage=stage, seen_on=day, until=CUT_OFF)
        )
    return tuple(found)


def _case_day(id: str) -> date:
    """When the case was seen: over the first year, the same day for the case and its listing."""
    return date(2024, 12, 2) + timedelta(days=int(id) * 83 % 390)


def _listings(random: Random, id: str, fate: Fate) -> tuple[Listing, ...]:
    if fate not in ("black", "unlicensed", "watch"):
        return ()
    black = fate != "watch"
    # A penalty is final some eight months after it was seen; what rests on it is decided then.
    decided = _case_day(id) + timedelta(days=245 + random.randint(0, 30))
    if not black:
        decided = date(2026, 6, 1) + timedelta(days=random.randint(0, 120))
    grounds = {"black": "卷款跑路、恶意停业", "unlicensed": "无证办学", "watch": "整改未完成"}
    return (
        Listing(
            id=f"MD{id}",
            list="black" if black else "watch",
            ground="F05" if fate == "black" else grounds[fate],
            reason=grounds[fate],
            document_no=f"甬教信〔{decided.year}〕{int(id)}号",
            organ="宁波市教育局",
            article=ARTICLE if black else "《民办教育促进法实施条例》第四十七条",
            decided_on=decided,
            effective_on=decided + timedelta(days=7),
            until=date(decided.year + (2 if black else 1), decided.month, 1),
            disputed=black and int(id) % 5 == 0,
        ),
    )


def _annual(random: Random, fate: Fate, opened: date) -> tuple[AnnualInspection, ...]:
    """Each year's result is known at the end of the next May."""
    poor = fate == "lapsed" and random.random() < 0.4
    return tuple(
        AnnualInspection(
            year=year,
            result="基本合格" if poor and year == 2025 else "合格",
            on=date(year + 1, 5, 29),
        )
        for year in (2023, 2024, 2025)
        if opened.year < year
    )


def _covers(random: Random, fate: Fate, opened: date) -> tuple[Cover, ...]:
    """Yearly covers without a gap; for the lapsed the last year was never renewed."""
    found = []
    turn = random.randint(1, 12)
    for year in range(2023, 2027):
        since = date(year, turn, 1)
        until = date(year + 1, turn, 1) - timedelta(days=1)
        last = until > date(2026, 7, 31)
        if until < opened or since > CUT_OFF or (fate == "lapsed" and last):
            continue
        for kind in ("premises", "performance"):
            found.append(
                Cover(
                    cover_class="premises" if kind == "premises" else "performance",
                    insurer="甬城示例保险",
                    policy_no=f"{kind[:2].upper()}{year}{random.randint(0, 999999):06d}",
                    sum_fen=500_000_000,
                    since=since,
                    until=until,
                )
            )
    return tuple(found)
