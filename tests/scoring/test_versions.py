"""On every day exactly one version is in force: gaps, overlaps and lost codes are named."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from msgspec import structs

from config.intake import codes_of
from scoring import Policy, PolicyError, check_versions, in_force, load_policy
from scoring.policy import Indicator, Scale
from scoring.rating import Reference
from tests.scoring.sound import STANDING


def version(since: str, until: str = "", name: str = "") -> Policy:
    return Policy(
        id=name or since,
        title="",
        since=date.fromisoformat(since),
        until=date.fromisoformat(until) if until else None,
        reference=Reference(document="", article=""),
        scale=Scale(made_of="standing"),
        bands=(),
    )


OLD, NEW = version("2024-01-01", "2025-01-01"), version("2025-01-01")


def test_on_every_day_exactly_one_version_is_in_force() -> None:
    assert check_versions([NEW, OLD]) == []
    assert in_force([OLD, NEW], date(2024, 12, 31)) is OLD
    assert in_force([OLD, NEW], date(2025, 1, 1)) is NEW
    for day, versions, said in (
        (date(2023, 1, 1), [OLD, NEW], "没有一份"),
        (date(2026, 5, 1), [NEW, NEW], "2025-01-01、2025-01-01"),
    ):
        with pytest.raises(PolicyError, match=f"{day}：.*现在是：{said}$"):
            in_force(versions, day)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([], ""),
        (
            [OLD, version("2025-01-02")],
            "2024-01-01、2025-01-02：2025-01-01 到 2025-01-01 没有一版施行",
        ),
        (
            [version("2024-12-01"), OLD],
            "2024-01-01、2024-12-01：2024-12-01 到 2024-12-31 两版同时施行："
            "请给前一版写 until = 2024-12-01，或者改后一版的 since",
        ),
        (
            [version("2024-01-01", name="乙"), version("2024-01-01", "2025-01-01", name="甲")],
            "甲、乙：2024-01-01 到 2024-12-31 两版同时施行",
        ),
        ([version("2024-01-01"), NEW], "2024-01-01、2025-01-01：2025-01-01 起两版同时施行"),
        # What lies within another version does not make the other one end.
        (
            [
                version("2024-01-01", "2026-01-01"),
                version("2024-05-01", "2024-06-01"),
                version("2026-01-01"),
            ],
            "2024-01-01、2024-05-01：2024-05-01 到 2024-05-31 两版同时施行",
        ),
        (
            [OLD, version("2025-01-01", name="2024-01-01")],
            "2024-01-01、2024-01-01（现在是 2024-01-01）：编号用了 2 次",
        ),
    ],
)
def test_a_gap_or_an_overlap_is_named_with_its_days(versions: list[Policy], expected: str) -> None:
    found = check_versions(versions)
    assert len(found) == bool(expected)
    assert all(expected in str(one) for one in found)


def test_of_versions_that_end_together_the_first_is_named_before_a_gap() -> None:
    whole, late = version("2024-01-01", "2026-01-01"), version("2025-01-01", "2026-01-01")
    found = check_versions([whole, late, version("2026-02-01")])
    assert [one.place for one in found] == ["2024-01-01、2025-01-01", "2024-01-01、2026-02-01"]


def test_what_a_day_is_to_be_warned_of_is_said_when_asked() -> None:
    ended = [OLD, version("2025-01-01", "2026-01-01")]
    names = ["a.toml", "b.toml"]
    assert check_versions(ended, names=names) == []
    assert check_versions([], date(2025, 3, 1)) == []
    assert check_versions([OLD, NEW], date(2024, 1, 1)) == []
    (warned,) = check_versions(ended, date(2025, 3, 1), names)
    assert str(warned).startswith("b.toml：2026-01-01 起没有一版施行")
    assert check_versions([OLD, NEW], date(2025, 3, 1), names) == []
    (early,) = check_versions([OLD, NEW], date(2023, 3, 1), names)
    assert str(early).startswith("a.toml：第一版 2024-01-01 才施行")


def test_a_code_that_a_later_version_has_lost_is_named() -> None:
    earlier = load_policy(STANDING.encode())
    later = msgspec.structs.replace(
        earlier,
        id="T-2",
        since=date(2027, 1, 1),
        until=None,
        indicators=tuple(one for one in earlier.indicators if one.code not in ("L01", "J01")),
    )
    (problem,) = check_versions([later, earlier])
    assert problem.place == "T-2"
    assert problem.value == "L01、J01"
    assert "没有前一版 T-1 的编码 L01、J01" in problem.sentence
    assert "until = 2027-01-01" in problem.sentence
    kept = msgspec.structs.replace(later, indicators=earlier.indicators)
    assert check_versions([earlier, kept]) == []
    # One code is lost, one earns where it cost, one costs where it earned.
    turned = tuple(
        msgspec.structs.replace(one, bonus=not one.bonus) if one.code in ("L03", "J01") else one
        for one in earlier.indicators
        if one.code != "L01"
    )
    found = check_versions([earlier, msgspec.structs.replace(later, indicators=turned)])
    assert [(one.place, one.value) for one in found] == [("T-2", "L01"), ("T-2", "L03、J01")]
    assert found[1].sentence == (
        "在前一版 T-1 里编码 L03、J01 的加分、扣分与这一版相反，"
        "有这些记录的机构就评不出来：请另编一个编码，原来的保留"
    )
    measured = msgspec.structs.replace(
        later, scale=msgspec.structs.replace(later.scale, made_of="measures")
    )
    assert check_versions([earlier, measured]) == []


def test_a_ledger_may_use_no_code_that_only_a_version_to_come_knows() -> None:
    def rule(code: str, bonus: bool) -> Indicator:
        reference = Reference(document="", article="")
        return Indicator(code=code, title="", points=Decimal(1), bonus=bonus, reference=reference)

    old = structs.replace(OLD, indicators=(rule("A", bonus=False), rule("B", bonus=True)))
    new = structs.replace(NEW, indicators=(rule("A", bonus=False), rule("C", bonus=False)))
    for day, codes in (
        (date(2024, 12, 31), {"A": False, "B": True}),
        (date(2025, 1, 1), {"A": False, "B": True, "C": False}),
        # A ledger is taken in before the first version is in force.
        (date(2023, 12, 31), {"A": False, "B": True, "C": False}),
    ):
        assert codes_of([old, new], day) == codes
