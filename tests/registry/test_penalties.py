"""The course of a penalty case by law: cases a lawyer can read, and what scoring sees of them."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from config.settings import load_policies, load_settings
from registry import acts, queries
from registry.acts.matters import WEEKENDS_ONLY
from registry.calendar import Calendar, Year
from registry.database import writing
from registry.errors import Conflict, FormRefused, RegistryError, read_form
from registry.forms import CaseSheet, DefenceSheet, JudgmentSheet, StepSheet
from registry.reminders import reminders
from scoring import assess, in_force, load_policy
from scoring.facts import State
from tests.registry import people as p

CASES = tomllib.loads((Path(__file__).parent / "cases/penalty.toml").read_text("utf-8"))["cases"]
PEOPLE = {one.account: one for one in (p.WANG, p.LI, p.SUN, p.ZHAO, p.SCHOOL)}
POLICY = in_force([load_policy(one) for one in load_policies(load_settings())], date(2026, 4, 1))


def taken(session: Session, matter: str, step: dict[str, Any]) -> str:
    """One step as the case writes it, recorded on its own day unless the case says when."""
    sheet = {key: one for key, one in step.items() if key in StepSheet.model_fields}
    form = read_form(StepSheet, {**sheet, **(p.TWO if step.get("officers") else {})})
    by, now = PEOPLE[step["by"]], p.nine(str(step.get("recorded", step["on"])))
    if step["act"] == "defend":
        said = DefenceSheet(about=matter, on=step["on"], text=step["reason"])
        return str(acts.defend(session, said, by=by, now=now))
    return acts.take_step(session, matter, step["act"], form, by=by, now=now, policy=POLICY)


@pytest.mark.parametrize("case", CASES, ids=[one["name"] for one in CASES])
def test_a_penalty_takes_the_course_the_law_gives_it(engine: Engine, case: dict[str, Any]) -> None:
    with writing(engine) as session:
        id = p.city(session)
        if not case.get("unrepresented"):
            p.represented(session, id, until=case.get("represented_until"))
        until = case.get("from")
        matter = p.penalty(session, id, until=until) if until else p.case(session, id)
        for step in case["steps"]:
            if refused := step.get("refused"):
                with pytest.raises(RegistryError, match=refused):
                    taken(session, matter, step)
                continue
            state = taken(session, matter, step)
            assert state == step.get("state", state), step
            due = queries.matter(session, matter).line.due_on
            assert due == step.get("due", due), step


def test_days_off_that_are_announced_after_a_notice_make_its_term_longer(engine: Engine) -> None:
    year = Year(year=2026, holidays=tuple(date(2026, 4, day) for day in (6, 7, 8)))
    known = Calendar({2026: year})
    with writing(engine) as session:
        matter = p.penalty(session, p.city(session), until="heard")
        assert queries.matter(session, matter).steps[2].due_on == date(2026, 4, 8)

        def review(on: int) -> str:
            form = StepSheet(on=date(2026, 4, on), reason="清楚")
            return acts.take_step(
                session, matter, "review", form, by=p.SUN, now=p.NOW, calendar=known
            )

        with pytest.raises(RegistryError, match="2026-04-13 才满"):
            review(13)
        assert review(14) == "reviewed"


def test_days_off_that_are_announced_after_its_service_make_the_term_of_suits_longer(
    engine: Engine,
) -> None:
    # Served on 16 April, told until 16 October; the days off of that week were announced afterwards.
    year = Year(year=2026, holidays=(date(2026, 10, 16), date(2026, 10, 19)))
    known = Calendar({2026: year})
    with writing(engine) as session:
        matter = p.penalty(session, p.city(session), until="served")
        assert queries.matter(session, matter).line.due_on == date(2026, 10, 16)

        def finalise(on: int) -> str:
            form = StepSheet(on=date(2026, 10, on))
            return acts.take_step(
                session, matter, "finalise", form, by=p.LI, now=p.NOW, calendar=known
            )

        with pytest.raises(RegistryError, match="2026-10-20 才满"):
            finalise(17)
        assert finalise(21) == "final"


def test_a_fine_unpaid_after_fifteen_days_is_told_and_surcharged_once(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.penalty(session, id, p.finding(session, id), until="served")

        def told(on: str) -> list[str]:
            made = reminders(session, now=p.nine(on), calendar=WEEKENDS_ONLY)
            return [one.account for one in made if one.key.startswith("fine:")]

        paper = {"document_no": "甬教加〔2026〕1号", "reason": "没有缴纳"}
        with pytest.raises(RegistryError, match="2026-05-01 才满"):
            p.step(session, matter, "surcharge", p.SUN, "2026-05-01", **paper)
        assert (told("2026-05-01"), told("2026-05-02")) == ([], ["li"])
        before = queries.facts_of(session, id, date(2026, 6, 1))
        assert p.step(session, matter, "surcharge", p.SUN, "2026-05-02", **paper) == "served"
        assert queries.matter(session, matter).line.due_on == date(2026, 10, 16)
        assert queries.facts_of(session, id, date(2026, 6, 1)) == before
        assert told("2026-05-04") == []
        shown = queries.shown_matter(session, id, matter).steps[-1]
        assert (shown.reason, shown.document_no) == ("没有缴纳", "甬教加〔2026〕1号")
        with pytest.raises(RegistryError, match="已经加处"):
            p.step(session, matter, "surcharge", p.SUN, "2026-05-05", **paper)


def test_a_number_of_a_case_is_used_once(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        sheet = {"institution": id, "case_no": "甬教立〔2026〕1号", "on": "2026-03-20", **p.TWO}
        first = acts.open_case(session, read_form(CaseSheet, sheet), by=p.LI, now=p.NOW)
        with pytest.raises(Conflict, match=first):
            acts.open_case(session, read_form(CaseSheet, sheet), by=p.LI, now=p.NOW)


def test_one_fact_is_in_one_case_and_what_was_found_untrue_in_none(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        found, untrue = p.finding(session, id), p.finding(session, id, code="A01")
        first = p.case(session, id, found)
        with pytest.raises(Conflict, match=first):
            p.case(session, id, found)
        p.step(session, untrue, "dismiss", p.SUN, "2026-03-06", reason="查无实据")
        with pytest.raises(RegistryError, match="不成立"):
            p.case(session, id, untrue)
        p.step(session, first, "drop", p.ZHAO, "2026-03-21", reason="证据不足")
        assert p.case(session, id, found) != first


# When it happened, seen on 2 March 2026, and what the refusal says and does not say; none where it is in time.
SEEN_LATE: list[tuple[str | None, str, str]] = [
    (None, "", ""),
    ("2024-03-02", "", ""),
    ("2024-03-01", "五年", ""),
    ("2021-03-02", "五年", ""),
    ("2021-03-01", "终了之日", "五年"),
    ("2018-01-05", "发生于 2018-01-05，发现于 2026-03-02", "五年"),
]


@pytest.mark.parametrize(("occurred_on", "said", "unsaid"), SEEN_LATE)
def test_what_was_seen_after_two_years_is_filed_only_with_a_reason(
    engine: Engine, occurred_on: str | None, said: str, unsaid: str
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        late = p.finding(session, id, occurred_on=occurred_on)
        sheet = {"institution": id, "findings": [p.finding(session, id), late], **p.TWO}

        def file(**more: str) -> str:
            form = read_form(CaseSheet, {**sheet, "on": "2026-03-20", **more})
            return acts.open_case(session, form, by=p.LI, now=p.NOW)

        if not said:
            assert file()
            return
        with pytest.raises(FormRefused, match=said) as refused:
            file()
        (problem,) = refused.value.problems
        assert (problem.field, late in problem.remedy) == ("reason", True)
        assert not unsaid or unsaid not in problem.remedy
        case = file(reason="行为持续到 2026-02-27 终了")
        assert queries.matter(session, case).steps[0].reason == "行为持续到 2026-02-27 终了"
        (entry,) = queries.ledger_entries(session, queries.LedgerFilter(subject=case))
        assert "行为持续到 2026-02-27 终了" in entry.body


def test_contested_twice_is_one_dispute_and_it_ends(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.penalty(session, id, until="served")
        paper = {"document_no": "1", "reason": "维持"}
        p.step(session, matter, "contest", p.LI, "2026-05-01", reason="复议")
        p.step(session, matter, "uphold", p.SUN, "2026-06-30", **paper)
        p.step(session, matter, "contest", p.LI, "2026-07-10", reason="起诉")
        p.step(session, matter, "uphold_finally", p.SUN, "2026-09-30", **paper)
        (record,) = queries.facts_of(session, id, date(2026, 11, 1)).records
        assert [one.state for one in record.events] == [
            State.DECIDED,
            State.SERVED,
            State.DISPUTED,
            State.DISPUTE_ENDED,
            State.FINAL,
        ]
        # While it was contested it weighed nothing, and from the last judgment on it does.
        for on, counted in (("2026-06-01", 0), ("2026-08-01", 0), ("2026-10-01", 1)):
            facts = queries.facts_of(session, id, p.day(on))
            assert len(assess(facts, POLICY, p.day(on)).reasons) == counted


def test_a_finding_is_confirmed_for_less_than_was_recorded_and_never_for_more(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.finding(session, id, extent=3)
        p.step(session, matter, "hear", p.WANG, "2026-03-05", reason="只有两处")
        with pytest.raises(RegistryError, match="行政处罚法第四十五条"):
            p.step(session, matter, "confirm", p.LI, "2026-03-06", extent=4)
        p.step(session, matter, "confirm", p.LI, "2026-03-06", extent=2)
        assert queries.facts_of(session, id, date(2026, 3, 5)).records[0].extent == 3
        assert queries.facts_of(session, id, date(2026, 3, 6)).records[0].extent == 2


def test_what_was_closed_unmended_can_still_be_mended_and_its_delay_ends(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.finding(session, id)
        p.step(session, matter, "hear", p.WANG, "2026-03-05", reason="无异议")
        p.step(session, matter, "confirm", p.LI, "2026-03-06")
        order = {"document_no": "甬教责改〔2026〕1号", "due_on": "2026-04-06"}
        p.step(session, matter, "order", p.LI, "2026-03-07", **order)
        p.step(session, matter, "fail", p.WANG, "2026-04-07", reason="没有整改", **p.TWO)
        p.step(session, matter, "close", p.LI, "2026-04-08", reason="已经立案")

        def overdue(on: str) -> bool:
            rating = assess(queries.facts_of(session, id, p.day(on)), POLICY, p.day(on))
            return not next(one.met for one in rating.conditions if one.code == "no_overdue")

        assert overdue("2026-04-30")
        assert p.step(session, matter, "pass", p.WANG, "2026-05-01", **p.TWO) == "passed"
        assert not overdue("2026-05-01")
        p.step(session, matter, "close", p.LI, "2026-05-02", reason="已经改正")
        with pytest.raises(RegistryError, match="已经复查合格"):
            p.step(session, matter, "pass", p.WANG, "2026-05-03", **p.TWO)


def judgment(session: Session, institution: str, code: str, *findings: str) -> str:
    sheet = {
        "institution": institution,
        "code": code,
        "on": "2026-05-06",
        "document_no": "（2026）浙0203执100号",
        "organ": "宁波市海曙区人民法院",
        "statement": "被列为失信被执行人",
        "findings": list(findings),
    }
    return acts.record_judgment(session, read_form(JudgmentSheet, sheet), by=p.WANG, now=p.NOW)


def test_a_court_s_listing_counts_from_its_check_until_the_exit(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = judgment(session, id, "D05")
        li = acts.Actor(account="wang", role="reviewer", name="王审核")
        with pytest.raises(RegistryError, match="另一人"):
            p.step(session, matter, "confirm", li, "2026-05-07")
        p.step(session, matter, "confirm", p.LI, "2026-05-07")
        paper = {"document_no": "（2026）浙0203执100号之一", "reason": "已履行"}
        p.step(session, matter, "exit", p.LI, "2026-09-01", **paper)
        for on, points in (("2026-05-06", []), ("2026-05-07", [-20]), ("2026-09-01", [])):
            facts = queries.facts_of(session, id, p.day(on))
            reasons = assess(facts, POLICY, p.day(on)).reasons
            assert [int(one.points) for one in reasons] == points, on


def test_a_judgment_proves_what_only_a_court_can_and_is_one_case_with_the_fault(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        found = p.finding(session, id, code="P01")
        other = p.institution(session, name="宁波市海曙区远航科技学校")
        with pytest.raises(Conflict, match=id):
            judgment(session, other, "P01", found)
        matter = judgment(session, id, "P01", found)
        p.step(session, matter, "confirm", p.LI, "2026-05-07")
        facts = queries.facts_of(session, id, date(2026, 6, 1))
        assert {one.case for one in facts.records} == {matter}
        rating = assess(facts, POLICY, date(2026, 6, 1))
        assert [one.record for one in rating.reasons] == [matter]
        assert [one.because for one in rating.proposals] == [matter]
