"""双公示 from the register: what is final and public, within its days, on both databases."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click import UsageError
from sqlalchemy import Engine, text

from config.credit_platform import write_report
from config.settings import Settings, load_policies, load_settings
from publisher.credit_columns import LICENCE, PENALTY
from registry import acts, queries
from registry.database import writing
from registry.errors import read_form
from registry.forms import LicenceForm, RegistrationForm
from scoring import load_policy
from scoring.terms import cases_of, last_shown_day
from tests.registry import people as p

TODAY = date(2026, 11, 26)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
ROUND = {"statement": "一次性收取六个月的费用", "article": "校外培训行政处罚暂行办法第二十二条"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load_settings(None, {"XINYONG_DATA": str(tmp_path / "data")})
    codes = {"宁波市海曙区教育局": "113302037000000000"}
    platform = msgspec.structs.replace(made.city.credit_platform, codes=codes)
    city = msgspec.structs.replace(made.city, credit_platform=platform)
    return msgspec.structs.replace(made, city=city)


def report(engine: Engine, settings: Settings, what: Any, file: Path, **more: Any) -> Any:
    values = {"days": YEAR, "today": TODAY, "accept_valid": False, **more}
    days = values.pop("days")
    return write_report(engine, settings, what, days, file, **values)


def cells(file: Path, columns: dict[str, str]) -> list[dict[str, str]]:
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    assert rows[0] == list(columns.values())
    return [dict(zip(rows[1], row, strict=True)) for row in rows[2:]]


def punished(session: Any, until: str = "final") -> str:
    """An institution with a code, its finding, and a penalty for it."""
    id = p.city(session, code=p.CODE, registered_on="2020-03-01", legal_representative="陈甲")
    return p.penalty(session, id, p.finding(session, id), until=until)


def complete(session: Any) -> None:
    """What the test's short way to a penalty leaves out."""
    said = "UPDATE decision SET statement = :statement, article = :article"
    session.connection().execute(text(said), ROUND)


def test_a_final_penalty_is_reported_with_its_paper_and_its_amount(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    with writing(engine) as session:
        matter = punished(session)
        complete(session)
    file = tmp_path / "p.csv"
    done = report(engine, settings, "penalties", file)
    assert (done.rows, done.withdrawals, done.lacking, done.written) == (1, 0, (), True)
    assert done.late == (f"{matter}：应于 2026-10-29 以前报送，已逾期",)
    (row,) = cells(file, PENALTY)
    assert row["CF_XDR_SHXYM"] == p.CODE
    assert (row["CF_WSH"], row["CF_JDRQ"]) == ("甬教罚〔2026〕1号", "2026-04-15")
    assert (row["CF_NR_FK"], row["CF_CFLB"]) == ("5.000000", "罚款")
    assert row["CF_CFJGDM"] == "113302037000000000"
    assert row["CF_WFXW"]
    assert row["CF_GSJZQ"] == "2027-04-14"
    assert "宁波市教育局" in done.notes[0]


def test_the_platform_is_told_to_show_a_grave_decision_as_long_as_the_site_does(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    """D03 counts for 24 months; of the class 严重 it is shown for three years."""
    with writing(engine) as session:
        matter = punished(session)
        complete(session)
        session.connection().execute(text("UPDATE decision SET code = 'D03'"))
        id = queries.matter(session, matter).line.institution
        facts = queries.facts_of(session, id, TODAY)
    (case,) = cases_of(facts)
    policy = load_policy(load_policies(settings)[0])
    file = tmp_path / "p.csv"
    report(engine, settings, "penalties", file)
    (row,) = cells(file, PENALTY)
    assert row["CF_GSJZQ"] == "2029-04-14"
    assert row["CF_GSJZQ"] == str(last_shown_day(case, facts, policy))


@pytest.mark.parametrize("until", ["decided", "served"])
def test_a_penalty_that_is_not_final_is_not_reported(
    engine: Engine, settings: Settings, tmp_path: Path, until: str
) -> None:
    with writing(engine) as session:
        punished(session, until)
        complete(session)
    assert report(engine, settings, "penalties", tmp_path / "p.csv").rows == 0


def test_what_was_decided_on_the_spot_is_left_out_and_said_so(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    with writing(engine) as session:
        matter = p.spot(session, p.finding(session, p.city(session)))
        p.step(session, matter, "file", p.LI, "2026-03-03", document_no="备案 1 号")
        p.step(session, matter, "pay", p.WANG, "2026-03-10", reason="票据 1 号")
        p.step(session, matter, "finalise", p.LI, "2026-09-03")
    done = report(engine, settings, "penalties", tmp_path / "cf.csv")
    assert done.rows == 0
    assert any("当场处罚 1 件没有报送" in one for one in done.notes)
    with writing(engine) as session:
        p.step(session, matter, "annul", p.ZHAO, "2026-09-10", document_no="1", reason="有误")
    assert not any(
        "当场处罚" in one
        for one in report(engine, settings, "penalties", tmp_path / "cf.csv").notes
    )


def test_a_decision_without_social_impact_is_not_reported(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    with writing(engine) as session:
        punished(session)
        complete(session)
        session.connection().execute(text("UPDATE decision SET social_impact = false"))
    assert report(engine, settings, "penalties", tmp_path / "p.csv").rows == 0


def test_an_annulled_penalty_goes_out_as_a_withdrawal(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    with writing(engine) as session:
        matter = punished(session)
        complete(session)
        papers = {"document_no": "甬教撤〔2026〕1号", "reason": "事实不清"}
        p.step(session, matter, "annul", p.ZHAO, "2026-11-20", **papers)
    file = tmp_path / "p.csv"
    done = report(engine, settings, "penalties", file)
    assert (done.rows, done.withdrawals, done.late) == (1, 1, ())
    (row,) = cells(file, PENALTY)
    assert "甬教撤〔2026〕1号" in row["BZ"]
    assert row["CF_SY"] == row["CF_NR_FK"] == ""


def test_a_decision_whose_term_is_over_is_not_told_anew_and_that_is_said(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    """Shown until 14 April 2027."""
    with writing(engine) as session:
        matter = punished(session)
        complete(session)
    days = (date(2026, 1, 1), date(2027, 12, 31))
    for today, many in ((date(2027, 4, 14), 1), (date(2027, 4, 15), 0)):
        done = report(engine, settings, "penalties", tmp_path / "p.csv", days=days, today=today)
        assert done.rows == many
        assert any(f"1 件公示期已满，不再报送：{matter}" in one for one in done.notes) is (not many)


def test_what_is_entered_after_a_months_report_is_in_the_next_one(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    """The penalty became final on 20 October, which was entered on 24 November."""
    with writing(engine) as session:
        punished(session)
        complete(session)
    for month, many in ((10, 0), (11, 1)):
        days = (date(2026, month, 1), date(2026, month, 30))
        done = report(engine, settings, "penalties", tmp_path / "p.csv", days=days)
        assert done.rows == many, month


def test_what_lacks_is_named_and_nothing_is_written_unless_asked_for(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    with writing(engine) as session:
        matter = punished(session)
    file = tmp_path / "p.xlsx"
    done = report(engine, settings, "penalties", file)
    assert (done.written, file.exists()) == (False, False)
    assert [(one.matter, one.field) for one in done.lacking] == [(matter, "CF_YJ")]
    done = report(engine, settings, "penalties", file, accept_valid=True)
    assert (done.written, done.rows, file.exists()) == (True, 0, True)


def test_a_line_with_personal_words_waits_for_a_person_and_the_others_go(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    with writing(engine) as session:
        first = punished(session)
        id = queries.matter(session, first).line.institution
        second = p.penalty(session, id, p.finding(session, id))
        complete(session)
        said = "UPDATE decision SET statement = '学生何小明被打' WHERE matter = :matter"
        session.connection().execute(text(said), {"matter": second})
    file = tmp_path / "p.csv"
    done = report(engine, settings, "penalties", file)
    assert (done.written, file.exists()) == (False, False)
    assert [(one.matter, one.field) for one in done.lacking] == [(second, "CF_SY")]
    assert "何小明" not in done.lacking[0].sentence
    done = report(engine, settings, "penalties", file, accept_valid=True)
    assert (done.written, done.rows) == (True, 1)
    assert "何小明" not in file.read_text("utf-8-sig")


@pytest.mark.parametrize("without_end", [None, "9999-12-31"])
@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("教民2号", [("教民1号", "许可期满"), ("教民2号", "有效")]),
        ("教民1号", [("教民1号", "有效")]),  # prolonged: the newer line takes the older one's place
    ],
)
def test_licences_and_their_end_are_reported(
    engine: Engine,
    settings: Settings,
    tmp_path: Path,
    second: str,
    told: list[tuple[str, str]],
    without_end: str | None,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        registered = {"code": p.CODE, "since": "2020-03-01", "legal_representative": "陈甲"}
        form = read_form(RegistrationForm, registered)
        acts.record_registration(session, id, form, by=p.QIAN, now=p.NOW)
        for number, since, until in (
            ("教民1号", "2026-02-01", "2026-09-30"),
            (second, "2026-10-01", without_end),
        ):
            sheet = {
                "number": number,
                "organ": "宁波市海曙区教育局",
                "since": since,
                "until": until,
            }
            acts.record_licence(session, id, read_form(LicenceForm, sheet), by=p.QIAN, now=p.NOW)
    file = tmp_path / "l.csv"
    done = report(engine, settings, "licences", file)
    assert done.lacking == ()
    rows = cells(file, LICENCE)
    assert [(row["XK_XKBH"], row["XK_ZT"]) for row in rows] == told
    assert {row["XK_JDRQ"] for row in rows} == {""}
    assert any("没有许可决定" in one for one in done.notes)


def test_a_mistake_in_the_words_is_explained(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"xlsx 或 \.csv"):
        report(engine, settings, "penalties", tmp_path / "p.pdf")
    with pytest.raises(UsageError, match="晚于"):
        report(engine, settings, "penalties", tmp_path / "p.csv", days=(TODAY, date(2026, 1, 1)))


def test_the_command_says_it_for_people_and_for_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    import config.commands  # noqa: F401 registers them
    from config.cli import xinyong
    from config.register import open_register

    monkeypatch.setenv("XINYONG_DATA", str(tmp_path / "data"))
    open_register(load_settings()).dispose()
    file = str(tmp_path / "p.csv")
    words = ["report", "penalties", file, "--since", "2026-01-01"]
    said = CliRunner().invoke(xinyong, words)
    assert (said.exit_code, "0 行（其中撤回 0 行）" in said.output) == (0, True)
    told = json.loads(CliRunner().invoke(xinyong, [*words, "--json"]).output)
    assert (told["rows"], told["written"]) == (0, True)
