"""Objections, repair, complaints: what each sets going, and what it may never do."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from config.daily import owed_first
from registry import acts, queries
from registry.accounts import create_account
from registry.acts.matters import WEEKENDS_ONLY
from registry.database import writing
from registry.errors import Conflict, FormRefused, NotAllowed, RegistryError, StepRefused, read_form
from registry.forms import (
    AccountForm,
    ComplaintSheet,
    DefenceSheet,
    EditionForm,
    ObjectionSheet,
    RepairSheet,
    StepForm,
    WithdrawalForm,
)
from registry.portal.rights import rights
from tests.registry import people as p
from tests.registry.test_penalties import POLICY

PAPER = {"document_no": "甬教异〔2026〕1号", "reason": "复核"}


def account(session: Session, actor: acts.Actor, jurisdiction: str = "") -> None:
    """An account for one of the people of the tests."""
    sheet = {"id": actor.account, "name": actor.name, "password": "long-enough-1"}
    form = read_form(AccountForm, {**sheet, "role": actor.role, "jurisdiction": jurisdiction})
    create_account(session, form, by=p.ADMIN, now=p.NOW)


def confirmed(session: Session, institution: str, **changed: Any) -> str:
    matter = p.finding(session, institution, **changed)
    p.step(session, matter, "hear", p.WANG, "2026-03-05", reason="无异议")
    p.step(session, matter, "confirm", p.LI, "2026-03-06")
    return matter


def objection(session: Session, about: str) -> str:
    sheet = ObjectionSheet(about=about, on=date(2026, 11, 10), text="事实有误")
    return acts.object_to(session, sheet, by=p.SCHOOL, now=p.NOW)


def released(session: Session, period: str, cut_off: str, now: datetime = p.NOW) -> None:
    """An edition that is out."""
    form = EditionForm(period=period, cut_off=p.day(cut_off), digest="a" * 64)
    acts.prepare_edition(session, form, by=p.QIAN, now=now)
    acts.approve_edition(session, period, 0, "a" * 64, by=p.ZHOU, now=now)
    acts.release_edition(session, period, 0, by=p.QIAN, now=now)


def owed(session: Session) -> list[queries.MatterLine]:
    return queries.matters(session, kinds=("withdrawal",), open_only=True)


def test_an_upheld_objection_undoes_the_record_within_three_working_days(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        about = confirmed(session, id)
        asked = objection(session, about)
        recorder = acts.Actor(account="wang", role="reviewer", name="王审核")
        with pytest.raises(NotAllowed, match="记录或者认定了所异议的事项"):
            p.step(session, asked, "uphold", recorder, "2026-11-12", reason="属实")
        assert p.step(session, asked, "uphold", p.SUN, "2026-11-12", reason="属实") == "upheld"
        line = queries.matter(session, asked).line
        assert line.open
        assert line.due_on == date(2026, 11, 17)
        # Until it is undone it stays marked, and is never taken for right in between.
        events = queries.facts_of(session, id, date(2026, 11, 13)).records[0].events
        assert events[-1].state == "disputed"
        p.step(session, asked, "undo", p.ZHAO, "2026-11-13", **PAPER)
        assert queries.matter(session, about).line.state == "annulled"
        assert not queries.matter(session, asked).line.open


def test_the_mark_of_a_dispute_is_there_to_be_published_from_the_day_it_is_lodged(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        asked = objection(session, confirmed(session, id))

        def there(after: str, upto: str) -> dict[str, date]:
            return queries.formed(session, p.nine("2026-12-31"), p.day(after), p.day(upto), UTC)

        assert there("2026-10-31", "2026-11-30") == {id: p.day("2026-11-10")}
        p.step(session, asked, "reject", p.SUN, "2026-11-13", **PAPER)
        assert there("2026-11-10", "2026-11-30") == {id: p.day("2026-11-13")}


def test_an_objection_is_answered_in_five_days_unless_the_head_gives_more_for_a_reason(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        asked = objection(session, confirmed(session, id))
        p.step(session, asked, "accept", p.WANG, "2026-11-11")
        assert queries.matter(session, asked).line.due_on == date(2026, 11, 17)

        def extend(by: acts.Actor, on: str, **papers: Any) -> str:
            return p.step(session, asked, "extend", by, on, **papers)

        more = {"reason": "要向银行调取流水", "due_on": "2026-12-08"}
        with pytest.raises(NotAllowed):
            extend(p.LI, "2026-11-12", **more)
        with pytest.raises(FormRefused, match="理由"):
            extend(p.ZHAO, "2026-11-12", due_on="2026-12-08")
        with pytest.raises(FormRefused, match=r"最迟 2026-12-08.*第三十一条"):
            extend(p.ZHAO, "2026-11-12", **more | {"due_on": "2026-12-09"})
        with pytest.raises(FormRefused, match="晚于原来的 2026-11-17"):
            extend(p.ZHAO, "2026-11-12", **more | {"due_on": "2026-11-17"})
        with pytest.raises(FormRefused, match="2026-11-17 已满"):
            extend(p.ZHAO, "2026-11-18", **more)
        assert extend(p.ZHAO, "2026-11-12", **more) == "accepted"
        line = queries.matter(session, asked).line
        assert (line.open, line.due_on) == (True, date(2026, 12, 8))
        told = queries.shown_matter(session, id, asked).steps[-1]
        assert (told.reason, told.due_on) == ("要向银行调取流水", date(2026, 12, 8))
        (clock,) = rights(queries.shown_matter(session, id, asked), p.NOW.date(), WEEKENDS_ONLY)
        assert (clock.by, clock.article[-5:]) == (date(2026, 12, 8), "第三十一条")


def test_who_confirmed_a_record_decides_no_objection_to_it(engine: Engine) -> None:
    with writing(engine) as session:
        asked = objection(session, confirmed(session, p.city(session)))
        with pytest.raises(NotAllowed, match="记录或者认定了所异议的事项"):
            p.step(session, asked, "reject", p.LI, "2026-11-12", **PAPER)
        assert p.step(session, asked, "reject", p.ZHAO, "2026-11-12", **PAPER) == "rejected"


def test_the_office_withdraws_an_objection_on_its_applicants_paper_alone(engine: Engine) -> None:
    with writing(engine) as session:
        about = confirmed(session, p.city(session))
        asked = objection(session, about)
        with pytest.raises(FormRefused, match="书面撤回申请"):
            p.step(session, asked, "withdraw", p.LI, "2026-11-12", reason="口头撤回")
        assert p.step(session, asked, "withdraw", p.LI, "2026-11-12", **PAPER) == "withdrawn"
        again = objection(session, about)
        step = StepForm(on=date(2026, 11, 13), reason="已说明")
        assert acts.take_step(session, again, "withdraw", step, by=p.SCHOOL, now=p.NOW)


def test_who_is_named_as_an_officer_confirms_as_little_as_who_typed_it(engine: Engine) -> None:
    with writing(engine) as session:
        found = p.finding(session, p.city(session), second_officer=p.LI.name)
        p.step(session, found, "hear", p.WANG, "2026-03-05", reason="无异议")
        with pytest.raises(NotAllowed, match="办理过这件事项的前面步骤"):
            p.step(session, found, "confirm", p.LI, "2026-03-06")
        assert p.step(session, found, "confirm", p.SUN, "2026-03-06") == "confirmed"


def test_a_correction_needs_the_record_that_corrects(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        about = confirmed(session, id, extent=3)
        asked = objection(session, about)
        p.step(session, asked, "uphold", p.SUN, "2026-11-12", reason="只有一处")
        with pytest.raises(StepRefused, match=about):
            p.step(session, asked, "correct", p.ZHAO, "2026-11-13", **PAPER)
        other = p.institution(session, name="宁波市海曙区晚霞艺术培训学校")
        for place, wrong in ((other, about), (id, "WT2026-999999")):
            with pytest.raises(FormRefused, match=r"不是这家机构的|没有这件事项"):
                p.finding(session, place, corrects=wrong)
        untrue = p.finding(session, id, corrects=about)
        p.step(session, untrue, "dismiss", p.SUN, "2026-11-12", reason="查无实据")
        with pytest.raises(StepRefused, match=about):
            p.step(session, asked, "correct", p.ZHAO, "2026-11-13", **PAPER)
        better = p.finding(session, id, corrects=about)
        p.step(session, asked, "correct", p.ZHAO, "2026-11-13", **PAPER)
        sheet = queries.matter(session, about)
        assert sheet.line.state == "annulled"
        assert better in sheet.steps[-1].reason


def test_what_was_published_and_annulled_is_owed_back_until_every_edition_withdrew_it(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        account(session, p.QIAN)
        id = p.city(session)
        decided = p.penalty(session, id)
        released(session, "2026-10", "2026-09-30")
        p.step(session, decided, "annul", p.ZHAO, "2026-10-21", **PAPER)
        assert owed(session) == []  # it was never printed
        other = p.penalty(session, id)
        listing = p.listed(session, id, other)
        released(session, "2026-11", "2026-10-31")
        p.step(session, other, "annul", p.ZHAO, "2026-11-20", **PAPER)
        (line,) = owed(session)
        assert (line.owner, line.due_on) == ("qian", date(2026, 11, 27))
        assert queries.matter(session, listing).line.state == "ended"
        form = WithdrawalForm(
            period="2026-10", institution=id, reason="撤销", on=date(2026, 11, 24)
        )
        assert (
            acts.recall_done(session, id, (), by=p.QIAN, now=p.NOW) == []
        )  # nothing was withdrawn
        acts.withdraw_entry(session, form, by=p.QIAN, now=p.NOW)
        # On record it is, but the edition that printed it still shows it.
        assert acts.recall_done(session, id, {other}, by=p.QIAN, now=p.NOW) == []
        again = form.model_copy(update={"period": "2026-11"})
        first = acts.withdraw_entry(session, again, by=p.QIAN, now=p.NOW)
        assert acts.withdraw_entry(session, again, by=p.QIAN, now=p.NOW) == first
        assert len(owed(session)) == 1
        assert acts.recall_done(session, id, (), by=p.QIAN, now=p.NOW) == [line.id]
        assert owed(session) == []


def test_of_two_withdrawals_the_day_counts_the_one_that_is_due_first(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        both = [confirmed(session, id), confirmed(session, id, code="A01")]
        released(session, "2026-11", "2026-10-31")
        for finding, on in zip(both, ("2026-11-16", "2026-11-19"), strict=True):
            form = StepForm(on=p.day(on), **PAPER)
            acts.take_step(session, finding, "annul", form, by=p.ZHAO, now=p.nine(on))
        days = [one.due_on for one in owed(session)]
        assert days == [date(2026, 11, 19), date(2026, 11, 24)]
        assert owed_first(session)[id].due_on == date(2026, 11, 19)


def test_a_later_edition_takes_the_place_of_a_withdrawal(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        about = confirmed(session, id)
        released(session, "2026-04", "2026-03-31")
        p.step(session, about, "annul", p.ZHAO, "2026-11-20", **PAPER)
        (line,) = owed(session)
        with pytest.raises(StepRefused, match="撤回条目"):
            p.step(session, line.id, "recall", p.QIAN, "2026-11-24", reason="已撤")
        released(session, "2026-05", "2026-04-30")
        assert len(owed(session)) == 1  # it still counts what stood on that day
        released(session, "2026-12", "2026-11-30")
        assert owed(session) == []
        assert queries.matter(session, line.id).line.state == "replaced"


def repair(about: str, on: str) -> RepairSheet:
    return RepairSheet(about=about, on=p.day(on), proof="缴款凭证", undertaking="承诺书")


def test_a_penalty_is_repaired_after_its_minimum_term_and_then_neither_shown_nor_used(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        found = confirmed(session, id, code="S01")
        matter = p.penalty(session, id, found)
        early = repair(matter, "2026-07-14")
        with pytest.raises(FormRefused, match="最早 2026-07-15"):
            acts.apply_for_repair(session, early, by=p.SCHOOL, now=p.NOW, policy=POLICY)
        asked = acts.apply_for_repair(
            session, repair(matter, "2026-11-02"), by=p.SCHOOL, now=p.NOW, policy=POLICY
        )
        with pytest.raises(Conflict, match=asked):
            acts.apply_for_repair(
                session, repair(matter, "2026-11-03"), by=p.SCHOOL, now=p.NOW, policy=POLICY
            )
        p.step(session, asked, "accept", p.LI, "2026-11-03")
        who = acts.Actor(account="li", role="head", name="李局长")
        with pytest.raises(NotAllowed):
            p.step(session, asked, "grant", who, "2026-11-10", **PAPER)
        p.step(session, asked, "grant", p.ZHAO, "2026-11-10", **PAPER)
        before = queries.facts_of(session, id, date(2026, 11, 9))
        assert {one.id for one in before.records} == {found, matter}
        assert queries.facts_of(session, id, date(2026, 11, 10)).records == ()


def test_a_listing_is_repaired_by_its_application_alone_with_the_same_paper(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        watch = p.listed(session, id, "", list="watch")
        with pytest.raises(StepRefused, match="修复申请"):
            p.step(session, watch, "repair", p.ZHAO, "2026-11-20", **PAPER)
        black = p.listed(session, id, p.penalty(session, id))
        with pytest.raises(FormRefused, match="最早 2027-11-03"):
            acts.apply_for_repair(session, repair(black, "2026-11-20"), by=p.SCHOOL, now=p.NOW)
        with pytest.raises(FormRefused, match="最早 2027-11-03"):
            p.step(session, black, "lift", p.ZHAO, "2026-11-20", **PAPER)
        asked = acts.apply_for_repair(session, repair(watch, "2026-11-10"), by=p.SCHOOL, now=p.NOW)
        p.step(session, asked, "accept", p.LI, "2026-11-11")
        p.step(session, asked, "grant", p.ZHAO, "2026-11-12", **PAPER)
        last = queries.matter(session, watch).steps[-1]
        assert (last.act, last.document_no) == ("repair", PAPER["document_no"])


def test_what_a_listing_ended_by_is_printed_and_names_no_number_of_a_person(engine: Engine) -> None:
    number = "负责人 11010519491231002X 已履行"
    with writing(engine) as session:
        id = p.city(session)
        watch = p.listed(session, id, "", list="watch")
        asked = acts.apply_for_repair(session, repair(watch, "2026-11-10"), by=p.SCHOOL, now=p.NOW)
        p.step(session, asked, "accept", p.LI, "2026-11-11", reason=number)  # stays inside
        with pytest.raises(FormRefused, match=r"“理由”.+身份证号码"):
            p.step(session, asked, "grant", p.ZHAO, "2026-11-12", **PAPER | {"reason": number})
        with pytest.raises(FormRefused, match=r"“理由”.+身份证号码"):
            p.step(session, watch, "annul", p.ZHAO, "2026-11-12", **PAPER | {"reason": number})


def test_a_listing_may_be_decided_for_less_than_was_told_and_not_for_more(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.listing(session, id, p.penalty(session, id), months=24)
        p.step(session, matter, "notify", p.LI, "2026-10-22", document_no="告1", months=18)
        p.step(session, matter, "hear", p.WANG, "2026-10-30", reason="申辩")
        p.step(session, matter, "review", p.SUN, "2026-11-02", reason="清楚")
        papers = {"document_no": "信1", "organ": "局", **p.TWO}
        with pytest.raises(FormRefused, match="行政处罚法第四十五条"):
            p.step(session, matter, "decide", p.ZHAO, "2026-11-03", months=19, **papers)
        p.step(session, matter, "decide", p.ZHAO, "2026-11-03", months=12, **papers)
        p.step(session, matter, "serve", p.WANG, "2026-11-05", document_no="送1", **p.NOTICES)
        (found,) = queries.facts_of(session, id, date(2026, 11, 5)).listings
        assert found.until == date(2027, 11, 2)
        assert queries.matter(session, matter).line.due_on == date(2027, 11, 2)
        with pytest.raises(FormRefused, match="2027-11-02 才满"):
            p.step(session, matter, "expire", p.LI, "2026-11-20")


def test_a_listing_waits_for_what_was_said_after_its_review(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.listing(session, id, p.penalty(session, id))
        p.step(session, matter, "notify", p.LI, "2026-10-22", document_no="告1")
        p.step(session, matter, "hear", p.WANG, "2026-10-30", reason="未提出")
        p.step(session, matter, "review", p.SUN, "2026-11-02", reason="清楚")
        said = DefenceSheet(about=matter, on=date(2026, 11, 3), text="学费已经退清")
        acts.defend(session, said, by=p.SCHOOL, now=p.NOW + timedelta(hours=1))
        papers = {"document_no": "信1", "organ": "局", **p.TWO}
        with pytest.raises(StepRefused, match="还没有听取"):
            p.step(session, matter, "decide", p.ZHAO, "2026-11-03", **papers)
        heard, later = StepForm(on=date(2026, 11, 4), reason="属实"), p.NOW + timedelta(hours=2)
        assert acts.take_step(session, matter, "hear", heard, by=p.WANG, now=later) == "heard"
        p.step(session, matter, "review", p.SUN, "2026-11-05", reason="清楚")
        assert p.step(session, matter, "decide", p.ZHAO, "2026-11-06", **papers) == "decided"


def test_a_complaint_has_its_clock_and_its_sender_is_seen_for_a_purpose_only(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        sheet = {"institution": id, "on": "2026-11-20", "text": "不退费", "contact": "13900000000"}
        form = read_form(ComplaintSheet, sheet)
        received = acts.receive_complaint(session, form, by=p.WANG, now=p.NOW)
        shown = queries.matter(session, received.matter)
        assert shown.line.due_on == date(2026, 11, 25)
        assert "contact" not in shown.content
        entries = queries.ledger_entries(session, institution=id, act="complaint.receive")
        assert not any("13900000000" in one.body or "不退费" in one.body for one in entries)
        with pytest.raises(FormRefused, match="目的"):
            acts.read_contact(session, received.matter, " ", by=p.LI, now=p.NOW)
        assert queries.readings(session, id) == []
        seen = acts.read_contact(session, received.matter, "核实退费", by=p.LI, now=p.NOW)
        assert seen == "13900000000"
        assert [one.purpose for one in queries.readings(session, id)] == ["核实退费"]
        p.step(session, received.matter, "accept", p.LI, "2026-11-21")
        p.step(session, received.matter, "answer", p.LI, "2026-11-23", reason="已退费")
        with pytest.raises(NotAllowed):
            p.step(session, received.matter, "finish", p.LI, "2026-11-24")
        assert p.step(session, received.matter, "finish", p.SUN, "2026-11-24") == "closed"


def test_only_what_is_recorded_can_be_objected_to(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        asked = objection(session, confirmed(session, id))
        with pytest.raises(StepRefused, match="行政复议"):
            objection(session, asked)


def test_whatever_is_open_has_a_date(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        confirmed(session, id)
        p.penalty(session, id, until="served")
        p.listed(session, id, "", list="watch")
        for line in queries.matters(session, open_only=True):
            assert line.due_on is not None, line
            assert line.owner, line


def test_a_late_day_is_told_before_anything_is_written(engine: Engine) -> None:
    later = datetime(2027, 1, 4, 1, tzinfo=UTC)
    with writing(engine) as session:
        found = confirmed(session, p.city(session))
        order = StepForm(on=later.date(), due_on=later.date() - timedelta(days=1), document_no="1")
        with pytest.raises(RegistryError, match="不能早于办理日期"):
            acts.take_step(session, found, "order", order, by=p.LI, now=later)
        assert queries.matter(session, found).line.state == "confirmed"
