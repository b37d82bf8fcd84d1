"""What an institution shows the public of itself on a day: how to reach it, and who teaches there."""

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

from registry.credit_file import ContactRecord, StaffRecord
from registry.forms import ContactKind
from registry.forms.contacts import public_contact
from registry.forms.staff import masked_number

_ORDER = get_args(ContactKind)


def contacts_on(rows: Sequence[Any], on: date) -> tuple[ContactRecord, ...]:
    """The public contacts in force; one that may not be printed, whoever wrote it, is left out."""
    found = {
        ContactRecord(kind=one.kind, text=text): None
        for one in shown_on(rows, on)
        if one.public and (text := public_contact(one.kind, one.text))
    }
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.kind)))


def staff_on(rows: Sequence[Any], on: date) -> tuple[StaffRecord, ...]:
    """Who is displayed on a day, in the order in which they were entered; whoever has left is not."""
    return tuple(
        StaffRecord(
            name=masked_number(one.name),
            post=masked_number(one.post),
            subject=masked_number(one.subject),
            qualification=masked_number(one.qualification),
            certificate=masked_number(one.certificate),
        )
        for one in shown_on(rows, on)
    )


def shown_on(rows: Sequence[Any], on: date) -> list[Any]:
    """The rows that no other supersedes and whose first and last day lie around the day."""
    gone = {row.replaces for row in rows}
    begun = [row for row in rows if row.id not in gone and (row.since is None or row.since <= on)]
    return sorted(
        (row for row in begun if row.until is None or row.until >= on), key=lambda row: row.id
    )
