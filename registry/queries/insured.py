"""Whom and what a cover protects, read from its own words and never only from a tick."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from registry.alike import folded, within
from registry.credit_file import NameRecord


def insured_matches(
    cover: Any, names: Sequence[NameRecord], registrations: Sequence[Any], on: date
) -> bool:
    """Whether the insured is this institution: by every name and code it bore in the cover's days.

    Days after `on` are not looked at. Where neither name nor code was copied from the policy, what was
    ticked stands.
    """
    if not cover.insured_name and not cover.insured_code:
        return bool(cover.insured_matches)
    last = min(cover.until, on)
    borne = {
        folded(one.text)
        for one in names
        if one.kind == "legal" and _meets(one.since, one.until, cover.since, last)
    }
    codes = {
        folded(one.code)
        for one in registrations
        if one.code and _meets(one.since, one.until, cover.since, last)
    }
    right_name = not cover.insured_name or folded(cover.insured_name) in borne
    return right_name and (not cover.insured_code or folded(cover.insured_code) in codes)


def left_out(cover: Any, protected: Sequence[str], places: Iterable[str]) -> tuple[str, ...]:
    """The places of teaching a premises cover does not name; one that names none is not limited."""
    if cover.cover_class != "premises" or not protected:
        return ()
    return tuple(one for one in places if not any(within(one, whole) for whole in protected))


def _meets(since: date | None, until: date | None, first: date, last: date) -> bool:
    return (since is None or since <= last) and (until is None or until >= first)
