"""Acts: what they demand, what they record, and what they refuse, on both engines."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from registry import acts, queries
from registry.database import reading, writing
from registry.errors import Conflict, FormRefused, NotAllowed, NotFound, StepRefused, read_form
from registry.forms import (
    CoverSheet,
    LicenceForm,
    NameForm,
    ObjectionSheet,
    ReplyForm,
    StepForm,
)
from registry.ledger import check
from registry.tables import Registration
from scoring.facts import State
from tests.registry import people as p


def states(session: Session, institution: str, on: date) -> list[tuple[str, list[State]]]:
    facts = queries.facts_of(session, institution, on)
    return [(one.code, [event.state for event in one.events]) for one in facts.records]


def test_an_institution_is_registered_found_and_read_back(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(
            session,
            code=p.CODE,
            licence_no="教民133020370000010号",
            licence_since="2020-03-01",
            licence_until="2029-12-31",
            legal_representative="张三",
            names=[{"kind": "brand", "text": "晨光"}],
        )
    with reading(engine) as session:
        file = queries.credit_file(session, id, date(2026, 11, 1))
        assert (file.name, file.code, file.licence_no) == (
            "宁波市海曙区晨光艺术培训学校",
            p.CODE,
            "教民133020370000010号",
        )
        assert (file.organ, file.legal_representative) == ("海曙区教育局", "张三")
        assert {one.text for one in file.names} == {"晨光", "宁波市海曙区晨光艺术培训学校"}
        for words in ("晨光艺术", id, p.CODE.lower(), "中山西路", "  晨光 "):
            assert [one.id for one in queries.institutions(session, date(2026, 11, 1), words)] == [
                id
            ]
        assert queries.institutions(session, date(2026, 11, 1), "100%") == []
        assert queries.institutions(session, date(2026, 11, 1), "", ["330205"]) == []


@pytest.mark.parametrize(
    ("field", "column", "value"),
    [
        ("registered_on", "since", date(2019, 5, 6)),
        ("registered_until", "until", date(2029, 5, 5)),
        ("registrar", "registrar", "海曙区民政局"),
    ],
)
def test_a_registration_without_its_number_is_kept_and_is_none(
    engine: Engine, field: str, column: str, value: object
) -> None:
    with writing(engine) as session:
        id = p.city(session, **{field: value})
    with reading(engine) as session:
        kept = session.exec(select(Registration).where(Registration.institution == id)).one()
        assert getattr(kept, column) == value
        assert queries.credit_file(session, id, date(2026, 11, 1)).facts.registrations == ()


def test_a_person_teaching_without_registration_is_not_named(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session, legal_representative="李某某")
        file = queries.credit_file(session, id, date(2026, 11, 1))
        assert file.legal_representative == ""
        assert file.facts.registrations == ()


def test_one_code_cannot_stand_for_two_institutions(engine: Engine) -> None:
    with writing(engine) as session:
        first = p.city(session, code=p.CODE)
        with pytest.raises(Conflict, match=first):
            p.institution(session, code=p.CODE)


def test_a_wrong_check_digit_needs_a_look_at_the_original(engine: Engine) -> None:
    wrong = p.CODE[:-1] + "D"
    with writing(engine) as session:
        p.city(session)
        with pytest.raises(FormRefused, match="原件"):
            p.institution(session, code=wrong)
        id = p.institution(session, code=wrong, confirmed_as_on_original=True)
        assert queries.credit_file(session, id, date(2026, 11, 1)).code == wrong


def test_a_renamed_institution_keeps_its_former_name_with_its_days(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        form = NameForm(kind="legal", text="宁波晨曦艺术培训学校", since=date(2026, 6, 1))
        acts.rename(session, id, form, by=p.QIAN, now=p.NOW)
        before = queries.credit_file(session, id, date(2026, 5, 31))
        after = queries.credit_file(session, id, date(2026, 6, 1))
        assert before.name == "宁波市海曙区晨光艺术培训学校"
        assert after.name == "宁波晨曦艺术培训学校"
        assert [one.until for one in after.names] == [date(2026, 5, 31), None]


def test_the_same_inspection_sent_twice_is_recorded_once(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        first = p.inspection(session, id, measures=[{"code": "卫生", "value": "12.5"}])
        entries = len(queries.ledger_entries(session))
        assert p.inspection(session, id, measures=[{"code": "卫生", "value": "12.5"}]) == first
        assert len(queries.ledger_entries(session)) == entries
        with pytest.raises(Conflict, match="幂等键"):
            p.inspection(session, id, on="2026-03-03")
        facts = queries.facts_of(session, id, date(2026, 11, 1))
        assert [str(one.value) for one in facts.inspections[0].measures] == ["12.5"]


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"second_officer": "王检查"}, "两名"),
        ({"second_officer": ""}, "两名"),
        ({"on": "2026-11-25"}, "今天"),
        ({"signed": False}, "拒签"),
    ],
)
def test_an_inspection_without_its_formalities_is_refused(
    engine: Engine, changed: dict[str, object], word: str
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        with pytest.raises(FormRefused, match=word):
            p.inspection(session, id, **changed)


def test_a_finding_takes_its_course_and_its_events_reach_scoring(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.finding(session, id)
        p.step(session, matter, "hear", p.WANG, "2026-03-05", reason="无异议")
        p.step(session, matter, "confirm", p.LI, "2026-03-06")
        order = {"document_no": "甬教改〔2026〕1号", "due_on": "2026-04-06"}
        p.step(session, matter, "order", p.LI, "2026-03-07", **order)
        longer = {"reason": "施工延误", "due_on": "2026-05-06"}
        p.step(session, matter, "extend", p.ZHAO, "2026-04-01", **longer)
        assert p.step(session, matter, "pass", p.WANG, "2026-05-01", **p.TWO) == "passed"
        assert states(session, id, date(2026, 3, 6)) == [
            ("S01", [State.DISCOVERED, State.CONFIRMED])
        ]
        events = queries.facts_of(session, id, date(2026, 6, 1)).records[0].events
        assert [one.state for one in events] == [
            State.DISCOVERED,
            State.CONFIRMED,
            State.ORDERED,
            State.PASSED,
        ]
        assert (events[2].due_on, events[2].document_no) == (date(2026, 5, 6), "甬教改〔2026〕1号")
        early = queries.facts_of(session, id, date(2026, 3, 31)).records[0].events
        assert early[-1].due_on == date(2026, 4, 6)


def test_who_recorded_may_not_confirm(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        li = acts.Actor(account="wang", role="reviewer", name="王审核")
        matter = p.finding(session, id)
        p.step(session, matter, "hear", p.WANG, "2026-03-05", reason="无异议")
        with pytest.raises(NotAllowed, match="另一人"):
            p.step(session, matter, "confirm", li, "2026-03-06")


def test_a_step_out_of_its_place_says_what_is_possible(engine: Engine) -> None:
    with writing(engine) as session:
        matter = p.finding(session, p.city(session))
        with pytest.raises(StepRefused, match=r"已记录.*听取陈述申辩"):
            p.step(session, matter, "pass", p.WANG, "2026-03-05", **p.TWO)


def test_every_lacking_paper_is_named_at_once(engine: Engine) -> None:
    with writing(engine) as session:
        matter = p.finding(session, p.city(session))
        p.step(session, matter, "hear", p.WANG, "2026-03-05", reason="无异议")
        p.step(session, matter, "confirm", p.LI, "2026-03-06")
        with pytest.raises(FormRefused) as caught:
            p.step(session, matter, "order", p.LI, "2026-03-01")
        assert {one.field for one in caught.value.problems} == {"document_no", "due_on", "on"}


def test_a_penalty_and_its_finding_are_one_case(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        found = p.finding(session, id, code="A02")
        matter = p.penalty(session, id, found)
        early = queries.facts_of(session, id, date(2026, 4, 14))
        assert [(one.kind, one.case) for one in early.records] == [("finding", matter)]
        late = queries.facts_of(session, id, date(2026, 11, 1))
        assert {one.case for one in late.records} == {matter}
        decided = next(one for one in late.records if one.kind == "decision")
        assert (decided.code, decided.seen_on) == ("D02", date(2026, 3, 2))
        assert [one.state for one in decided.events] == [State.DECIDED, State.SERVED, State.FINAL]


def test_a_penalty_is_not_final_before_the_term_for_suits_is_over(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.penalty(session, id, until="served")
        due = queries.matter(session, matter).line.due_on
        assert due == date(2026, 10, 16)
        with pytest.raises(FormRefused, match="起诉期限"):
            p.step(session, matter, "finalise", p.LI, "2026-10-16")
        assert p.step(session, matter, "finalise", p.LI, "2026-10-17") == "final"


def test_a_contested_penalty_is_disputed_and_then_upheld(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.penalty(session, id, until="served")
        p.step(session, matter, "contest", p.LI, "2026-05-01", reason="已申请行政复议")
        p.step(session, matter, "uphold", p.SUN, "2026-06-30", document_no="复决 1", reason="维持")
        with pytest.raises(FormRefused, match="起诉期限"):
            p.step(session, matter, "finalise", p.LI, "2026-07-15")
        p.step(session, matter, "finalise", p.LI, "2026-07-16")
        (record,) = queries.facts_of(session, id, date(2026, 11, 1)).records
        assert [one.state for one in record.events][-3:] == [
            State.DISPUTED,
            State.DISPUTE_ENDED,
            State.FINAL,
        ]


def test_who_investigated_may_not_decide(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.penalty(session, id, until="reviewed")
        reviewer_as_head = acts.Actor(account="sun", role="head", name="孙审核")
        with pytest.raises(NotAllowed):
            acts.record_decision(
                session, matter, p.decision("2026-04-15"), by=reviewer_as_head, now=p.NOW
            )
        form = StepForm(on=date(2026, 4, 15))
        with pytest.raises(FormRefused, match="行政处罚法第四十五条"):
            acts.take_step(session, matter, "decide", form, by=p.ZHAO, now=p.NOW)


def test_no_black_list_without_a_final_decision(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        with pytest.raises(FormRefused, match="处罚决定"):
            p.listing(session, id, "")
        served = p.penalty(session, id, until="served")
        with pytest.raises(StepRefused, match="没有生效"):
            p.listed(session, id, served)


def test_a_listing_is_in_force_once_decided_and_served(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.listed(session, id, p.penalty(session, id))
        assert queries.facts_of(session, id, date(2026, 11, 4)).listings == ()
        (found,) = queries.facts_of(session, id, date(2026, 11, 5)).listings
        assert (found.id, found.list, found.document_no) == (matter, "black", "甬教信〔2026〕1号")
        assert (found.effective_on, found.until) == (date(2026, 11, 5), date(2027, 11, 2))


def test_an_annulled_decision_ends_the_listing_that_rests_on_it(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        decided = p.penalty(session, id)
        p.listed(session, id, decided)
        paper = {"document_no": "行终 1", "reason": "事实不清"}
        p.step(session, decided, "annul", p.ZHAO, "2026-11-20", **paper)
        (found,) = queries.facts_of(session, id, date(2026, 11, 21)).listings
        assert found.ended_on == date(2026, 11, 20)
        assert "撤销" in found.ended_because


def test_an_objection_marks_the_record_until_it_is_decided(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.listed(session, id, p.penalty(session, id))
        sheet = ObjectionSheet(about=matter, on=date(2026, 11, 10), text="事实有误")
        objection = acts.object_to(session, sheet, by=p.SCHOOL, now=p.NOW)
        assert queries.facts_of(session, id, date(2026, 11, 10)).listings[0].disputed
        assert queries.matter(session, objection).line.due_on == date(2026, 11, 17)
        papers = {"document_no": "甬教异〔2026〕1号", "reason": "维持"}
        other = acts.Actor(account="wu", role="reviewer", name="吴审核")
        p.step(session, objection, "reject", other, "2026-11-16", **papers)
        assert not queries.facts_of(session, id, date(2026, 11, 16)).listings[0].disputed


def test_what_was_known_at_an_instant_can_still_be_told(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.finding(session, id)
        form = StepForm(on=date(2026, 3, 5), reason="无异议")
        later = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
        acts.take_step(session, matter, "hear", form, by=p.WANG, now=later)
        form = StepForm(on=date(2026, 3, 6))
        acts.take_step(session, matter, "confirm", form, by=p.LI, now=later)
        on = date(2026, 11, 30)
        now = queries.facts_of(session, id, on).records[0]
        then = queries.facts_of(session, id, on, known_at=p.NOW).records[0]
        assert [one.state for one in now.events] == [State.DISCOVERED, State.CONFIRMED]
        assert [one.state for one in then.events] == [State.DISCOVERED]


def test_a_reply_stands_beside_the_record_and_covers_are_superseded(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.finding(session, id)
        reply = ReplyForm(about=matter, on=date(2026, 3, 4), text="已清理")
        acts.reply_to(session, reply, by=p.SCHOOL, now=p.NOW)
        sheet = {
            "institution": id,
            "cover_class": "premises",
            "insurer": "示例保险",
            "policy_no": "P1",
            "since": "2026-01-01",
            "until": "2026-12-31",
            "addresses": ["海曙区中山西路 1 号"],
        }
        form = read_form(CoverSheet, sheet)
        cover = acts.record_cover(session, form, by=p.SCHOOL, now=p.NOW)
        with pytest.raises(Conflict, match="登记过"):
            acts.record_cover(session, form, by=p.SCHOOL, now=p.NOW)
        acts.cancel_cover(session, cover, date(2026, 5, 1), by=p.LI, now=p.NOW)
        file = queries.credit_file(session, id, date(2026, 11, 1))
        assert [one.text for one in file.replies] == ["已清理"]
        assert [one.cancelled_on for one in file.facts.covers] == [date(2026, 5, 1)]
        assert len(queries.covers(session, id)) == 1


def test_the_desk_lists_what_is_open_by_its_clock(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        finding, case = p.finding(session, id), p.case(session, id)
        lines = queries.matters(session, open_only=True)
        assert [one.id for one in lines] == [finding, case]
        assert [one.due_on for one in lines] == [date(2026, 3, 16), date(2026, 6, 18)]
        assert queries.matters(session, due_by=date(2026, 3, 15)) == []
        sheet = queries.matter(session, finding, "reviewer")
        assert {one.act for one in sheet.next} == {"hear", "dismiss"}
        assert sheet.content["code"] == "S01"
        p.step(session, finding, "dismiss", p.LI, "2026-03-05", reason="不属实")
        assert [one.id for one in queries.matters(session, open_only=True)] == [case]


def test_every_act_is_in_the_ledger_and_the_chain_holds(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        p.listed(session, id, p.penalty(session, id, p.finding(session, id)))
        form = LicenceForm(number="教民1", since=date(2026, 1, 1))
        acts.record_licence(session, id, form, by=p.QIAN, now=p.NOW)
    with reading(engine) as session:
        entries = queries.ledger_entries(session)
        assert [one.seq for one in entries] == list(range(len(entries), 0, -1))
        assert check(session) == []
        assert "立案" not in entries[0].body
        done = {one.act for one in entries}
        assert {"penalty.decide", "listing.serve", "record_licence"} <= done


def test_a_refused_act_leaves_nothing_behind(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        before = len(queries.ledger_entries(session))

    def two_acts() -> None:
        with writing(engine) as session:
            p.finding(session, id)
            p.finding(session, "NB-0000-0")

    with pytest.raises(NotFound):
        two_acts()
    with reading(engine) as session:
        assert len(queries.ledger_entries(session)) == before
        assert queries.matters(session) == []
