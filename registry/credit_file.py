"""A credit file (信用档案): everything of one institution that may leave the registry for an edition."""

from datetime import date
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from registry.forms import ContactKind, NameKind
from scoring.facts import Facts


class NameRecord(Struct, frozen=True, kw_only=True):
    """A name the institution bears or bore."""

    kind: NameKind
    text: str
    since: date | None = None
    until: date | None = None


class ReplyRecord(Struct, frozen=True, kw_only=True):
    """What the institution answered to a record."""

    record: str
    on: date
    text: str


class AlertRecord(Struct, frozen=True, kw_only=True):
    """A risk alert that runs: a confirmed fact in neutral words, the record it rests on, and its last day."""

    id: str
    text: str
    record: str
    document_no: str
    issued_on: date
    until: date


class ContactRecord(Struct, frozen=True, kw_only=True):
    """A way to reach the institution that it has made public."""

    kind: ContactKind
    text: str


class StaffRecord(Struct, frozen=True, kw_only=True):
    """A member of staff whom the institution displays; a certificate's number is masked."""

    name: str
    post: str = ""
    subject: str = ""
    qualification: str = ""
    certificate: str = ""


class CreditFile(Struct, frozen=True, kw_only=True):
    """What is known of one institution on one day; a field not named here does not leave.

    `merged` stands where this is a second registration of its successor, which holds its records.
    `merged`, `alerts`, `contacts` and `staff` are unset, and stand in no canonical bytes, where there are none.
    """

    institution: str
    name: str
    names: tuple[NameRecord, ...] = ()
    jurisdiction: str
    code: str = ""
    licence_no: str = ""
    addresses: tuple[str, ...] = ()
    legal_representative: str = ""
    organ: str = ""
    facts: Facts
    replies: tuple[ReplyRecord, ...] = ()
    predecessor: str = ""
    successor: str = ""
    merged: Literal[True] | UnsetType = UNSET
    alerts: tuple[AlertRecord, ...] | UnsetType = UNSET
    contacts: tuple[ContactRecord, ...] | UnsetType = UNSET
    staff: tuple[StaffRecord, ...] | UnsetType = UNSET
