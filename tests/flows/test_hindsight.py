"""The past on a real register: an annulled penalty makes exactly those editions wrong that printed it."""

import json
from datetime import UTC, date, datetime

import pytest

import config.commands  # noqa: F401 registers them
from config import month
from config.hindsight import EditionUnreadable
from publisher.data import render_csv, render_json
from publisher.withdraw import Withdrawn, bury
from registry import acts
from registry.database import writing
from registry.errors import NotFound, read_form
from registry.forms import (
    CaseSheet,
    CustodyForm,
    CustodyReportForm,
    ProfileForm,
    RepairSheet,
    StepForm,
    WithdrawalForm,
)
from tests.flows.past_city import AFTER, ANNULLED, BEFORE, PRINTED, Office, office
from tests.registry import people as p

__all__ = ["office"]


def test_an_annulled_penalty_names_exactly_the_editions_that_printed_it(office: Office) -> None:
    office.release(BEFORE, *PRINTED)
    assert office.wrong("2027-01-20") == {}
    office.annul()
    # On the evening before it was entered nobody could know.
    assert office.wrong("2027-01-20") == {}
    assert office.wrong("2027-01-21") == {one: [office.punished] for one in PRINTED}
    office.release(AFTER)
    everything = office.wrong("2027-03-31")
    assert everything == {one: [office.punished] for one in PRINTED}
    assert office.wrong("2027-03-31", office.other) == {}
    assert office.wrong("2027-03-31", office.other, office.punished) == everything


def test_people_are_told_from_what_to_what_by_which_record_and_until_when(office: Office) -> None:
    office.release(BEFORE, *PRINTED)
    office.annul()
    told = office.run("recheck", "--knowing", "2027-01-27")
    assert told.exit_code == 1
    lines = told.stdout.splitlines()
    assert [line[:7] for line in lines if "有误：" in line] == list(PRINTED)
    assert "未列入 B 85 分 → 未列入 A 100 分" in told.stdout
    # Three working days after a Thursday, by 行政处罚法 第八十五条.
    mended = "2027-01-20 撤销，2027-01-21 知悉，最迟 2027-01-26 撤回并公开说明理由，已逾期"
    assert told.stdout.count(f"{office.penalty}“受到罚款、没收违法所得”（D02）：{mended}") == 3
    assert lines[-1] == "按 2027-01-27 所知，核对 4 个版次：3 个版次有误，涉及 1 家机构。"


def test_a_listing_that_rests_on_the_penalty_falls_with_it(office: Office) -> None:
    with writing(office.engine) as session:
        listing = p.listed(session, office.punished, office.penalty)
    office.release(BEFORE, *PRINTED)
    assert office.wrong("2027-01-20") == {}
    office.annul()
    told = office.run("recheck", "--knowing", "2027-01-21").stdout
    assert "黑名单 B 85 分 → 未列入 A 100 分" in told
    # The listing was decided on 3 November, after the first of the three.
    assert told.count(f"{listing}“") == 2
    assert told.count("最迟 2027-01-26") == 5


@pytest.mark.parametrize(("act", "wrong"), [("annul", True), ("lift", False), ("repair", False)])
def test_a_listing_that_is_annulled_never_was_and_one_that_is_lifted_was(
    office: Office, act: str, *, wrong: bool
) -> None:
    # Only what is annulled leaves a black list within its first year.
    sheet = {} if wrong else {"list": "watch"}
    with writing(office.engine) as session:
        listing = p.listed(session, office.punished, office.penalty, **sheet)
    office.release(BEFORE, *PRINTED)
    step = StepForm(on=date(2027, 1, 20), document_no="甬教信撤〔2027〕1号", reason="主体有误")
    with writing(office.engine) as session:
        if act == "repair":
            papers = {"proof": "罚款缴纳凭证", "undertaking": "信用承诺书"}
            form = RepairSheet(about=listing, on=date(2027, 1, 12), **papers)
            asked = acts.apply_for_repair(session, form, by=p.SCHOOL, now=ANNULLED)
            accepted = StepForm(on=date(2027, 1, 13))
            acts.take_step(session, asked, "accept", accepted, by=p.WANG, now=ANNULLED)
            acts.take_step(session, asked, "grant", step, by=p.ZHAO, now=ANNULLED)
        else:
            acts.take_step(session, listing, act, step, by=p.ZHAO, now=ANNULLED)
    expected = {one: [office.punished] for one in PRINTED[1:]} if wrong else {}
    assert office.wrong("2027-01-21") == expected
    told = office.run("recheck", "--knowing", "2027-01-21").stdout
    assert ("黑名单 B 85 分 → 未列入 B 85 分" in told) is wrong


def test_what_an_office_does_later_makes_no_edition_wrong(office: Office) -> None:
    later = datetime(2027, 1, 15, 3, tzinfo=UTC)
    with writing(office.engine) as session:
        account = {"institution": office.other, "bank": "甬城银行", "since": "2026-01-05"}
        acts.record_custody(session, read_form(CustodyForm, account), by=p.QIAN, now=p.NOW)
        report = {"institution": office.other, "bank": "甬城银行", "on": "2026-09-20"}
        acts.record_custody_report(
            session, read_form(CustodyReportForm, report), by=p.QIAN, now=p.NOW
        )
        again = office.confirmed(session, office.faulty, "2026-09-14")
        order = {"document_no": "改1", "due_on": "2026-10-10"}
        p.step(session, office.fault, "order", p.LI, "2026-09-20", **order)
    office.release(BEFORE, *PRINTED)
    with writing(office.engine) as session:
        # A longer term, a case over two findings, a closure, a bank's report: each from its day on.
        longer = StepForm(on=date(2027, 1, 12), due_on=date(2027, 2, 28), reason="材料未到")
        acts.take_step(session, office.fault, "extend", longer, by=p.ZHAO, now=later)
        both = {"institution": office.faulty, "findings": [office.fault, again], **p.TWO}
        case = read_form(CaseSheet, {**both, "on": "2027-01-12"})
        acts.open_case(session, case, by=p.LI, now=later)
        closed = {"jurisdiction": "330203", "status": "closed", "since": "2027-01-12"}
        form = read_form(ProfileForm, closed)
        acts.change_profile(session, office.third, form, by=p.QIAN, now=later)
        report = {"institution": office.other, "bank": "甬城银行", "on": "2027-01-12"}
        acts.record_custody_report(
            session, read_form(CustodyReportForm, report), by=p.QIAN, now=later
        )
    assert office.wrong("2027-01-31") == {}


def test_what_is_recorded_late_is_named_as_recorded_late(office: Office) -> None:
    office.release(BEFORE, *PRINTED)
    later = datetime(2027, 1, 15, 3, tzinfo=UTC)
    with writing(office.engine) as session:
        late = office.confirmed(session, office.other, "2026-11-09", now=later)
        closed = {"jurisdiction": "330203", "status": "closed", "since": "2026-12-01"}
        form = read_form(ProfileForm, closed)
        acts.change_profile(session, office.third, form, by=p.QIAN, now=later)
        p.institution(session, name="宁波市海曙区晚登记学校")
    assert office.wrong("2027-01-14") == {}
    assert office.wrong("2027-01-15") == {
        "2026-12": [office.other],
        "2027-01": sorted([office.other, office.third]),
    }
    told = office.run("recheck", "--knowing", "2027-01-15").stdout
    assert f"{late}“消防或者场所一般隐患”（S01）：发布后才登记，2027-01-15 知悉" in told
    assert "办学状态：发布后登记有更改" in told
    assert "有的版次最多少列 1 家" in told


def test_a_withdrawn_entry_is_wrong_no_more_and_a_strange_one_is_told(office: Office) -> None:
    office.release(BEFORE, *PRINTED)
    office.annul()
    entries = office.settings.editions / PRINTED[0] / "entries.jsonl"
    rows = entries.read_bytes().splitlines(keepends=True)
    tombstone = b'{"hash":"00","on":"2027-01-22","reason":"annulled"}\n'
    mine = f'"institution":"{office.punished}"'.encode()
    entries.write_bytes(b"".join(tombstone if mine in one else one for one in rows))
    assert list(office.wrong("2027-01-22")) == list(PRINTED[1:])
    assert "少列" not in office.run("recheck", "--knowing", "2027-01-22").stdout
    stranger = rows[-1].replace(rows[-1].split(b'"institution":"')[1][:9], b"NB-ZZZZ-Z")
    entries.write_bytes(b"".join([*rows, stranger]))
    assert "NB-ZZZZ-Z" in office.run("recheck", "--knowing", "2027-01-22").stdout
    with pytest.raises(NotFound, match="NB-0000-0"):
        office.run("recheck", "NB-0000-0", office.other)
    entries.write_bytes(b"{")
    with pytest.raises(EditionUnreadable, match="xinyong verify"):
        office.run("recheck", "--knowing", "2027-01-22")
    (entries.parent / "edition.json").write_bytes(b"{}")
    with pytest.raises(EditionUnreadable, match="xinyong verify"):
        office.run("recheck", "--knowing", "2027-01-22")


def test_an_edition_that_was_not_out_yet_is_said_to_be_unchecked(office: Office) -> None:
    office.release(BEFORE, *PRINTED)
    told = office.run("recheck", "--knowing", "2026-12-31")
    assert told.exit_code == 0
    assert "到 2026-12-31 还没有发布、没有核对的版次：2027-01。" in told.stdout
    assert told.stdout.endswith("核对 3 个版次：都没有错。\n")


def test_any_day_is_assessed_with_what_was_known_on_any_day(office: Office) -> None:
    office.annul()

    def grade(on: str, *known: str) -> str:
        told = office.run("assess", office.punished, "--on", on, *known, "--json")
        (rating,) = json.loads(told.stdout)
        return f"{rating['grade']} {rating['score']}"

    assert grade("2026-10-31") == "B 85"
    assert grade("2027-01-31") == "A 100"
    assert grade("2026-10-31", "--known", "2027-01-20") == "B 85"
    assert grade("2026-10-31", "--known", "2027-01-21") == "A 100"
    assert grade("2026-09-30", "--known", "2027-01-21") == "A 100"
    # The whole register was entered on 24 November; on the day before nothing was known.
    assert office.run("assess", "--on", "2026-10-31", "--known", "2026-11-23").stdout == ""
    told = office.run("assess", office.punished, "--on", "2026-10-31").stdout
    assert "受到罚款、没收违法所得（D02，" in told


def profile(office: Office, status: str, since: str, now: datetime) -> None:
    words = {"jurisdiction": "330203", "status": status, "since": since}
    with writing(office.engine) as session:
        form = read_form(ProfileForm, words)
        acts.change_profile(session, office.third, form, by=p.QIAN, now=now)


def test_a_status_that_came_and_went_before_it_was_recorded_is_not_missed(office: Office) -> None:
    office.release(BEFORE, *PRINTED)
    later = datetime(2027, 1, 15, 3, tzinfo=UTC)
    profile(office, "suspended", "2026-11-10", later)
    profile(office, "active", "2026-12-10", later)
    assert office.wrong("2027-01-14") == {}
    # On 30 November it was suspended, on 31 October and on 31 December it was not.
    assert office.wrong("2027-01-15") == {"2026-12": [office.third]}
    # The next edition that comes out while it is known puts it right, not the one that came out before.
    office.release(AFTER)
    assert office.wrong("2027-03-31") == {}
    told = office.run("recheck", "--knowing", "2027-03-31").stdout
    assert "办学状态：发布后登记有更改，2027-01-15 知悉" in told
    assert f"已由 {AFTER} 更正" in told


def test_a_mistake_that_was_withdrawn_is_told_as_withdrawn_by_its_paper(office: Office) -> None:
    office.release(BEFORE, *PRINTED)
    office.annul()
    first, second, third = PRINTED
    for period, on in ((first, "2027-01-25"), (second, "2027-01-28")):
        with writing(office.engine) as session:
            words = {
                "period": period,
                "institution": office.punished,
                "reason": "处罚决定已撤销",
                "document_no": f"甬教撤〔{period}〕",
                "on": on,
            }
            form = read_form(WithdrawalForm, words)
            acts.withdraw_entry(session, form, by=p.QIAN, now=ANNULLED)
    assert office.wrong("2027-01-24") == {one: [office.punished] for one in PRINTED}
    assert office.wrong("2027-01-25") == {one: [office.punished] for one in (second, third)}
    assert office.wrong("2027-01-28") == {third: [office.punished]}
    told = office.run("recheck", "--knowing", "2027-01-28").stdout
    assert f"已于 2027-01-25 撤回 甬教撤〔{first}〕：处罚决定已撤销\n" in told
    assert f"已于 2027-01-28 撤回 甬教撤〔{second}〕：处罚决定已撤销，晚于期限\n" in told
    assert told.count("有误，都已经撤回或者更正：") == 2
    assert told.count("已逾期") == 1
    assert told.endswith("1 个版次有误，涉及 1 家机构。\n")
    # Where the line itself has become a tombstone, the register still knows whose it was.
    entries = office.settings.editions / first / "entries.jsonl"
    mine = f'"institution":"{office.punished}"'.encode()
    grave = b'{"hash":"00","on":"2027-01-25","reason":"annulled"}\n'
    rows = entries.read_bytes().splitlines(keepends=True)
    entries.write_bytes(b"".join(grave if mine in one else one for one in rows))
    told = office.run("recheck", "--knowing", "2027-01-28").stdout
    assert f"  {office.punished}：已于 2027-01-25 撤回 甬教撤〔{first}〕" in told
    only = office.run("recheck", office.other, "--knowing", "2027-01-28").stdout
    assert office.punished not in only


def test_a_later_edition_mends_what_was_wrong_but_not_what_is_void(office: Office) -> None:
    office.release(BEFORE, *PRINTED)
    later = datetime(2027, 1, 15, 3, tzinfo=UTC)
    with writing(office.engine) as session:
        office.confirmed(session, office.other, "2026-11-09", now=later)
    office.annul()
    office.release(AFTER)
    both = {one: [office.punished] for one in PRINTED}
    late = {one: sorted([office.other, office.punished]) for one in PRINTED[1:]}
    assert office.wrong("2027-01-31") == both | late
    released = month.issue_of(office.settings, AFTER).released_on
    assert office.wrong(released.isoformat()) == both
    told = office.run("recheck", office.other, "--knowing", released.isoformat())
    assert told.exit_code == 0
    assert told.stdout.count(f"已由 {AFTER} 更正，{released} 发布，晚于期限") == 2
    assert told.stdout.endswith("曾经有误的都已经撤回或者更正。\n")


def test_a_notice_of_correction_stands_when_the_entry_beside_it_is_withdrawn(
    office: Office,
) -> None:
    office.release(BEFORE, *PRINTED)
    with writing(office.engine) as session:
        recorded = datetime(2027, 1, 15, 3, tzinfo=UTC)
        late = office.confirmed(session, office.other, "2026-11-09", now=recorded)
    office.release(AFTER)
    released = month.issue_of(office.settings, AFTER).released_on.isoformat()
    before = office.run("recheck", "--knowing", released).stdout
    assert before.count(f"已由 {AFTER} 更正") == 2
    step = StepForm(on=date(2027, 3, 3), document_no="甬教撤〔2027〕3号", reason="查无此事")
    with writing(office.engine) as session:
        now = datetime(2027, 3, 3, 3, tzinfo=UTC)
        acts.take_step(session, late, "annul", step, by=p.ZHAO, now=now)
    gone = Withdrawn(institution=office.other, on=step.on, reason="查无此事")
    data = (render_csv, render_json)
    editions, keys = office.settings.editions, office.settings.keys
    assert bury(editions / AFTER, keys, {office.other: gone}, gone.on, lambda _: data)
    # What was known on the day of the release is the same whenever one asks.
    assert office.run("recheck", "--knowing", released).stdout == before
    assert office.wrong("2027-03-03") == {}
    # The finding never was, so that those that lacked it are right after all.
    assert "都没有错" in office.run("recheck", "--knowing", "2027-03-03").stdout
    (editions / AFTER / "corrections.json").write_bytes(b"{}")
    with pytest.raises(EditionUnreadable, match=r"corrections\.json"):
        office.run("recheck", "--knowing", released)
