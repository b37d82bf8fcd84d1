"""The year's account of one city: from its register and its released editions to signed files."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import msgspec
from msgspec import Struct, structs
from sqlalchemy import Engine

from config.key_files import require_kept
from config.month import moment_of
from config.register import actor_of
from config.settings import Settings
from publisher.edition import Manifest
from publisher.signing import create_key, sign
from publisher.year_files import ReportRefused, current_year, digest_of, release_year
from publisher.yearly import (
    Figure,
    Release,
    Section,
    Target,
    Term,
    Year,
    read_text,
    release_target,
    term_target,
)
from registry import acts, queries
from registry.calendar import Calendar, load_calendar
from registry.database import reading, writing
from registry.forms import edition_name
from registry.procedure import KINDS
from registry.queries import Asked, EditionLine, Kept, YearFacts

PUBLISH_WITHIN = 20  # working days: 政府信息公开条例 第二十六条
DISCLOSURE = "政府信息公开条例"
ON_THE_SPOT = ("spot.warn", "spot.fine")
ENDINGS = {"expire": "期满", "lift": "提前移出", "repair": "信用修复", "annul": "撤销决定"}
REPORTED = "年度报告在 1 月 31 日以前公布"
_DRAWN_UP = re.compile(r"(\d{4}-\d{2}-\d{2}) 编制")
OUTCOMES = {
    "complaint": {"answer": "已答复", "refer": "已移送", "refuse": "不予受理"},
    "objection": {"uphold": "成立", "reject": "不成立"},
    "repair": {"grant": "准予修复", "reject": "不予修复", "refuse": "不予受理"},
    "change": {"apply": "已变更", "reject": "不予变更"},
}


class Counted(Struct, frozen=True, kw_only=True):
    """What the account is made from.

    `withdrawn` are the entries no longer shown by each edition on the last day counted, `taken_back` those
    that were withdrawn in the year, from editions of any year.
    """

    facts: YearFacts
    rows: tuple[EditionLine, ...]
    withdrawn: dict[str, int]
    taken_back: int
    calendar: Calendar


def year_of(engine: Engine, settings: Settings, year: int, now: datetime, text: str = "") -> Year:
    """The account of a year as the register and the editions stand at an instant.

    What terms it tells kept and missed is as of the day on which the year's account first came out, if it has.
    """
    first, end = date(year, 1, 1), date(year, 12, 31)
    today = now.astimezone(settings.zone).date()
    last = min(end, today)
    if last < first:
        raise ReportRefused(f"{year} 年还没有开始。请核对年份。")
    with reading(engine) as session:
        rows = [
            _here(one, settings) for one in queries.editions(session) if one.state == "released"
        ]
        gone = [one for one in queries.withdrawals(session) if one.on <= last]
        facts = queries.year_facts(session, first, last)
    rows.sort(key=lambda one: (one.period, one.number))
    counted = Counted(
        facts=facts,
        rows=tuple(rows),
        withdrawn=Counter(edition_name(one.period, one.number) for one in gone),
        taken_back=sum(first <= one.on for one in gone),
        calendar=load_calendar(settings.holidays),
    )
    releases = tuple(_releases(settings, counted, year, now))
    return Year(
        year=year,
        organ=settings.organ,
        title=settings.title,
        fictional=settings.fictional,
        as_of=last,
        whole=today > end,
        sections=tuple(_sections(counted, releases)),
        releases=releases,
        targets=tuple(_targets(counted, releases, year, _first_day(settings, year) or today)),
        problems=read_text(text),
    )


def release_account(
    engine: Engine,
    settings: Settings,
    year: Year,
    *,
    by: str,
    now: datetime,
    because: str = "",
) -> tuple[Path, str]:
    """Releases the account, its digest in the ledger; gives its folder and digest. Raises ReportRefused."""
    actor = actor_of(engine, by, now)
    if not year.whole:
        raise ReportRefused(
            f"{year.year} 年还没有过完，年度报告要到明年一月才发布。先看数字，请不要写 --by。"
        )
    if not year.problems:
        raise ReportRefused(
            "没有写“存在的主要问题和改进情况”（政府信息公开条例第五十条）。请用 --text 文件 写明。"
        )
    reports = settings.data / "reports"
    made = _following(year, current_year(reports, year.year), because)
    digest = digest_of(made)
    require_kept(settings, "bureau.key")
    create_key(settings.keys)
    with writing(engine) as session:
        acts.release_report(session, year.year, digest, because, by=actor, now=now)
    key = settings.keys / "bureau.key"
    return release_year(made, reports, lambda content: sign(content, key)), digest


def _following(year: Year, held: tuple[Year, str] | None, because: str) -> Year:
    """The account as it follows the one released before: the same, or a correction with its reason."""
    if held is None:
        return year
    before, digest = held
    same = msgspec.structs.replace(year, corrects=before.corrects, because=before.because)
    if digest_of(same) == digest:
        return same
    if not because:
        raise ReportRefused(
            f"{year.year} 年的报告已经发布，内容不同。更正请加 --correct 理由，原来的报告会保留。"
        )
    return msgspec.structs.replace(year, corrects=digest, because=because)


def _first_day(settings: Settings, year: int) -> date | None:
    """The day on which the year's account first came out, as the released one says it; a correction says it on."""
    held = current_year(settings.data / "reports", year)
    said = [one.measured for one in held[0].targets if one.what == REPORTED] if held else []
    found = _DRAWN_UP.match(said[0]) if said else None
    return date.fromisoformat(found[1]) if found else None


def _releases(settings: Settings, counted: Counted, year: int, now: datetime) -> Iterator[Release]:
    """Every edition of the year, and every month since the first of all that has none."""
    first = counted.rows[0].period if counted.rows else ""
    there = {one.period for one in counted.rows if not one.number}
    for month in range(1, 13):
        period = f"{year}-{month:02d}"
        for row in (one for one in counted.rows if one.period == period):
            yield _release(settings, counted, row)
        if first and period >= first and period not in there:
            due_at = moment_of(settings, period)
            if due_at <= now:
                yield Release(
                    name=period, label=f"{year}年{month}月版", due_at=due_at, released_at=None
                )


def _release(settings: Settings, counted: Counted, row: EditionLine) -> Release:
    name = edition_name(row.period, row.number)
    counts: dict[str, int] = {}
    label = name
    try:
        raw = (settings.editions / name / "edition.json").read_bytes()
        manifest = msgspec.json.decode(raw, type=Manifest)
        counts, label = manifest.counts, manifest.label
    except (OSError, msgspec.DecodeError):
        pass  # its counts are unknown, and are not shown as nought
    return Release(
        name=name,
        label=label,
        due_at=None if row.number else moment_of(settings, row.period),
        released_at=row.released_at,
        digest=row.digest,
        counts=counts,
        withdrawn=counted.withdrawn.get(name, 0),
    )


def _here(row: EditionLine, settings: Settings) -> EditionLine:
    """An edition released by the city's own clock: its day is the city's day."""
    at = row.released_at
    return structs.replace(row, released_at=at.astimezone(settings.zone) if at else None)


def _published(counted: Counted, today: date) -> Iterator[Term]:
    """The twenty working days of each record that was there to be published; one that still runs is left out.

    An edition that was frozen before a record was recorded did not print it, whatever day it is of.
    """
    for one in counted.facts.formed:
        due = counted.calendar.after(one.on, PUBLISH_WITHIN)
        days = [
            row.released_at.date()
            for row in counted.rows
            if row.cut_off >= one.on
            and row.prepared_at >= one.recorded_at
            and row.released_at is not None
            and row.released_at.date() <= today
        ]
        done = min(days, default=None)
        if done is not None or due < today:
            yield Term(due_on=due, done_on=done)


def _targets(
    counted: Counted, releases: Sequence[Release], year: int, today: date
) -> Iterator[Target]:
    facts, calendar = counted.facts, counted.calendar
    yield release_target(releases, f"《{DISCLOSURE}》第六条；本局公布的日期")
    yield term_target(
        "生效的处罚和名单决定，20 个工作日内公开",
        f"《{DISCLOSURE}》第二十六条",
        list(_published(counted, today)),
    )
    took = [
        max(0, calendar.left(one.done_on, one.since))
        for one in facts.withdrawals
        if one.done_on is not None
    ]
    yield term_target(
        "撤销的决定，3 个工作日内撤回并说明理由",
        "《行政处罚法》第四十八条",
        _terms(facts.withdrawals),
        _rest(facts, ("withdrawal.recall", "withdrawal.replace"), facts.withdrawals),
        took,
    )
    basis = {
        "complaint": "本局内部期限",
        "objection": "《浙江省公共信用信息管理条例》第三十一条",
        "repair": "本局内部期限",
        "change": "本局内部期限",
    }
    for one in facts.asked:
        yield term_target(
            f"{KINDS[one.kind]}按期办结", basis[one.kind], _terms(one.terms), one.termless
        )
    yield term_target(
        "处罚案件在期限内作出决定",
        "《行政处罚法》第六十条",
        _terms(facts.decided),
        _rest(facts, ("penalty.decide",), facts.decided),
    )
    yield term_target(
        "处罚决定 7 个工作日内送达",
        "《行政处罚法》第六十一条",
        _terms(facts.served),
        _rest(facts, ("penalty.serve",), facts.served),
    )
    due = date(year + 1, 1, 31)
    on_time = Term(due_on=due, done_on=today)
    whole = today.year > year
    yield Target(
        what=REPORTED,
        basis=f"《{DISCLOSURE}》第四十九条",
        measured=f"{today} 编制，应于 {due} 以前" if whole else f"应于 {due} 以前，还没有到期",
        verdict=("met" if on_time.kept else "missed") if whole else "not_measured",
    )


def _rest(facts: YearFacts, steps: Sequence[str], terms: Sequence[Kept]) -> int:
    """How many ended in the year without a term to measure them by."""
    done = sum(one.done_on is not None for one in terms)
    return max(0, sum(facts.steps.get(one, 0) for one in steps) - done)


def _terms(kept: Sequence[Kept]) -> list[Term]:
    return [Term(due_on=one.due_on, done_on=one.done_on) for one in kept]


def _sections(counted: Counted, releases: Sequence[Release]) -> Iterator[Section]:
    facts = counted.facts
    out = [one for one in releases if one.released_at is not None]
    yield Section(
        title="主动公开",
        figures=(
            Figure(label="发布的版次", value=len(out), unit=" 期"),
            Figure(label="其中增补", value=sum(one.due_at is None for one in out), unit=" 期"),
            Figure(label="撤回的条目", value=counted.taken_back, unit=" 条"),
            Figure(label="新登记的办学许可证", value=facts.licences, unit=" 件"),
            _step(facts, ("penalty.decide", *ON_THE_SPOT), "作出的行政处罚决定", " 件"),
            _step(facts, ON_THE_SPOT, "其中当场处罚", " 件"),
            Figure(label="规章、规范性文件", value=None, note="登记册不登记"),
        ),
    )
    for one in facts.asked:
        words = OUTCOMES[one.kind]
        yield Section(
            title=KINDS[one.kind],
            figures=(
                Figure(label="上年结转", value=one.carried, unit=" 件"),
                Figure(label="本年收到", value=one.received, unit=" 件"),
                *(
                    Figure(label=word, value=one.outcomes.get(act, 0), unit=" 件")
                    for act, word in words.items()
                ),
                Figure(label="申请人撤回", value=one.withdrawn, unit=" 件"),
                Figure(label="结转下年", value=one.pending, unit=" 件"),
                _in_time(one),
            ),
        )
    yield Section(
        title="依申请公开",
        figures=tuple(
            Figure(label=label, value=None)
            for label in ("收到的申请", "予以公开", "部分公开", "不予公开")
        ),
        note="依申请公开不在登记册里办理。",
    )
    ends = facts.contests
    yield Section(
        title="行政复议、行政诉讼（因处罚决定）",
        figures=(
            Figure(label="被申请复议或者起诉", value=facts.contested, unit=" 件"),
            Figure(
                label="维持",
                value=ends.get("uphold", 0) + ends.get("uphold_finally", 0),
                unit=" 件",
            ),
            Figure(label="纠正（决定被撤销）", value=ends.get("annul", 0), unit=" 件"),
            Figure(label="申请人撤回", value=ends.get("give_up", 0), unit=" 件"),
            Figure(label="尚未审结", value=facts.contests_open, unit=" 件"),
            Figure(label="因信息公开工作被申请复议或者起诉", value=None),
        ),
        note="登记册不区分复议和诉讼，两者合计。",
    )
    yield Section(
        title="列入和移出名单",
        figures=(
            *(
                Figure(label=f"列入{word}", value=facts.listed.get(key, 0), unit=" 家次")
                for key, word in (("black", "黑名单"), ("watch", "重点关注名单"))
            ),
            *(
                Figure(label=f"移出：{word}", value=facts.removed.get(act, 0), unit=" 家次")
                for act, word in ENDINGS.items()
            ),
        ),
    )
    visits = [
        Figure(label=kind or "没有写种类", value=many, unit=" 次")
        for kind, many in facts.inspections.items()
    ]
    yield Section(
        title="检查和发现的问题",
        figures=(
            Figure(label="检查", value=sum(facts.inspections.values()), unit=" 次"),
            *visits,
            Figure(label="检查过的机构", value=facts.inspected, unit=" 家"),
            _step(facts, ("finding.confirm",), "确认的问题", " 个"),
            _step(facts, ("finding.order",), "责令改正", " 个"),
            _step(facts, ("finding.pass",), "复查合格", " 个"),
            _step(facts, ("finding.fail",), "复查不合格", " 个"),
            _step(facts, ("finding.dismiss",), "认定不成立", " 个"),
            Figure(label="罚款", value=facts.fine_fen // 100, unit=" 元"),
            Figure(label="其中当场罚款", value=facts.spot_fine_fen // 100, unit=" 元"),
            Figure(label="没收", value=facts.confiscated_fen // 100, unit=" 元"),
        ),
    )


def _in_time(one: Asked) -> Figure:
    """How many were answered in time; unknown where no term was ever noted."""
    kept = sum(term.kept for term in _terms(one.terms))
    return Figure(
        label="按期办结", value=None if one.termless and not one.terms else kept, unit=" 件"
    )


def _step(facts: YearFacts, steps: Sequence[str], label: str, unit: str) -> Figure:
    return Figure(label=label, value=sum(facts.steps.get(one, 0) for one in steps), unit=unit)
