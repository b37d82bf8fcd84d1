"""History: one institution follows another, and a double registration counts under the one kept."""

from datetime import date, datetime
from typing import Any

import pytest
from msgspec import UNSET
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.database import writing
from registry.errors import Conflict, FormRefused, NotAllowed, StepRefused, read_form
from registry.forms import LineageForm, StepForm
from tests.registry import people as p
from tests.registry.test_duties import cover

TODAY = p.NOW.date()
EVE = date(2026, 11, 23)


def ask(session: Session, kept: str, other: str, **changed: Any) -> str:
    sheet = {
        "institution": kept,
        "what": "merge",
        "other": other,
        "how": "重复登记",
        "on": "2026-11-20",
        "reason": "同一家登记了两次",
        **changed,
    }
    return acts.ask_lineage(session, read_form(LineageForm, sheet), by=p.LI, now=p.NOW)


def apply(session: Session, matter: str, by: acts.Actor = p.ZHAO) -> str:
    return acts.take_step(session, matter, "apply", StepForm(on=TODAY), by=by, now=p.NOW)


def two(session: Session) -> tuple[str, str]:
    return p.city(session), p.institution(session, name="宁波晨光艺术培训中心", code=p.CODE)


def records(session: Session, id: str, on: date, known: datetime | None = None) -> list[str]:
    facts = queries.facts_of(session, id, on, known)
    return [one.id for one in facts.records] + [one.policy_no for one in facts.covers]


def test_a_merged_registrations_records_count_under_the_one_kept_from_that_day(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        kept, other = two(session)
        found = p.finding(session, other)
        cover(session, other, policy_no="P9", addresses=["海曙区中山西路1号"])
        assert (records(session, kept, TODAY), records(session, other, TODAY)) == (
            [],
            [found, "P9"],
        )
        apply(session, ask(session, kept, other))
        assert records(session, kept, TODAY) == [found, "P9"]
        assert records(session, other, TODAY) == []
        file = queries.credit_file(session, other, TODAY)
        assert (file.facts.status, file.successor, file.code) == ("closed", kept, p.CODE)
        assert file.merged is True
        assert queries.credit_file(session, other, EVE).merged is UNSET
        assert records(session, kept, EVE) == []
        assert records(session, other, EVE) == [found, "P9"]
        assert queries.facts_of(session, other, EVE).status == "active"
        before = datetime(2026, 11, 24, 8, 0, tzinfo=p.NOW.tzinfo)
        assert queries.touched(session, before, TODAY, TODAY) >= {kept, other}
        (entry,) = queries.ledger_entries(session, act="merge_institutions")
        assert (entry.subject, entry.institution, entry.account) == (other, kept, "zhao")
        later = p.finding(session, other, seen_on="2026-11-24", code="S01")
        assert later in records(session, kept, TODAY)


def test_mergings_one_after_another_all_end_at_the_one_kept(engine: Engine) -> None:
    with writing(engine) as session:
        kept, other = two(session)
        third = p.institution(session, name="第三次登记")
        found = p.finding(session, third)
        apply(session, ask(session, other, third))
        apply(session, ask(session, kept, other))
        assert records(session, kept, TODAY) == [found]
        assert [records(session, one, TODAY) for one in (other, third)] == [[], []]
        with pytest.raises(Conflict, match="已并入"):
            ask(session, third, kept)


def test_who_asks_may_not_approve_and_a_rejected_merging_changes_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        kept, other = two(session)
        found = p.finding(session, other)
        matter = ask(session, kept, other)
        with pytest.raises(NotAllowed, match="另一人"):
            apply(session, matter, p.LI)
        form = StepForm(on=TODAY, reason="不是同一家")
        acts.take_step(session, matter, "reject", form, by=p.ZHAO, now=p.NOW)
        assert records(session, other, TODAY) == [found]
        assert queries.lineage_of(session, kept) == []
        with pytest.raises(StepRefused):
            apply(session, matter)


def test_a_successor_is_linked_without_a_record_moving(engine: Engine) -> None:
    with writing(engine) as session:
        kept, other = two(session)
        found = p.finding(session, other)
        matter = ask(session, kept, other, what="lineage", how="分立", on="2026-05-01")
        apply(session, matter)
        (line,) = queries.lineage_of(session, kept)
        assert (line.other, line.before, line.how, line.on) == (
            other,
            True,
            "分立",
            p.day("2026-05-01"),
        )
        assert [one.before for one in queries.lineage_of(session, other)] == [False]
        assert records(session, other, TODAY) == [found]
        assert queries.credit_file(session, kept, TODAY).predecessor == other
        before = queries.credit_file(session, other, TODAY)
        assert (before.successor, before.merged) == (kept, UNSET)
        with pytest.raises(Conflict, match="登记过"):
            ask(session, kept, other, what="lineage", how="分立")
        with pytest.raises(Conflict, match="圈"):
            ask(session, other, kept, what="lineage", how="承继")


@pytest.mark.parametrize("changed", [{"how": "分立"}, {"other": "SELF"}, {"reason": ""}])
def test_a_history_that_makes_no_sense_is_refused(engine: Engine, changed: dict[str, str]) -> None:
    with writing(engine) as session:
        kept, other = two(session)
        said = {key: kept if one == "SELF" else one for key, one in changed.items()}
        with pytest.raises(FormRefused):
            ask(session, kept, **{"other": other, **said})
