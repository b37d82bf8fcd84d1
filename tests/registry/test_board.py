"""The board of what is due: for a person, an office and all, in Chinese working days."""

from datetime import date

import pytest

from registry.accounts import Person
from registry.calendar import Calendar, Year, load_calendar
from registry.inspector.board import (
    LATE,
    LATER,
    NEAR,
    OWNERLESS,
    PROVISIONAL,
    TODAY,
    by_office,
    by_owner,
    dues,
    grouped,
    tally,
    view_of,
)
from registry.queries import JurisdictionLine, MatterLine
from tests.registry.test_calendar import FOLDER

TODAY_IS = date(2026, 9, 29)  # the Tuesday before the week off
CALENDAR = load_calendar(FOLDER)
PLACES = [
    JurisdictionLine(id="330212", name="鄞州区", organ="", parent=""),
    JurisdictionLine(id="3302A3", name="高新区", organ="", parent="330212"),
    JurisdictionLine(id="330203", name="海曙区", organ="", parent=""),
]


def line(id: str, due: date | None, **more: object) -> MatterLine:
    values: dict[str, object] = {
        "id": id,
        "kind": "finding",
        "kind_name": "问题",
        "institution": "NB-1",
        "name": "学校",
        "jurisdiction": "330203",
        "state": "discovered",
        "state_name": "已记录",
        "since": date(2026, 9, 1),
        "due_on": due,
        "owner": "wang",
        "code": "S01",
        "open": True,
    }
    return MatterLine(**{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("due", "more", "group", "said"),
    [
        (date(2026, 9, 28), {}, LATE, "超期 1 个工作日"),
        (date(2026, 9, 28), {"owner": ""}, LATE, "超期 1 个工作日"),
        (date(2026, 9, 29), {}, TODAY, "今天"),
        (date(2026, 10, 9), {}, NEAR, "还剩 3 个工作日"),
        (date(2026, 10, 10), {}, LATER, "还剩 4 个工作日"),
        (date(2026, 10, 10), {"owner": ""}, OWNERLESS, "还剩 4 个工作日"),
        (None, {}, LATER, "没有期限"),
        (date(2026, 9, 28), {"waits": True, "state": "served"}, TODAY, "今天"),
        (date(2026, 9, 29), {"waits": True, "state": "served"}, NEAR, "2026-09-29 期满后办理"),
        (date(2026, 9, 25), {"waits": True, "state": "served"}, LATE, "超期 1 个工作日"),
    ],
)
def test_a_matter_stands_where_its_clock_puts_it(
    due: date | None, more: dict[str, object], group: str, said: str
) -> None:
    (row,) = dues([line("a", due, **more)], "reviewer", TODAY_IS, CALENDAR)
    assert (row.group, row.said) == (group, said)


def test_a_day_in_a_year_that_is_not_announced_says_so() -> None:
    announced = Calendar({2026: Year(year=2026)})
    rows = dues(
        [line("a", date(2027, 1, 5)), line("b", date(2026, 12, 31))],
        "reviewer",
        date(2026, 12, 21),
        announced,
    )
    assert [one.note for one in rows] == [PROVISIONAL, ""]


def test_each_sees_what_is_theirs_their_office_s_and_what_lies_under_it() -> None:
    district = Person(
        account="li",
        name="李",
        role="reviewer",
        jurisdiction="330212",
        places=("330212", "3302A3"),
    )
    city = Person(account="qian", name="钱", role="publisher")
    mine, office, everything = (
        view_of(district, {"who": who}) for who in ("mine", "office", "all")
    )
    assert (mine.owner, mine.places) == ("li", ("330212", "3302A3"))
    assert (office.owner, office.places) == ("", ("330212",))
    assert everything.places == ("330212", "3302A3")
    assert view_of(district, {"who": "the world"}).places == everything.places
    assert view_of(city, {}).places == ()


def test_the_sums_add_up_and_a_list_that_is_cut_says_so() -> None:
    lines = [line(str(n), date(2026, 9, 28)) for n in range(25)]
    lines += [line("x", date(2026, 12, 1), owner="", jurisdiction="330212")]
    rows = dues(lines, "inspector", TODAY_IS, CALENDAR)
    groups = grouped(rows)
    assert [(word, len(found)) for word, found in groups] == [
        ("已超期（共 25 件，先列 20 件）", 20),
        (OWNERLESS, 1),
    ]
    assert dict(tally(rows)) == {LATE: 25, OWNERLESS: 1, TODAY: 0, NEAR: 0}
    owners = by_owner(rows, {"wang": "王检查"})
    assert [(one.name, one.counts[:2]) for one in owners] == [
        ("王检查", (25, 0)),
        (OWNERLESS, (0, 1)),
    ]
    offices = by_office(rows, {one.id: one.name for one in PLACES})
    assert [one.name for one in offices] == ["海曙区", "鄞州区"]
