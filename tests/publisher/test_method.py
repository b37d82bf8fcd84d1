"""The page of the policy says how this very policy counts."""

from pathlib import Path

import msgspec
import pytest

from config.settings import Settings
from publisher.site import pages
from publisher.site.store import Store
from scoring import load_policy

POLICIES = Path(__file__).parents[1] / "scoring/policies"


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (
            "jinan-2022",
            ("基础分减去当天", "一事不两扣", "哪些问题扣多少", "每年 1 月 1 日起重新计分"),
        ),
        (
            "school-year",
            ("基础分加上当天", "一事不两记", "哪些问题记多少", "每年 9 月 1 日起重新计分"),
        ),
        (
            "own-year",
            ("基础分加上当天", "从设立之日起，每满一年重新计分", "3 个月，到本机构的年度末止"),
        ),
    ],
)
def test_where_fewer_is_better_faults_add_up_and_each_year_is_whose_it_is(
    demo: Settings, policy: str, said: tuple[str, ...]
) -> None:
    edition = Store(demo.editions).current()
    other = load_policy((POLICIES / f"{policy}.toml").read_bytes())
    page = pages.method(msgspec.structs.replace(edition, policy=other), {"up": "../"})
    assert [one for one in said if one not in page] == []
