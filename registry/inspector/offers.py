"""What the policy lets the office propose of an institution: offered beside its rating, never done by itself."""

from collections.abc import Collection
from urllib.parse import urlencode

from msgspec import Struct

from registry.drafts import LISTS
from scoring import Rating
from scoring.facts import Facts


class Offer(Struct, frozen=True, kw_only=True):
    """A listing that may be proposed: why, and what its form begins with."""

    sentence: str
    query: str


def offers(
    rating: Rating, facts: Facts, taken: Collection[str], tried: Collection[str]
) -> list[Offer]:
    """The listings the rating gives grounds for.

    Of the lists `taken` a case is open or a decision in force; on the decisions `tried` a case rested once.
    """
    titles = {one.record: one.title for one in rating.reasons}
    cases = {one.case: one.id for one in facts.records if one.kind == "decision" and one.case}
    decisions = {one.id: cases.get(one.case, one.id) for one in facts.records}
    found = []
    for one in rating.proposals:
        decision = decisions.get(one.because, "")
        if one.list in taken or decision in tried:
            continue
        months = "" if one.months is None else f" {one.months} 个月"
        values = {
            "institution": facts.institution,
            "list": one.list,
            "ground": titles.get(one.because, ""),
            "decision": decision,
            "months": str(one.months or ""),
        }
        query = urlencode({key: value for key, value in values.items() if value})
        sentence = f"{titles.get(one.because, '等级')} {one.because}：按办法可以提出列入{LISTS[one.list]}{months}。"
        found.append(Offer(sentence=sentence, query=query))
    return found
