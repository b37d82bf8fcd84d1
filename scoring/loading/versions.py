"""The versions of a city's policy side by side: on every day from the first on exactly one is in force."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from scoring.errors import Problem
from scoring.policy import Policy

_ONE_DAY = timedelta(days=1)


def check_versions(
    policies: Sequence[Policy], on: date | None = None, names: Sequence[str] = ()
) -> list[Problem]:
    """Every gap and overlap between versions, every id used twice, and every code a later one has lost.

    With `on`, also what that day is to be warned of: that no version is in force yet, or that the last
    one ends with none after it. `names` are the policies' names for the reader, such as their files.
    """
    shown = dict(zip(map(id, policies), names or [one.id for one in policies], strict=True))
    held = sorted(policies, key=lambda one: (one.since, one.until or date.max))
    found = [*_same_ids(held, shown), *_seams(held, shown), *_lost(held, shown)]
    return [*found, *(_ends(held, shown, on) if on else ())]


def _same_ids(policies: Sequence[Policy], shown: dict[int, str]) -> Iterator[Problem]:
    for name, times in Counter(one.id for one in policies).items():
        if times > 1:
            where = "、".join(shown[id(one)] for one in policies if one.id == name)
            yield Problem(
                place=where,
                value=name,
                sentence=f"编号用了 {times} 次，每一版的编号只能用一次，请改正",
            )


def _seams(policies: Sequence[Policy], shown: dict[int, str]) -> Iterator[Problem]:
    """What is wrong between each version and the one that ends last of those before it."""
    newest: Policy | None = None
    for one in policies:
        if newest is not None:
            yield from _seam(newest, one, shown)
        if newest is None or (one.until or date.max) > (newest.until or date.max):
            newest = one


def _seam(earlier: Policy, later: Policy, shown: dict[int, str]) -> Iterator[Problem]:
    place = f"{shown[id(earlier)]}、{shown[id(later)]}"
    if earlier.until is None or later.since < earlier.until:
        ends = [one.until for one in (earlier, later) if one.until is not None]
        span = f"{later.since} 到 {min(ends) - _ONE_DAY} " if ends else f"{later.since} 起"
        remedy = f"请给前一版写 until = {later.since}，或者改后一版的 since"
        yield Problem(place=place, sentence=f"{span}两版同时施行：{remedy}")
    elif later.since > earlier.until:
        sentence = (
            f"{earlier.until} 到 {later.since - _ONE_DAY} 没有一版施行："
            f"请把前一版的 until 改为 {later.since}，或者把后一版的 since 改为 {earlier.until}"
        )
        yield Problem(place=place, sentence=sentence)


def _lost(policies: Sequence[Policy], shown: dict[int, str]) -> Iterator[Problem]:
    """Codes that old records bear and a later version has no rule for, or one for the other kind of record:
    nothing could be rated then."""
    for earlier, later in pairwise(policies):
        lost = [code for code in earlier.rules if code not in later.rules]
        if lost and later.scale.made_of != "measures":
            sentence = (
                f"没有前一版 {shown[id(earlier)]} 的编码 {'、'.join(lost)}，有这些记录的机构就评不出来："
                f"请保留这些指标，不再适用的写 until = {later.since}"
            )
            yield Problem(place=shown[id(later)], value="、".join(lost), sentence=sentence)
        turned = [
            code
            for code, rule in earlier.by_code.items()
            if code in later.by_code and later.by_code[code].bonus is not rule.bonus
        ]
        if turned:
            sentence = (
                f"在前一版 {shown[id(earlier)]} 里编码 {'、'.join(turned)} 的加分、扣分与这一版相反，"
                "有这些记录的机构就评不出来：请另编一个编码，原来的保留"
            )
            yield Problem(place=shown[id(later)], value="、".join(turned), sentence=sentence)


def _ends(policies: Sequence[Policy], shown: dict[int, str], on: date) -> Iterator[Problem]:
    if not policies:
        return
    if on < policies[0].since:
        sentence = f"第一版 {policies[0].since} 才施行，{on} 没有一版施行：请补上之前的一版"
        yield Problem(place=shown[id(policies[0])], sentence=sentence)
    last = max(policies, key=lambda one: one.until or date.max)
    if last.until is not None:
        sentence = f"{last.until} 起没有一版施行：请在这一天之前放入下一版，或者删去 until"
        yield Problem(place=shown[id(last)], sentence=sentence)
