"""The grade that is shown beside a list; the rating itself, with its derivation, stays what the policy makes it."""

from msgspec import Struct


class Licensed(Struct, frozen=True, gc=False):
    """That a licence is or was held; nothing of it is read."""


def shown_grade(status: str, grade: str, *, licensed: bool) -> str:
    """The grade, or none: it recommends nobody who is blacklisted and never had a licence."""
    return "" if status == "black" and not licensed else grade
