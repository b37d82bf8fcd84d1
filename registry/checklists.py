"""A city's checklists as dated data: what is looked at on a visit, each item with the rule it is for.

The legal basis is never typed twice: it is the reference of the policy's rule on the day of the visit.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec
from msgspec import Struct

from scoring import Policy, Reference
from scoring.decoding import UNREADABLE, decode_words

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}")


class ChecklistError(Exception):
    """A checklist that cannot be used; the sentence names the file, the field, the value and the remedy."""


class Item(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing to look at; `policy` is the code of the rule a fault falls under, `days` the usual term to mend."""

    code: str
    text: str
    evidence: str = ""
    days: int = 15
    policy: str = ""
    missing: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    reference: Reference | None = None


class Domain(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Items that are looked at together; `kinds` limits them to kinds of institutions, none means all."""

    title: str
    items: tuple[Item, ...]
    kinds: tuple[str, ...] = ()


class Checklist(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of a checklist, in force from `since` to the day before `until`."""

    id: str
    title: str
    since: date
    until: date | None = None
    kinds: tuple[str, ...] = ()
    domains: tuple[Domain, ...]

    def of(self, kind: str) -> tuple[Domain, ...]:
        """The domains and items for one kind of institution."""
        found = []
        for domain in self.domains:
            items = tuple(one for one in domain.items if not one.kinds or kind in one.kinds)
            if items and (not domain.kinds or kind in domain.kinds):
                found.append(msgspec.structs.replace(domain, items=items))
        return tuple(found)

    def items(self) -> Iterator[Item]:
        """Every item."""
        for domain in self.domains:
            yield from domain.items


def load_checklists(files: Mapping[str, bytes]) -> tuple[Checklist, ...]:
    """The checklists in these files; raises ChecklistError with every mistake at once."""
    found, wrong = [], []
    for name, raw in files.items():
        try:
            one = msgspec.toml.decode(raw, type=Checklist)
        except UNREADABLE as mistake:
            wrong.append(
                f"{name}：{decode_words(mistake)}。请按提示的字段改正，写法见 config/checklists/。"
            )
            continue
        wrong += [f"{name}：{sentence}" for sentence in _mistakes(one)]
        found.append(one)
    wrong += _seams(found)
    if wrong:
        raise ChecklistError("\n".join(wrong))
    return tuple(found)


def unknown_rules(checklists: Sequence[Checklist], policies: Sequence[Policy]) -> list[str]:
    """What no policy of a checklist's days has a rule for, a sentence each."""
    found = []
    for one in checklists:
        last = one.until or date.max
        known = [
            policy
            for policy in policies
            if policy.since < last and (policy.until is None or one.since < policy.until)
        ]
        for item in one.items():
            rules = [policy.by_code.get(item.policy) for policy in known]
            if item.policy and not any(rule is not None and not rule.bonus for rule in rules):
                found.append(
                    f"检查表 {one.id} 的项目 {item.code}：字段 policy 的值“{item.policy}”"
                    "在同期的评分办法里没有。请改成办法里的编码，或者删去 policy 并写 reference。"
                )
    return found


def checklist_for(checklists: Sequence[Checklist], kind: str, on: date) -> Checklist | None:
    """The checklist in force on a day for a kind; one that names the kind comes before one for all."""
    current = [
        one
        for one in checklists
        if one.since <= on and (one.until is None or on < one.until) and _for(one, kind)
    ]
    return max(current, key=lambda one: bool(one.kinds), default=None)


def _for(one: Checklist, kind: str) -> bool:
    return not one.kinds or kind in one.kinds


def _mistakes(one: Checklist) -> Iterator[str]:
    if one.until is not None and one.until <= one.since:
        yield f"字段 until 的值“{one.until}”不晚于 since“{one.since}”。请改正其中一个。"
    if not one.domains:
        yield "字段 domains 是空的。请至少写一个检查方面。"
    if not 0 < len(one.id) <= 60:
        yield f"字段 id 的值“{one.id}”不能用。请写 1 到 60 个字。"
    seen: set[str] = set()
    for item in one.items():
        where = f"项目 {item.code}："
        if not _CODE.fullmatch(item.code):
            yield f"{where}字段 code 的值不能用。请用不超过 20 个字母、数字和连字符。"
        if item.code in seen:
            yield f"{where}字段 code 重复。每个项目的编码只能出现一次。"
        seen.add(item.code)
        if not item.text.strip():
            yield f"{where}字段 text 是空的。请写明查什么。"
        if not 1 <= item.days <= 180:
            yield f"{where}字段 days 的值“{item.days}”不能用。请写 1 到 180 的整数。"
        if bool(item.policy) == bool(item.reference):
            yield f"{where}字段 policy 和 reference 要写其中一个。有扣分的写 policy，没有的写 reference。"


def _seams(found: Sequence[Checklist]) -> Iterator[str]:
    """Two versions of one id or for one kind on the same day."""
    for at, one in enumerate(found):
        for other in found[at + 1 :]:
            same = set(one.kinds) & set(other.kinds) or not (one.kinds or other.kinds)
            apart = (one.until is not None and one.until <= other.since) or (
                other.until is not None and other.until <= one.since
            )
            if one.id == other.id:
                yield f"检查表编号“{one.id}”出现两次。请改其中一个的 id。"
            elif same and not apart:
                yield (
                    f"检查表“{one.id}”和“{other.id}”在同一天适用于同一类机构。"
                    "请用 until 让前一版在后一版开始时结束。"
                )
