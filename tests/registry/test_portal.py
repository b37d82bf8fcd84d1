"""What an institution may see and do: nothing before a notice, nobody else's, and nothing lost."""

from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.access import Actor
from registry.acts import Filed
from registry.calendar import load_calendar
from registry.database import writing
from registry.errors import Conflict, NotAllowed, NotFound, read_form
from registry.forms import (
    DefenceSheet,
    JudgmentSheet,
    ObjectionSheet,
    ReplyForm,
    StepForm,
    StepSheet,
)
from registry.ledger import check
from registry.portal.rights import may, rights
from registry.queries.receipts import file_of, receipt, receipts
from registry.tables import Complaint, Matter, Step
from tests.registry import people as p

TODAY = p.NOW.date()


FILE = Filed(name="凭证.jpg", sha256="ab" * 32, media="image/jpeg", size=3)


def seen(session: Session, institution: str) -> dict[str, list[str]]:
    return {
        one.id: [step.state for step in one.steps]
        for one in queries.shown_matters(session, institution)
    }


def reply(session: Session, about: str, text: str, **more: Any) -> int:
    form = read_form(ReplyForm, {"about": about, "on": TODAY, "text": text, **more})
    return acts.reply_to(session, form, by=p.SCHOOL, now=p.NOW)


def complaint(session: Session, institution: str) -> None:
    stamp: dict[str, Any] = {"recorded_at": p.NOW, "recorded_by": "wang"}
    matter = {"kind": "complaint", "institution": institution, "opened_on": TODAY, "owner": "wang"}
    session.add(Matter(id="TS1", **matter, **stamp))
    session.flush()
    session.add(Step(matter="TS1", seq=1, act="receive", state="received", on=TODAY, **stamp))
    session.add(Complaint(matter="TS1", receipt="1", text="家长张三", contact="138", **stamp))


def told(shown: queries.ShownMatter) -> tuple[str, str, int, int]:
    said = shown.content["told"]
    return shown.code, said["kinds"], said["fine_fen"], said["confiscated_fen"]


def test_a_case_is_unknown_until_it_is_notified_and_its_decision_until_it_is_served(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        finding = p.finding(session, id, note="线索由家长提供")
        case = p.penalty(session, id, finding, until="investigated")
        complaint(session, id)
        assert seen(session, id) == {finding: ["discovered"]}
        notice = {"document_no": "甬教罚告〔2026〕1号", "confiscated_fen": 100, **p.FINE}
        p.step(session, case, "notify", p.LI, "2026-04-01", **notice)
        assert seen(session, id)[case] == ["notified"]
        p.step(session, case, "hear", p.WANG, "2026-04-09", reason="证人李四说……")
        p.step(session, case, "review", p.SUN, "2026-04-10", reason="内部意见")
        milder = p.decision("2026-04-15").model_copy(update={"fine_fen": 4_000_000})
        acts.record_decision(session, case, milder, by=p.ZHAO, now=p.NOW)
        shown = queries.shown_matter(session, id, case)
        assert [one.state for one in shown.steps] == ["notified", "heard"]
        assert told(shown) == ("D02", "罚款", 5_000_000, 100)
        assert [one["matter"] for one in shown.content["findings"]] == [finding]
        assert "note" not in shown.content["findings"][0]
        assert not {"kinds", "fine_fen", "confiscated_fen"} & set(shown.content)
        said = " ".join(f"{one.reason}{one.document_no}" for one in shown.steps)
        assert "证人" not in said
        assert "意见" not in said
        p.step(session, case, "serve", p.WANG, "2026-04-16", document_no="送达回证 1", **p.NOTICES)
        shown = queries.shown_matter(session, id, case)
        assert [one.state for one in shown.steps] == ["notified", "heard", "decided", "served"]
        assert shown.content["fine_fen"] == 4_000_000
        assert told(shown) == ("D02", "罚款", 5_000_000, 100)
        assert "note" not in queries.shown_matter(session, id, finding).content
        for hidden in ("TS1", "XX1"):
            with pytest.raises(NotFound):
                queries.shown_matter(session, id, hidden)


def test_a_case_dropped_before_any_notice_never_appears(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        case = p.penalty(session, id, p.finding(session, id), until="investigated")
        p.step(session, case, "drop", p.ZHAO, "2026-04-01", reason="证据不足")
        assert case not in seen(session, id)
        with pytest.raises(NotFound):
            reply(session, case, "我们知道了")


def test_a_listing_is_known_from_its_notice_and_a_withdrawn_one_says_why(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        penalty = p.penalty(session, id, p.finding(session, id))
        matter = p.listing(session, id, penalty)
        assert matter not in seen(session, id)
        p.step(session, matter, "notify", p.LI, "2026-10-22", document_no="甬教信告〔2026〕1号")
        assert seen(session, id)[matter] == ["notified"]
        p.step(session, matter, "drop", p.ZHAO, "2026-11-01", reason="已经改正")
        assert queries.shown_matter(session, id, matter).steps[-1].reason == "已经改正"


def test_an_alert_is_known_from_its_issue_with_its_last_day_and_stays_to_be_read_when_it_is_over(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        finding = p.finding(session, id)
        p.step(session, finding, "hear", p.WANG, "2026-03-05", reason="听取")
        p.step(session, finding, "confirm", p.LI, "2026-03-09")
        matter = p.alert(session, id, finding, on="2026-11-01")
        assert matter not in seen(session, id)
        p.step(session, matter, "issue", p.ZHAO, "2026-11-02", document_no="示1")
        shown = queries.shown_matter(session, id, matter)
        assert [(one.state, one.due_on) for one in shown.steps] == [("issued", p.day("2026-12-02"))]
        assert shown.content == {"text": "该校区已停止授课，退费请联系海曙区教育局。"}
        assert may(shown, "objection")
        sheet = {"about": matter, "on": TODAY, "text": "已经开门"}
        made = acts.object_to(session, read_form(ObjectionSheet, sheet), by=p.SCHOOL, now=p.NOW)
        with pytest.raises(NotAllowed, match="认定了所异议的事项"):
            p.step(session, made, "uphold", p.ZHAO, "2026-11-24", reason="已经开门")
        p.step(session, matter, "end", p.LI, "2026-11-09", reason="已经处理")
        assert seen(session, id)[matter] == ["issued", "alert_over"]


def test_a_judgment_is_known_once_it_is_checked_with_its_court_and_may_be_objected_to(
    engine: Engine,
) -> None:
    sheet = {
        "code": "D05",
        "statement": "被列为失信被执行人",
        "article": "《民事诉讼法》第二百六十六条",
        "on": "2026-11-02",
        "document_no": "（2026）浙0203执1号",
        "organ": "海曙区人民法院",
    }
    with writing(engine) as session:
        id = p.city(session)
        form = read_form(JudgmentSheet, {"institution": id, **sheet})
        matter = acts.record_judgment(session, form, by=p.WANG, now=p.NOW)
        assert matter not in seen(session, id)
        p.step(session, matter, "confirm", p.LI, "2026-11-09")
        shown = queries.shown_matter(session, id, matter)
        assert [one.state for one in shown.steps] == ["recorded", "judged"]
        assert shown.steps[0].organ == "海曙区人民法院"
        assert shown.content == {name: sheet[name] for name in ("code", "article", "statement")}
        assert may(shown, "objection")
        objection = read_form(ObjectionSheet, {"about": matter, "on": TODAY, "text": "已经履行"})
        made = acts.object_to(session, objection, by=p.SCHOOL, now=p.NOW)
        shown = queries.shown_matter(session, id, matter)
        assert shown.disputed_by == made
        assert not may(shown, "objection")


def test_a_commendation_may_be_objected_to(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.finding(session, id, code="B02", commendation=True)
        p.step(session, matter, "confirm", p.LI, "2026-03-09", document_no="表1")
        assert may(queries.shown_matter(session, id, matter), "objection")


def test_clocks_name_what_may_be_done_by_when(engine: Engine) -> None:
    calendar = load_calendar(Path("config/holidays"))
    with writing(engine) as session:
        id = p.city(session)
        case = p.penalty(session, id, p.finding(session, id), until="notified")
        shown = queries.shown_matter(session, id, case)
        found = rights(shown, p.day("2026-04-02"), calendar)
        assert {one.by for one in found} == {p.day("2026-04-08")}
        assert [one.said[:6] for one in found] == ["您可以陈述申", "符合听证条件"]
        assert may(shown, "defence")
        assert not may(shown, "objection")
        late = rights(shown, p.day("2026-04-09"), calendar)
        assert {(one.over, one.left) for one in late} == {(True, "已经届满")}
        p.step(session, case, "hear", p.WANG, "2026-04-09", reason="听取")
        p.step(session, case, "review", p.SUN, "2026-04-10", reason="清楚")
        acts.record_decision(session, case, p.decision("2026-04-15"), by=p.ZHAO, now=p.NOW)
        p.step(session, case, "serve", p.WANG, "2026-04-16", document_no="送达回证 1", **p.NOTICES)
        served = rights(queries.shown_matter(session, id, case), p.day("2026-04-17"), calendar)
        assert {one.article: one.by for one in served} == {
            "《行政处罚法》第六十七条": p.day("2026-05-06"),
            "《行政复议法》第二十条": p.day("2026-06-15"),
            "《行政诉讼法》第四十六条": p.day("2026-10-16"),
        }
        p.step(session, case, "perform", p.WANG, "2026-05-06", reason="罚款已缴")
        paid = rights(queries.shown_matter(session, id, case), p.day("2026-05-06"), calendar)
        assert not [one for one in paid if "缴纳罚款" in one.said]


def test_the_day_of_a_hearing_is_told_and_asking_for_one_takes_no_defence_away(
    engine: Engine,
) -> None:
    calendar = load_calendar(Path("config/holidays"))
    with writing(engine) as session:
        id = p.city(session)
        case = p.penalty(session, id, p.finding(session, id), until="notified")
        paper = {"document_no": "甬教听〔2026〕1号", "due_on": "2026-04-20"}
        way: list[tuple[str, Actor, str, dict[str, str]]] = [
            ("ask_hearing", p.WANG, "2026-04-02", {"reason": "书面要求"}),
            ("call_hearing", p.LI, "2026-04-03", paper),
            ("hold_hearing", p.SUN, "2026-04-20", {"reason": "笔录"}),
        ]
        for act, by, on, papers in way:
            p.step(session, case, act, by, on, **papers)
            assert may(queries.shown_matter(session, id, case), "defence"), act
            if act == "call_hearing":
                shown = queries.shown_matter(session, id, case)
                assert shown.steps[-1].due_on == p.day("2026-04-20")
                (told,) = rights(shown, p.day("2026-04-04"), calendar)
                assert "2026年4月20日参加听证" in told.said
        [notice] = [one for one in queries.notices(session, institution=id) if "听证" in one.body]
        assert "听证日期 2026-04-20" in notice.body


def test_what_was_upheld_on_review_is_sued_over_within_fifteen_days_and_not_six_months(
    engine: Engine,
) -> None:
    calendar = load_calendar(Path("config/holidays"))
    with writing(engine) as session:
        id = p.city(session)
        case = p.penalty(session, id, p.finding(session, id), until="served")

        def clocks() -> dict[str, Any]:
            shown = queries.shown_matter(session, id, case)
            found = rights(shown, p.day("2026-07-02"), calendar)
            assert "缴纳罚款" in found[0].said  # a contest does not stop it
            return {one.article: one.by for one in found[1:]}

        p.step(session, case, "contest", p.LI, "2026-05-06", reason="申请复议")
        assert clocks() == {}
        paper = {"document_no": "甬政复〔2026〕1号", "reason": "维持"}
        p.step(session, case, "uphold", p.SUN, "2026-07-01", **paper)
        assert clocks() == {"《行政诉讼法》第四十五条": p.day("2026-07-16")}
        assert may(queries.shown_matter(session, id, case), "objection")
        p.step(session, case, "contest", p.LI, "2026-07-10", reason="起诉")
        p.step(session, case, "give_up", p.LI, "2026-07-20", reason="撤诉")
        assert clocks()["《行政诉讼法》第四十六条"] == p.day("2026-10-16")
        p.step(session, case, "contest", p.LI, "2026-07-21", reason="起诉")
        p.step(session, case, "uphold_finally", p.SUN, "2026-09-30", **paper)
        assert clocks() == {}


def test_a_later_reply_takes_the_place_of_the_first_and_can_be_taken_back(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        finding = p.finding(session, id)
        reply(session, finding, "第一次回应", on=TODAY - timedelta(days=2))
        reply(session, finding, "第二次回应")

        def published(on: date) -> list[str]:
            return [one.text for one in queries.credit_file(session, id, on).replies]

        assert published(TODAY) == ["第二次回应"]
        assert published(TODAY - timedelta(days=1)) == ["第一次回应"]
        defence = read_form(DefenceSheet, {"about": finding, "on": TODAY, "text": "事实不清"})
        acts.defend(session, defence, [FILE], by=p.SCHOOL, now=p.NOW)
        assert published(TODAY) == ["第二次回应"]  # a defence is never published
        acts.withdraw_reply(session, finding, by=p.SCHOOL, now=p.NOW)
        assert published(TODAY) == []
        assert published(TODAY - timedelta(days=1)) == ["第一次回应"]
        with pytest.raises(Conflict, match="没有可以撤回"):
            acts.withdraw_reply(session, finding, by=p.SCHOOL, now=p.NOW)
        assert [one.kind for one in queries.replies_of(session, id, finding)] == ["defence"]
        assert check(session) == []


def test_a_receipt_proves_text_and_files_and_is_nobody_elses(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        other = p.institution(session, name="宁波市海曙区另一家培训学校")
        finding = p.finding(session, id)
        form = read_form(DefenceSheet, {"about": finding, "on": TODAY, "text": "两行\r\n文字"})
        acts.defend(session, form, [FILE], by=p.SCHOOL, now=p.NOW)
        [found] = receipts(session, id, finding)
        assert found.text == "两行\n文字"
        assert found.text_sha256 == sha256("两行\n文字".encode()).hexdigest()
        assert [one.sha256 for one in found.files] == [FILE.sha256]
        assert found.number == f"HZ2026-{found.seq:06d}"
        assert file_of(session, id, FILE.sha256).name == "凭证.jpg"
        with pytest.raises(NotFound):
            receipt(session, other, found.seq)
        with pytest.raises(NotFound):
            file_of(session, other, FILE.sha256)
        with pytest.raises(NotFound):
            receipt(session, id, found.seq - 1)  # an entry of the office is no receipt


def test_a_second_objection_waits_for_the_first(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        finding = p.finding(session, id)
        p.step(session, finding, "hear", p.WANG, "2026-03-05", reason="听取")
        p.step(session, finding, "confirm", p.LI, "2026-03-09")
        form = read_form(ObjectionSheet, {"about": finding, "on": TODAY, "text": "认定有误"})
        first = acts.object_to(session, form, [FILE], by=p.SCHOOL, now=p.NOW)
        assert queries.shown_matter(session, id, finding).disputed_by == first
        with pytest.raises(Conflict, match=first):
            acts.object_to(session, form, by=p.SCHOOL, now=p.NOW)
        step = read_form(StepForm, {"on": TODAY, "reason": "已经说清楚"})
        acts.take_step(session, first, "withdraw", step, by=p.SCHOOL, now=p.NOW)
        assert queries.shown_matter(session, id, finding).disputed_by == ""
        assert acts.object_to(session, form, by=p.SCHOOL, now=p.NOW) != first


APPROVED = StepForm(on=TODAY)


CHECKED = StepSheet(on=TODAY, policy_checked=True)
