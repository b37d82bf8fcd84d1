"""Complaints from the site into the register: who sees to them, and what whoever complained may know."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from hashlib import sha256
from secrets import token_bytes

from sqlalchemy import Engine

from config.freezing import salt_of
from config.key_files import KeyLost
from config.settings import Settings
from publisher.site.complaints import (
    KINDS,
    UNREGISTERED,
    Complaint,
    Counter,
    Course,
    NotTaken,
    Receipt,
    Stage,
)
from registry import acts, queries
from registry.accounts.vault import LENGTH
from registry.acts.owners import people_for
from registry.calendar import Calendar
from registry.database import reading, writing
from registry.errors import FormRefused, RegistryError, read_form
from registry.forms import ComplaintSheet

SITE = acts.Actor(account="site", role="inspector", name="网上投诉")
CHANNELS = {**KINDS, UNREGISTERED: "没有登记的机构"}
# Whoever of the office is nearest sees to it first.
SEEN_TO_BY = ("inspector", "reviewer", "head", "publisher", "administrator")


def stamp_of(settings: Settings) -> bytes:
    """What the site stamps its forms with, the same on all nodes; while the key is lost each has its own."""
    with suppress(KeyLost):
        return salt_of(settings)
    return token_bytes(LENGTH)


def counter_of(
    engine: Engine, settings: Settings, calendar: Calendar, now: Callable[[], datetime], key: bytes
) -> Counter:
    """Where the site hands complaints in; `key` is the same on all nodes of the city."""

    def take(complaint: Complaint) -> Receipt:
        try:
            return _taken(engine, complaint, now(), calendar)
        except FormRefused as refused:
            first = refused.problems[0]
            raise NotTaken(first.field, str(refused)) from None
        except RegistryError as refused:
            raise NotTaken("", str(refused)) from None

    def course(number: str, secret: str) -> Course | None:
        with reading(engine) as session:
            found = queries.complaint_course(session, number, secret)
        if found is None:
            return None
        return Course(
            number=found.matter,
            state=found.state_name,
            due_on=found.due_on,
            stages=tuple(Stage(on=s.on, word=s.state_name, said=s.said) for s in found.steps),
        )

    signs = sha256(b"complaint form\x00" + key).digest()
    return Counter(take=take, course=course, now=now, key=signs)


def _taken(engine: Engine, complaint: Complaint, now: datetime, calendar: Calendar) -> Receipt:
    today: date = now.date()
    sheet = {
        "institution": complaint.institution,
        "jurisdiction": complaint.jurisdiction,
        "named": complaint.named,
        "address": complaint.address,
        "on": today.isoformat(),
        "channel": f"网上：{CHANNELS[complaint.kind]}",
        "text": complaint.text,
        "contact": complaint.contact,
    }
    form = read_form(ComplaintSheet, sheet)
    with writing(engine) as session:
        people = people_for(session, form.institution, SEEN_TO_BY, now, form.jurisdiction)
        if not people:
            raise NotTaken("", "还没有人负责这个区域的投诉。请按本页所写，找主管部门。")
        taken = acts.receive_complaint(
            session, form, by=SITE, now=now, calendar=calendar, owner=people[0]
        )
        due_on = queries.matter(session, taken.matter).line.due_on
    return Receipt(number=taken.matter, secret=taken.receipt, due_on=due_on)
