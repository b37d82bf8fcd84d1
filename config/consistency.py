"""How evenly inspectors or districts judge, told for the office in tables and sentences; never published."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct
from rich.console import Console
from rich.table import Table

from config.register import opened_register
from config.settings import Settings, load_policies
from registry import queries
from registry.database import reading
from registry.queries.consistency import By, Fieldwork
from scoring import in_force, load_policy
from scoring.consistency import (
    HUNDRED,
    LEAST_EXPECTED,
    LEAST_VISITS,
    Comparison,
    Consistency,
    Line,
    Priced,
    compare,
)
from scoring.policy import Indicator, Policy
from scoring.rules import months_after

MONTHS = 12
WIDTH = 104
BAR = 12
TOO_SMALL = "数量太少，不宜比较"
TOO_FEW = f"检查不到 {LEAST_VISITS} 次"
TOO_RARE = f"按全市的水平应有的问题不到 {LEAST_EXPECTED} 项"
ALL = "全部指标"
GROUPS: dict[str, str] = {"inspector": "检查员", "district": "区县"}
SIDES = {"": "", "above": "高于全市", "below": "低于全市"}
HEADS = (
    "指标编码",
    "指标",
    "检查员或区县",
    "检查次数",
    "查实问题",
    "涉及机构",
    "分值合计",
    "全市水平应有",
    "每百次问题",
    "区间下限",
    "区间上限",
    "每百次分值",
    "每项分值",
    "能否比较",
    "与全市相比",
)


class Compared(Struct, frozen=True, kw_only=True):
    """A period compared: the counts, whom and what the numbers stand for, and what was left out.

    `groups` and `titles` are the words for the numbers of districts and the codes of indicators;
    `unpriced` are codes no policy of the city knows: they are counted, at no points.
    """

    by: By
    since: date
    until: date
    visits: int
    nameless: int
    on_paper: int
    unconfirmed: int
    without_visit: int
    groups: dict[str, str]
    titles: dict[str, str]
    unpriced: tuple[str, ...]
    consistency: Consistency


def period(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The period asked for; by default the twelve months up to its last day, which is today."""
    until = last or today
    return first or months_after(until, -MONTHS) + timedelta(days=1), until


def compare_register(settings: Settings, by: By, since: date, until: date) -> Compared:
    """The register's confirmed findings of a period, by inspector or by district.

    Each is priced as a rating on the last day prices it: by that day's policy, for the day it was seen.
    """
    with opened_register(settings) as engine, reading(engine) as session:
        work = queries.fieldwork(session, by, since, until)
        places = {one.id: one.name for one in queries.jurisdictions(session, until)}
    policies = _pricing(settings, until) if work.findings else []
    rules = {code: _rule(policies, code, until) for code in {one.code for one in work.findings}}
    names = {one.id: one.name for one in settings.jurisdictions} | places
    return Compared(
        by=by,
        since=since,
        until=until,
        visits=work.visits,
        nameless=work.nameless,
        on_paper=work.on_paper,
        unconfirmed=work.unconfirmed,
        without_visit=work.without_visit,
        groups={one.group: names.get(one.group, one.group) for one in work.groups},
        titles={code: rule.title for code, rule in sorted(rules.items()) if rule},
        unpriced=tuple(sorted(code for code, rule in rules.items() if rule is None)),
        consistency=compare(work.groups, _priced(work, policies)),
    )


def _pricing(settings: Settings, on: date) -> list[Policy]:
    """The policy in force on a day, and behind it, for codes it no longer has, the others, newest first."""
    policies = [load_policy(one) for one in load_policies(settings)]
    newest = sorted(policies, key=lambda one: one.since, reverse=True)
    return [in_force(policies, on), *newest]


def _rule(policies: Sequence[Policy], code: str, day: date) -> Indicator | None:
    """The rule of a code for the day a fact was seen; None for a code that no policy has."""
    for policy in policies:
        rules = policy.rules.get(code, ())
        begun = [one for one in rules if one.since is None or one.since <= day]
        if rules:
            return begun[-1] if begun else rules[0]
    return None


def _priced(work: Fieldwork, policies: Sequence[Policy]) -> Iterator[Priced]:
    for one in work.findings:
        rule = _rule(policies, one.code, one.seen_on)
        yield Priced(
            group=one.group,
            code=one.code,
            points=rule.points * one.extent if rule else Decimal(0),
            institution=one.institution,
        )


def rows(found: Compared) -> Iterator[tuple[str, ...]]:
    """Every line as a row of text; whoever is too small to compare has counts and no rates."""
    for one in (found.consistency.overall, *found.consistency.indicators):
        for line in one.lines:
            fair = not line.too_small
            yield (
                one.code,
                _title(found, one),
                found.groups.get(line.group, line.group),
                str(line.visits),
                str(line.findings),
                str(line.institutions),
                str(line.points),
                str(line.expected),
                *(_said(value) if fair else "" for value in (line.rate, line.low, line.high)),
                _per_hundred(line.points_per_visit) if fair else "",
                _said(line.points_per_finding) if fair else "",
                "可以" if fair else TOO_SMALL,
                SIDES[line.outside],
            )


def tell(found: Compared) -> None:
    """Prints the whole comparison: what was counted, a table and its sentences for each, how to read it."""
    terminal = Console()
    # Narrower, a table would cut what it says.
    console = Console(width=max(terminal.width, WIDTH), markup=False, highlight=False, emoji=False)
    for sentence in opening(found):
        console.print(sentence, soft_wrap=True)
    if not found.consistency.indicators:
        return
    for one in (found.consistency.overall, *found.consistency.indicators):
        console.print()
        console.print(f"{one.code} {_title(found, one)}".strip())
        console.print(_table(found, one))
        for sentence in sentences(found, one):
            console.print(sentence, soft_wrap=True)
    console.print()
    for sentence in closing(found):
        console.print(sentence, soft_wrap=True)


def opening(found: Compared) -> Iterator[str]:
    """What was counted, what was not, and whether there is anything to compare."""
    whole = found.consistency.overall
    yield f"{found.since} 至 {found.until}，按{GROUPS[found.by]}比较，现场检查 {found.visits} 次。"
    if found.by == "inspector" and whole.visits:
        yield f"两人同去的检查，两人各计一次，共 {whole.visits} 人次；问题也是这样计。"
    left = (
        (found.on_paper, "次书面检查"),
        (found.nameless, f"次检查没有记{GROUPS[found.by]}"),
        (found.unconfirmed, "项问题未确认、不成立或已撤销"),
        (found.without_visit, "项问题查不到是哪次检查发现的"),
    )
    if any(number for number, _ in left):
        yield f"没有计入：{'，'.join(f'{number} {what}' for number, what in left if number)}。"
    if found.unpriced:
        yield f"评分办法里没有这些编码，只计项数，分值按 0 计：{'、'.join(found.unpriced)}。"
    if not found.visits:
        yield "这段时间没有现场检查，没有可以比较的。"
    elif not whole.visits:
        yield f"没有一次检查记了{GROUPS[found.by]}，没有可以比较的。请换一种比较方式，或者补记。"
    elif not whole.findings:
        yield "这段时间没有查实的问题，没有可以比较的。"


def sentences(found: Compared, one: Comparison) -> Iterator[str]:
    """One table in words: the whole, the spread, who lies outside, who cannot be compared and why."""
    yield (
        f"合计：检查 {one.visits} 次，查实 {one.findings} 项，每百次 {_said(one.rate)} 项、"
        f"{_per_hundred(one.points_per_visit)} 分，平均每项 {_said(one.points_per_finding)} 分。"
    )
    if not one.comparable:
        yield f"各{GROUPS[found.by]}都不宜比较：{TOO_FEW}，或者{TOO_RARE}。"
        return
    yield _spread(found, one)
    for side in ("above", "below"):
        named = [line for line in one.comparable if line.outside == side]
        if named:
            yield f"明显{SIDES[side]}的：{_names(found, named)}（区间不含全市的 {one.rate}）。"
    if one.rates and not any(line.outside for line in one.comparable):
        yield f"没有哪个{GROUPS[found.by]}与全市明显不同。"
    for which, why in (("visits", TOO_FEW), ("expected", TOO_RARE)):
        small = [line for line in one.lines if line.too_small == which]
        if small:
            yield f"不宜比较的：{_names(found, small)}，{why}。"


def closing(found: Compared) -> Iterator[str]:
    """How to read it, so that nobody takes a difference for a fault."""
    chance = found.consistency.beyond_by_chance
    yield (
        f"标为“{TOO_SMALL}”的，{TOO_FEW}，或者{TOO_RARE}"
        "（Cochran 1954），分不清差别和偶然，不排名，也不计入高低。"
    )
    yield (
        f"区间是每百次问题的 95% 区间。即使尺度完全一样，以上各表也可能有 {chance} 处左右偶然落在区间外；"
        "一次检查常有几项问题的，区间还应当更宽。"
    )
    yield "有差别不等于不公：各自检查的机构和检查种类不同。请调阅案卷复核，再下结论。"


def _spread(found: Compared, one: Comparison) -> str:
    if one.rates is None or one.points_spread is None:
        return f"只有{_names(found, one.comparable)}可以比较，没有高低可言。"
    rates, points = one.rates, one.points_spread
    times = "，最低的没有查实过" if rates.ratio is None else f"，是最低的 {rates.ratio} 倍"
    apart = (
        f"{_name(found, rates.lowest_in)}最低，每百次 {rates.lowest} 项；"
        f"{_name(found, rates.highest_in)}最高，每百次 {rates.highest} 项{times}"
    )
    same = f"都是每百次 {rates.lowest} 项"
    return (
        f"可以比较的有 {len(one.comparable)} 个："
        f"{same if rates.lowest_in == rates.highest_in else apart}。"
        f"按分值，每百次从 {_per_hundred(points.lowest)} 分（{_name(found, points.lowest_in)}）"
        f"到 {_per_hundred(points.highest)} 分（{_name(found, points.highest_in)}）。"
    )


def _table(found: Compared, one: Comparison) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(GROUPS[found.by], overflow="fold", max_width=20)
    for head in ("检查", "问题", "每百次", "95% 区间", "每百次分值", "每项分值"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    top = max((line.rate or Decimal(0) for line in one.comparable), default=Decimal(0))
    for line in one.lines:
        table.add_row(
            _name(found, line.group), str(line.visits), str(line.findings), *_cells(line, top)
        )
    return table


def _cells(line: Line, top: Decimal) -> tuple[str, ...]:
    """What is shown of a line behind its counts; nothing that could be ranked, for the small."""
    if line.too_small or line.rate is None:
        return "", "", "", "", TOO_SMALL
    bar = "█" * int(line.rate * BAR / top) if top else ""
    return (
        str(line.rate),
        f"{line.low}–{line.high}",
        _per_hundred(line.points_per_visit),
        _said(line.points_per_finding),
        f"{bar} {SIDES[line.outside]}".strip(),
    )


def _title(found: Compared, one: Comparison) -> str:
    return found.titles.get(one.code, "") if one.code else ALL


def _name(found: Compared, group: str) -> str:
    return found.groups.get(group, group)


def _names(found: Compared, lines: Sequence[Line]) -> str:
    return "、".join(_name(found, one.group) for one in lines)


def _said(value: Decimal | None) -> str:
    return "—" if value is None else str(value)


def _per_hundred(per_visit: Decimal | None) -> str:
    return "—" if per_visit is None else f"{HUNDRED * per_visit:.2f}"
