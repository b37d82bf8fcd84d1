"""The past on a real register: an annulled penalty makes exactly those editions wrong that printed it."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text
from sqlmodel import Session

import config.commands  # noqa: F401 registers them
from config import month
from config.cli import main, xinyong
from config.hindsight import EditionUnreadable
from config.settings import Settings, load_settings
from publisher.data import render_csv, render_json
from publisher.gate import Bounds, prepare, publish
from publisher.signing import create_key
from registry import acts
from registry.database import migrate, open_database, writing
from registry.errors import NotFound, read_form
from registry.forms import (
    CaseSheet,
    CustodyForm,
    CustodyReportForm,
    FindingSheet,
    ProfileForm,
    StepForm,
    WithdrawalForm,
)
from tests.registry import people as p

# The penalty is final on 20 October 2026; September's edition does not know it, the next three print it.
BEFORE, PRINTED, AFTER = "2026-10", ("2026-11", "2026-12", "2027-01"), "2027-02"
ANNULLED = datetime(2027, 1, 21, 3, tzinfo=UTC)  # a Thursday; the annulment itself is of the 20th
POLICY = Path(__file__).parents[2] / "config/policy/NB-2026-1.toml"


class Office:
    """A city with four schools, and one of them with a penalty."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings, self.engine = settings, engine
        create_key(settings.keys)
        with writing(engine) as session:
            self.punished = p.city(session)
            names = ("墨香书画", "启明编程", "远航科技")
            others = [p.institution(session, name=f"宁波市海曙区{one}学校") for one in names]
            self.faulty, self.other, self.third = others
            for number, id in enumerate((self.punished, *others)):
                p.inspection(session, id, key=f"phone-000{number}")
            seen = p.finding(session, self.punished)
            self.fault = self.confirmed(session, self.faulty)
            p.step(session, seen, "hear", p.WANG, "2026-03-09", reason="无异议")
            self.penalty = p.penalty(session, self.punished, seen)

    @staticmethod
    def confirmed(
        session: Session, institution: str, seen: str = "2026-09-07", now: datetime = p.NOW
    ) -> str:
        """A finding confirmed three days after it was seen, recorded at an instant."""
        sheet = {"institution": institution, "code": "S01", "seen_on": seen, **p.TWO}
        form = read_form(FindingSheet, sheet)
        matter = acts.record_finding(session, form, by=p.WANG, now=now)
        day = date.fromisoformat(seen)
        for act, by, on in (("hear", p.WANG, day.day + 2), ("confirm", p.LI, day.day + 3)):
            step = StepForm(on=day.replace(day=on), reason="无异议")
            acts.take_step(session, matter, act, step, by=by, now=now)
        return matter

    def release(self, *periods: str) -> None:
        """Freezes, signs and releases editions as the register stands."""
        for period in periods:
            edition = month.frozen(self.engine, self.settings, period)
            by, editions = p.QIAN, self.settings.editions
            prepare(self.engine, edition, editions, Bounds(), by=by, now=p.NOW)
            with writing(self.engine) as session:
                acts.approve_edition(session, period, 0, edition.digest, by=p.ZHOU, now=p.NOW)
            renderers = (render_csv, render_json)
            publish(self.engine, edition, self.settings.data, renderers, by=by, now=p.NOW)

    def annul(self) -> None:
        """The head annuls the penalty, on the day before it is entered."""
        step = StepForm(on=date(2027, 1, 20), document_no="甬政复〔2027〕1号", reason="程序违法")
        with writing(self.engine) as session:
            acts.take_step(session, self.penalty, "annul", step, by=p.ZHAO, now=ANNULLED)

    def run(self, *words: object) -> Result:
        """One command of this city."""
        env = {"XINYONG_DATA": str(self.settings.data), "XINYONG_DATABASE": self.settings.database}
        told = CliRunner(env=env).invoke(xinyong, [str(one) for one in words])
        if told.exception and not isinstance(told.exception, SystemExit):
            raise told.exception
        return told

    def wrong(self, knowing: str, *ids: str) -> dict[str, list[str]]:
        """Which editions are wrong, and about whom."""
        told = self.run("recheck", *ids, "--knowing", knowing, "--json")
        editions = json.loads(told.stdout)["editions"]
        found = {
            one["edition"]: [
                mistake["wrong"]["institution"]
                for mistake in one["mistakes"]
                if not mistake["mended"]
            ]
            for one in editions
            if one["missing"] or not all(mistake["mended"] for mistake in one["mistakes"])
        }
        assert told.exit_code == (1 if found else 0)
        return found


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    environ = {"XINYONG_DATA": str(tmp_path)}
    if request.param == "postgresql":
        environ["XINYONG_DATABASE"] = request.getfixturevalue("postgres")
    settings = load_settings(None, environ)
    engine = open_database(settings.database, settings.schema)
    migrate(engine)
    yield Office(settings, engine)
    if request.param == "postgresql":
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {settings.schema} CASCADE"))
    engine.dispose()


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
    with writing(office.engine) as session:
        listing = p.listed(session, office.punished, office.penalty)
    office.release(BEFORE, *PRINTED)
    step = StepForm(on=date(2027, 1, 20), document_no="甬教信撤〔2027〕1号", reason="主体有误")
    with writing(office.engine) as session:
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


def draft(tmp_path: Path, name: str, *swaps: tuple[str, str]) -> Path:
    """A draft from Ningbo's policy with words of it replaced."""
    words = POLICY.read_text("utf-8").replace('id = "NB-2026-1"', f'id = "{name}"')
    for before, after in swaps:
        assert before in words
        words = words.replace(before, after)
    file = tmp_path / f"{name}.toml"
    file.write_text(words, "utf-8")
    return file


def dearer(points: int) -> tuple[str, str]:
    words = POLICY.read_text("utf-8")
    start = words.index('code = "S01"')
    rule = words[start : words.index("\n", words.index("points =", start))]
    return rule, f"{rule[: rule.index('points =')]}points = {points}"


def test_a_draft_is_replayed_as_a_table_bars_rows_and_a_drawing(
    office: Office, tmp_path: Path
) -> None:
    one = draft(tmp_path, "草案<一>", dearer(12))
    chart, rows = tmp_path / "c.svg", tmp_path / "r.csv"
    words = ("replay", one, "--on", "2026-10-31", "--months", 3, "--csv", rows, "--chart", chart)
    told = office.run(*words).stdout
    assert "2026-09-30 ████████████████████████████████████████" not in told
    assert f"2026-09-30 {'▒' * 40} 4 家中 1 家会变（25.0%）" in told
    assert f"2026-08-31 {' ' * 40} 4 家中 0 家会变（0.0%）" in told
    table = told[told.index("2026-10-31，NB-2026-1（行）→ 草案<一>（列）") :]
    assert [line.split() for line in table.splitlines()[1:8]] == [
        ["未列入", "未列入", "合计"],
        ["A", "B"],
        ["未列入", "A", "2", "1", "3"],
        ["未列入", "B", "·", "1", "1"],
        ["合计", "2", "2", "4"],
        [],
        ["因为哪一条（只算会变的机构）："],
    ]
    assert "合计 −5 → −12 分" in table
    lines = rows.read_text("utf-8-sig").splitlines()
    assert lines[0] == "日期,机构编号,机构名称,所属区域,现办法,草案,规则的差别"
    assert len(lines) == 3
    assert lines[2].startswith(
        f"2026-10-31,{office.faulty},宁波市海曙区墨香书画学校,海曙区,未列入 A 95 分,未列入 B 88 分"
    )
    drawing = ElementTree.fromstring(chart.read_text("utf-8"))  # noqa: S314 our own file
    space = "{http://www.w3.org/2000/svg}"
    assert drawing.get("width") == "690"
    assert drawing.findtext(f"{space}title") == "重放草案 草案<一>：会变的机构"
    said = drawing.findtext(f"{space}desc") or ""
    assert "2026-08-31：4 家中 0 家会变" in said
    assert "2026-10-31：4 家中 1 家会变（25.0%）：换名单 0、换等级 1、只是分数变 0" in said


def test_of_a_draft_and_its_successor_each_rates_its_own_days(
    office: Office, tmp_path: Path
) -> None:
    end = "until = 2027-01-01"
    first = draft(tmp_path, "甲案", dearer(12), (end, "until = 2026-10-01"))
    starts = ("since = 2024-01-01", "since = 2026-10-01")
    second = draft(tmp_path, "乙案", dearer(5), starts)
    told = office.run("replay", first, second, "--on", "2026-10-31", "--months", 2, "--json")
    days = json.loads(told.stdout)
    assert [(one["day"]["new"], len(one["day"]["moves"])) for one in days] == [
        ("甲案", 1),
        ("乙案", 0),
    ]
    late = draft(tmp_path, "丙案", (end, "until = 2026-09-01"))
    with pytest.raises(Exception, match="草案 2026-09-30") as refused:
        office.run("replay", late, second, "--on", "2026-10-31", "--months", 2)
    assert "草案 2026-10-31" not in str(refused.value)


def test_a_draft_that_lacks_codes_ends_with_all_of_them_and_status_2(
    office: Office,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lacking = draft(
        tmp_path, "草案", ('code = "S01"', 'code = "S91"'), ('code = "D02"', 'code = "D92"')
    )
    words = ["xinyong", "replay", str(lacking), "--on", "2026-10-31", "--months", "2"]
    monkeypatch.setattr("sys.argv", words)
    monkeypatch.setenv("XINYONG_DATA", str(office.settings.data))
    monkeypatch.setenv("XINYONG_DATABASE", office.settings.database)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"没有编码“D02”，登记册里有 1 条记录用它（{office.penalty}）" in said
    assert "没有编码“S01”，登记册里有 2 条记录用它" in said
    broken = tmp_path / "坏.toml"
    broken.write_text("id = 1", "utf-8")
    with pytest.raises(Exception, match=r"坏\.toml"):
        office.run("replay", broken)


def test_whoever_opens_later_counts_from_that_day_on_and_so_does_a_lost_grade(
    office: Office, tmp_path: Path
) -> None:
    with writing(office.engine) as session:
        p.institution(session, name="宁波市海曙区新开学校", opened_on="2026-10-12")
    strict = draft(tmp_path, "草案", ("first_days = 180", "first_days = 3000"))
    told = office.run("replay", strict, "--on", "2026-10-31", "--months", 2).stdout
    september, october = (
        next(line for line in told.splitlines() if line.startswith(day))
        for day in ("2026-09-30", "2026-10-31")
    )
    assert "4 家中 4 家会变" in september
    assert september.endswith("失去等级 4 家，得到等级 0 家；1 家当日未设立，不计")
    assert "5 家中 4 家会变" in october
    assert october.endswith("；比前一日新增 1 家")


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


def test_what_a_draft_does_to_the_white_lists_conditions_is_told_together(
    office: Office, tmp_path: Path
) -> None:
    law = 'reference = { document = "甲", article = "一" }'
    first = '[[white]]\nkind = "licence"'
    more = (
        f'[[white]]\nkind = "inspected"\ntitle = "一年内检查过"\nmonths = 12\n{law}\n\n'
        f'[[white]]\nkind = "no_record"\ntitle = "没有罚款"\ncodes = ["D02"]\n{law}\n\n'
    )
    narrow = ('grades = ["A", "B", "C"]', 'grades = ["A"]')
    strict = draft(tmp_path, "草案", dearer(12), narrow, (first, more + first))
    rows = tmp_path / "r.csv"
    told = office.run("replay", strict, "--on", "2026-10-31", "--csv", rows).stdout
    causes = told[told.index("因为哪一条") :].splitlines()[1:]
    assert len(causes) == 2
    assert causes[0].startswith("  S01 ")
    assert causes[1] == (
        "  白名单条件，符合的家数：一年内检查过 0 → 1 家；信用等级为 A、B 或者 C 1 → 0 家；"
        "没有罚款 0 → 1 家"
    )
    (row,) = rows.read_text("utf-8-sig").splitlines()[1:]
    assert row.endswith(
        "S01：−5 → −12；白名单条件“一年内检查过”“没有罚款”：无 → 符合；"
        "白名单条件“信用等级为 A、B 或者 C”：符合 → 不符合"
    )
