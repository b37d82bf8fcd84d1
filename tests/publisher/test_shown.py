"""Every channel shows of whoever is blacklisted and never had a licence no grade; the rating stays as derived."""

from datetime import date
from typing import Any

import msgspec
import pytest

from publisher.changes import Standing, changes
from publisher.data import row
from publisher.listed import Listed
from publisher.seen import Seen
from publisher.shown import shown_grade
from publisher.weighed import Line
from scoring.policy import Unrated

LICENCE = [{"since": "2024-01-01", "until": "2025-01-01"}]


def line(status: str, licences: list[dict[str, str]]) -> bytes:
    facts: dict[str, Any] = {"kind": "培训机构", "subject": "", "licences": licences}
    rating: dict[str, Any] = {
        "status": status,
        "grade": "A",
        "base": "100",
        "score": "100",
        "score_from": None,
        "score_to": None,
        "listing": "",
        "not_rated_because": "",
    }
    return msgspec.json.encode(
        {
            "institution": "NB-0000-0",
            "name": "无证培训点",
            "code": "",
            "jurisdiction": "330203",
            "addresses": [],
            "facts": {**facts, "listings": []},
            "rating": {**rating, "conditions": [], "reasons": []},
        }
    )


@pytest.mark.parametrize(
    ("status", "licences", "grade"),
    [
        ("black", [], ""),
        ("black", LICENCE, "A"),
        ("watch", [], "A"),
        ("none", [], "A"),
        ("white", LICENCE, "A"),
    ],
)
def test_no_grade_recommends_the_blacklisted_without_a_licence(
    status: str, licences: list[dict[str, str]], grade: str
) -> None:
    raw = line(status, licences)
    listed = msgspec.json.decode(raw, type=Listed)
    assert shown_grade(status, "A", licensed=bool(licences)) == grade
    assert listed.rating.grade == "A"
    assert row(listed, date(2026, 10, 31), Unrated())["grade"] == grade
    assert msgspec.json.decode(raw, type=Seen).grade == grade
    assert msgspec.json.decode(raw, type=Line).grade == grade
    (new,) = changes({}, [listed])
    assert new.after == f"{status} {grade}".strip()
    # An edition of an earlier program is read in the same way, so that nothing seems to change.
    before = msgspec.json.decode(raw, type=Standing)
    assert changes({before.institution: before}, [listed]) == ()


@pytest.mark.parametrize(
    ("status", "conditions", "why"),
    [
        ("none", [], "这份评分办法不设白名单"),
        ("white", [{"met": True, "sentence": "办学许可证有效。"}], "白名单条件都符合"),
        ("none", [{"met": False, "sentence": "没有有效的办学许可证。"}], "没有有效的办学许可证。"),
    ],
)
def test_a_policy_without_a_white_list_has_no_conditions_that_are_met(
    status: str, conditions: list[dict[str, object]], why: str
) -> None:
    raw = msgspec.json.decode(line(status, LICENCE))
    raw["rating"]["conditions"] = conditions
    (new,) = changes({}, [msgspec.convert(raw, Listed)])
    assert new.why == why
