"""Checklists are dated data: every mistake is named at once, and every item rests on a rule of its days."""

from datetime import date
from pathlib import Path

import pytest

from config.settings import load_checks, load_policies, load_settings
from registry.checklists import (
    Checklist,
    ChecklistError,
    checklist_for,
    load_checklists,
    unknown_rules,
)
from scoring import load_policy

ITEM = '[[domains.items]]\ncode = "{}"\ntext = "查"\npolicy = "{}"\n'


def written(id: str = "X-1", since: str = "2026-01-01", more: str = "", items: str = "") -> bytes:
    head = f'id = "{id}"\ntitle = "检查表"\nsince = {since}\n{more}\n[[domains]]\ntitle = "证照"\n'
    return (head + (items or ITEM.format("A-1", "L01"))).encode()


def test_the_citys_own_checklist_covers_every_domain_and_every_rule_it_names_is_there() -> None:
    (found,) = load_checks(load_settings())
    titles = [one.title for one in found.of("培训机构")]
    for title in ("证照", "场所与消防", "安防四大系统", "师资", "收费与预收费", "公示"):
        assert title in titles
    assert "NR-3" not in [item.code for one in found.of("民办幼儿园") for item in one.items]
    assert len(list(found.items())) > 30


def test_every_mistake_of_every_file_is_named_at_once() -> None:
    bad = (
        ITEM.format("A 1", "L01")
        + ITEM.format("B", "")
        + ITEM.format("B", "L01")
        + '[[domains.items]]\ncode = "C"\ntext = " "\npolicy = "L01"\ndays = 0\n'
    )
    files = {
        "一.toml": written(items=bad, more="until = 2025-01-01"),
        "二.toml": b'id = "Y"\nsurprise = 1\n',
        "三.toml": b"not toml",
    }
    with pytest.raises(ChecklistError) as refused:
        load_checklists(files)
    said = str(refused.value)
    for word in ("until", "A 1", "重复", "policy", "text", "days", "二.toml", "三.toml"):
        assert word in said


@pytest.mark.parametrize(
    ("second", "more", "word"),
    [
        ("X-1", "", "出现两次"),
        ("X-2", "", "同一天"),
        ("X-2", "until = 2025-06-01", "until"),
    ],
)
def test_two_versions_may_not_hold_on_one_day(second: str, more: str, word: str) -> None:
    files = {"a": written(more=more), "b": written(second, "2026-06-01")}
    with pytest.raises(ChecklistError, match=word):
        load_checklists(files)


def test_the_version_of_the_day_and_of_the_kind_is_used() -> None:
    found = load_checklists(
        {
            "a": written(more="until = 2026-06-01"),
            "b": written("X-2", "2026-06-01"),
            "c": written("Y-1", more='kinds = ["民办幼儿园"]'),
        }
    )

    def of(kind: str, on: date) -> str:
        one: Checklist | None = checklist_for(found, kind, on)
        return one.id if one else ""

    assert of("培训机构", date(2026, 5, 31)) == "X-1"
    assert of("培训机构", date(2026, 6, 1)) == "X-2"
    assert of("民办幼儿园", date(2026, 6, 1)) == "Y-1"
    assert of("培训机构", date(2025, 12, 31)) == ""


def test_a_code_no_policy_of_those_days_knows_is_named() -> None:
    policies = [load_policy(one) for one in load_policies(load_settings())]
    found = load_checklists({"a": written(items=ITEM.format("A-1", "ZZZ"))})
    assert "ZZZ" in unknown_rules(found, policies)[0]
    assert unknown_rules(load_checklists({"a": written()}), policies) == []


def test_a_city_without_checklists_has_none(tmp_path: Path) -> None:
    settings = load_settings(Path(__file__).parents[1] / "cities/san_francisco")
    assert load_checks(settings) == ()
