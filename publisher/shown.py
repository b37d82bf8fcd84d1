"""What is shown of a rating beside a list; the rating itself, with its derivation, stays what the policy makes it."""

from collections.abc import Iterable, Sequence, Sized

from msgspec import Struct, structs

from scoring.facts import Listing


class Licensed(Struct, frozen=True, gc=False):
    """That a licence is or was held; nothing of it is read."""


def shown_grade(status: str, grade: str, *, licensed: bool, merged: bool = False) -> str:
    """The grade, or none: it recommends nobody who is blacklisted and never had a licence.

    Nor does a merged second registration have one: it has not stopped, its records stand under another number.
    """
    return "" if merged or (status == "black" and not licensed) else grade


def nothing_against(conditions: Sized) -> str:
    """Why somebody stands where they do whom no decision, no condition and no lack of a grade puts there."""
    return "白名单条件都符合" if conditions else "这份评分办法不设白名单"


def as_one(found: Sequence[Listing]) -> Listing | None:
    """All of them read as one: every reason, article and paper, from the first day of any to the last of all."""
    if len(found) < 2:
        return found[0] if found else None
    return structs.replace(
        found[0],
        reason=each(one.reason.rstrip("。") for one in found),
        article=each(one.article for one in found),
        document_no=each(one.document_no for one in found),
        organ=each(one.organ for one in found),
        until=max(one.until for one in found),
        disputed=any(one.disputed for one in found),
    )


def each(texts: Iterable[str]) -> str:
    """Each text once, in their order."""
    return "；".join(dict.fromkeys(texts))
