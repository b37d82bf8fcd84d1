"""What is shown of a rating beside a list; the rating itself, with its derivation, stays what the policy makes it."""

from collections.abc import Sized

from msgspec import Struct


class Licensed(Struct, frozen=True, gc=False):
    """That a licence is or was held; nothing of it is read."""


def shown_grade(status: str, grade: str, *, licensed: bool) -> str:
    """The grade, or none: it recommends nobody who is blacklisted and never had a licence."""
    return "" if status == "black" and not licensed else grade


def nothing_against(conditions: Sized) -> str:
    """Why somebody stands where they do whom no decision, no condition and no lack of a grade puts there."""
    return "白名单条件都符合" if conditions else "这份评分办法不设白名单"
