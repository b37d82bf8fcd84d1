"""A penalty decided on the spot: within the law's bounds, heard, filed, final in time, and never published."""

from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from registry import queries
from registry.acts.replies import object_to
from registry.calendar import load_calendar
from registry.database import reading, writing
from registry.errors import Conflict, FormRefused, NotAllowed, NotFound, StepRefused
from registry.forms import ObjectionSheet
from registry.ledger import check
from registry.portal.rights import may, rights
from registry.queries.credit_platform import penalties_final
from registry.queries.spot import known_articles, review_organ, spot_on, spot_paper
from scoring import assess
from tests.registry import people as p

TODAY = p.NOW.date()
FILED = {"document_no": "备案 1 号"}
PAPER = {"document_no": "甬教撤〔2026〕1号", "reason": "事实不清"}


def made(session: Session, **changed: Any) -> tuple[str, str, str]:
    """The institution, the finding, and the penalty on the spot over it."""
    id = p.city(session)
    finding = p.finding(session, id)
    return id, finding, p.spot(session, finding, **changed)


# What is typed, which fields are named, and what the sentence says of them.
WRONG: list[tuple[str, dict[str, Any], set[str], str]] = [
    ("too large a fine", {"fine_fen": 300_001}, {"fine_fen"}, "最多 3,000 元"),
    ("no fine where there is to be one", {"fine_fen": 0}, {"fine_fen"}, "请写罚款的数额"),
    ("a warning with money", {"kinds": "警告"}, {"fine_fen"}, "只有警告"),
    ("another kind", {"kinds": "没收违法所得"}, {"kinds"}, "第五十一条"),
    ("a public criticism", {"kinds": "通报批评"}, {"kinds"}, "按普通程序立案"),
    ("an unknown article", {"article": "《消防法》第九百条"}, {"article"}, "没有这一条"),
    ("no officer", {"first_officer": "", "second_officer": ""}, {"second_officer"}, "两名不同"),
    ("one officer", {"second_officer": ""}, {"second_officer"}, "两名不同"),
    ("one officer twice", {"second_officer": "王检查"}, {"second_officer"}, "两名不同"),
    ("no papers shown", {"papers_shown": False}, {"papers_shown"}, "已出示执法证件"),
    ("nothing told", {"rights_told": False}, {"rights_told"}, "已告知"),
    ("nobody heard", {"heard": ""}, {"heard"}, "陈述申辩"),
    ("no number", {"document_no": ""}, {"document_no"}, "文号"),
    ("nobody took it", {"receiver": ""}, {"receiver"}, "第五十二条"),
    ("taken and refused", {"refusal": "转身离开"}, {"receiver"}, "第五十二条"),
    ("before the finding", {"on": "2026-03-01"}, {"on"}, "不能早于发现问题的日期"),
    ("no place", {"place": ""}, {"place"}, "必须载明"),
    ("no fact", {"statement": " "}, {"statement"}, "必须载明"),
    ("tomorrow", {"on": "2026-11-25"}, {"on"}, "不能晚于今天"),
    (
        "everything at once",
        {
            "kinds": "",
            "article": "",
            "place": "",
            "second_officer": "",
            "heard": "",
            "receiver": "",
        },
        {"kinds", "article", "place", "second_officer", "heard", "receiver"},
        "只有警告和罚款",
    ),
]


@pytest.mark.parametrize(
    ("changed", "fields", "said"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG]
)
def test_what_is_beyond_the_law_is_refused_with_every_reason(
    engine: Engine, changed: dict[str, Any], fields: set[str], said: str
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        finding = p.finding(session, id)
        with pytest.raises(FormRefused, match=said) as refused:
            p.spot(session, finding, **changed)
        assert {one.field for one in refused.value.problems} == fields
        assert spot_on(session, finding) == ""


@pytest.mark.parametrize(
    ("form", "fen", "sound"),
    [
        ("营利", 300_000, True),
        ("", 300_000, True),
        ("自然人", 20_000, True),
        ("个人", 20_001, False),
        ("个体工商户", 20_001, False),
    ],
)
def test_the_most_depends_on_whom_it_is(
    engine: Engine, form: str, fen: int, *, sound: bool
) -> None:
    with writing(engine) as session:
        finding = p.finding(session, p.city(session, legal_form=form))
        if sound:
            assert p.spot(session, finding, fine_fen=fen)
        else:
            with pytest.raises(FormRefused, match="最多 200 元"):
                p.spot(session, finding, fine_fen=fen)


def test_what_was_seen_too_late_is_punished_on_the_spot_only_with_a_reason(engine: Engine) -> None:
    with writing(engine) as session:
        finding = p.finding(session, p.city(session), occurred_on="2024-03-01")
        with pytest.raises(FormRefused, match="第三十六条") as refused:
            p.spot(session, finding, receiver="")
        assert {one.field for one in refused.value.problems} == {"reason", "receiver"}
        matter = p.spot(session, finding, reason="一直堆放到 2026-02-27")
        assert queries.matter(session, matter).steps[0].reason == "一直堆放到 2026-02-27"


def test_only_the_field_decides_on_the_spot_and_another_takes_it_in(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        finding = p.finding(session, id)
        for by in (p.ZHAO, p.QIAN, p.SCHOOL):
            with pytest.raises(NotAllowed):
                p.spot(session, finding, by=by)
        matter = p.spot(session, finding, by=p.LI)
        with pytest.raises(NotAllowed, match="另一人"):
            p.step(session, matter, "file", p.LI, "2026-03-03", **FILED)
        with pytest.raises(NotAllowed):
            p.step(session, matter, "file", p.WANG, "2026-03-03", **FILED)
        with pytest.raises(FormRefused, match="文号"):
            p.step(session, matter, "file", p.SUN, "2026-03-03")
        assert p.step(session, matter, "file", p.SUN, "2026-03-03", **FILED) == "fine_due"


def test_a_fine_runs_by_its_clocks_until_it_is_final(engine: Engine) -> None:
    with writing(engine) as session:
        _, _, matter = made(session)

        def due() -> str:
            return str(queries.matter(session, matter).line.due_on)

        assert due() == "2026-03-04"  # two working days of the office's own
        p.step(session, matter, "file", p.LI, "2026-03-03", **FILED)
        assert due() == "2026-03-17"  # fifteen days from the receipt
        with pytest.raises(FormRefused, match="2026-03-17 才满"):
            p.step(session, matter, "surcharge", p.LI, "2026-03-17", **PAPER)
        with pytest.raises(StepRefused):
            p.step(session, matter, "finalise", p.LI, "2026-09-03")
        p.step(session, matter, "surcharge", p.LI, "2026-03-18", **PAPER)
        assert due() == "2026-05-01"  # sixty days of the review, from the receipt
        p.step(session, matter, "pay", p.WANG, "2026-04-01", reason="票据 1 号")
        assert due() == "2026-05-01"
        with pytest.raises(FormRefused, match="复议和起诉期限到 2026-05-01 才满"):
            p.step(session, matter, "finalise", p.LI, "2026-05-01")
        assert p.step(session, matter, "finalise", p.LI, "2026-05-02") == "final"
        assert not queries.matter(session, matter).line.open
        assert check(session) == []


def test_a_warning_has_nothing_to_pay_and_a_contest_ends_as_any_other(engine: Engine) -> None:
    with writing(engine) as session:
        _, _, matter = made(session, kinds="警告", fine_fen=0)
        assert p.step(session, matter, "file", p.LI, "2026-03-03", **FILED) == "on_file"
        p.step(session, matter, "contest", p.LI, "2026-04-01", reason="复议")
        paper = {"document_no": "复议 1 号", "reason": "维持"}
        p.step(session, matter, "uphold", p.SUN, "2026-05-29", **paper)
        with pytest.raises(FormRefused, match="2026-06-15"):
            p.step(session, matter, "finalise", p.LI, "2026-06-15")
        assert p.step(session, matter, "finalise", p.LI, "2026-06-16") == "final"


def final(session: Session, matter: str) -> None:
    p.step(session, matter, "file", p.LI, "2026-03-03", **FILED)
    p.step(session, matter, "pay", p.WANG, "2026-03-10", reason="票据 1 号")
    p.step(session, matter, "finalise", p.LI, "2026-09-03")


def test_it_is_no_fact_of_scoring_is_not_reported_and_lists_nobody(engine: Engine) -> None:
    with writing(engine) as session:
        id, finding, matter = made(session)
        before = queries.credit_file(session, id, TODAY)
        final(session, matter)
        file = queries.credit_file(session, id, TODAY)
        assert file == before
        assert [one.id for one in file.facts.records] == [finding]
        assert assess(file.facts, p.POLICY, TODAY).reasons == ()
        assert penalties_final(session, UTC) == []
        with pytest.raises(NotFound):
            p.listing(session, id, matter)


def test_annulling_one_that_was_final_owes_no_withdrawal(engine: Engine) -> None:
    with writing(engine) as session:
        id, _, matter = made(session)
        final(session, matter)
        p.step(session, matter, "annul", p.ZHAO, "2026-09-10", **PAPER)
        kinds = {one.kind for one in queries.matters(session, institution=id)}
        assert "withdrawal" not in kinds


def test_a_fact_is_fined_once(engine: Engine) -> None:
    with writing(engine) as session:
        id, finding, matter = made(session)
        with pytest.raises(Conflict, match=f"{matter}.*第二十九条"):
            p.case(session, id, finding)
        with pytest.raises(Conflict, match=matter):
            p.spot(session, finding, document_no="另一号")
        with pytest.raises(StepRefused, match=matter):
            p.step(session, finding, "dismiss", p.LI, "2026-03-05", reason="看错了")
        p.step(session, matter, "annul", p.ZHAO, "2026-03-06", **PAPER)
        case = p.case(session, id, finding)
        with pytest.raises(Conflict, match=case):
            p.spot(session, finding, document_no="另一号")
        p.step(session, case, "drop", p.ZHAO, "2026-03-21", reason="证据不足")
        assert p.spot(session, finding, document_no="另一号", on="2026-03-22")


def test_a_number_is_used_once_and_a_finding_that_is_over_is_none(engine: Engine) -> None:
    with writing(engine) as session:
        id, _, matter = made(session, document_no="甬教当罚 7 号")
        other = p.finding(session, id)
        with pytest.raises(FormRefused, match=matter):
            p.spot(session, other, document_no="甬教当罚 7 号")
        p.step(session, other, "dismiss", p.LI, "2026-03-05", reason="看错了")
        with pytest.raises(StepRefused, match="不成立"):
            p.spot(session, other)
        with pytest.raises(NotFound):
            p.spot(session, matter)


def test_with_the_finding_falls_what_punished_it(engine: Engine) -> None:
    with writing(engine) as session:
        _, finding, matter = made(session)
        p.step(session, finding, "hear", p.WANG, "2026-03-05", reason="听取")
        p.step(session, finding, "confirm", p.LI, "2026-03-09")
        p.step(session, finding, "annul", p.ZHAO, "2026-03-10", **PAPER)
        assert queries.matter(session, matter).line.state == "annulled"


def test_an_objection_marks_it_and_undoes_it(engine: Engine) -> None:
    with writing(engine) as session:
        id, _, matter = made(session)
        assert may(queries.shown_matter(session, id, matter), "objection")
        form = ObjectionSheet(about=matter, on=TODAY, text="不是我们堆放的")
        objection = object_to(session, form, by=p.SCHOOL, now=p.NOW)
        assert queries.shown_matter(session, id, matter).disputed_by == objection
        p.step(session, objection, "uphold", p.SUN, TODAY.isoformat(), reason="属实")
        p.step(session, objection, "undo", p.ZHAO, TODAY.isoformat(), **PAPER)
        assert queries.matter(session, matter).line.state == "annulled"


def test_the_institution_reads_its_own_with_every_clock(engine: Engine) -> None:
    calendar = load_calendar(Path("config/holidays"))
    with writing(engine) as session:
        id, finding, matter = made(session)
        other = p.institution(session, name="宁波市海曙区另一家培训学校")
        shown = queries.shown_matter(session, id, matter)
        assert (shown.state_name, shown.content["heard"]) == ("已当场罚款", "马上清走")
        assert shown.steps[0].officers == "王检查、孙检查"
        assert shown.steps[0].due_on is None  # the office's own clock is nobody else's
        clocks = rights(shown, p.day("2026-03-03"), calendar)
        assert any("先向宁波市海曙区人民政府申请行政复议" in one.said for one in clocks)
        assert {one.article: one.by for one in clocks} == {
            "《行政处罚法》第六十七条": date(2026, 3, 17),
            "《行政复议法》第二十条、第二十三条": date(2026, 5, 6),
            "《行政诉讼法》第四十五条": None,
        }
        with pytest.raises(NotFound):
            queries.shown_matter(session, other, matter)
        paper = spot_paper(session, matter)
        assert paper is not None
        assert (paper.finding, paper.officers) == (finding, ("王检查", "孙检查"))
        assert spot_paper(session, finding) is None


@pytest.mark.parametrize(
    ("organ", "said"),
    [
        ("宁波市海曙区教育局", "宁波市海曙区人民政府"),
        ("宁波市教育局", "宁波市人民政府"),
        ("宁海县教育体育局", "宁海县人民政府"),
        ("宁波市鄞州区教育和科学技术局", "宁波市鄞州区人民政府"),
        ("宁波高新区教育局", "宁波高新区教育局所属的本级人民政府"),
        ("宁波经济技术开发区教育局", "宁波经济技术开发区教育局所属的本级人民政府"),
        ("海曙区文化广电局", "海曙区文化广电局所属的本级人民政府"),
    ],
)
def test_who_hears_a_review_is_the_government_of_the_bureau(organ: str, said: str) -> None:
    assert review_organ(organ) == said


def test_what_was_contested_on_review_and_given_up_has_its_first_term(engine: Engine) -> None:
    with writing(engine) as session:
        _, _, matter = made(session, kinds="警告", fine_fen=0)
        p.step(session, matter, "file", p.LI, "2026-03-03", **FILED)
        assert str(queries.matter(session, matter).line.due_on) == "2026-05-01"
        p.step(session, matter, "contest", p.LI, "2026-04-01", reason="复议")
        p.step(session, matter, "give_up", p.LI, "2026-04-10", reason="撤回")
        assert str(queries.matter(session, matter).line.due_on) == "2026-05-01"


def test_what_may_found_a_penalty_has_an_article() -> None:
    known = known_articles(p.POLICY)
    assert "《民办教育促进法》第四十二条" in known
    assert not [one for one in known if "意见" in one or "示范文本" in one]


def test_the_ledger_tells_what_was_decided_and_said(engine: Engine) -> None:
    with writing(engine) as session:
        _, _, matter = made(session)
    with reading(engine) as session:
        (entry,) = queries.ledger_entries(session, queries.LedgerFilter(subject=matter))
        assert entry.act == "spot.fine"
        assert all(one in entry.body for one in ("马上清走", "100000", "第六十三条第五项"))
