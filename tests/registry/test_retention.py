"""What is over its term goes on the day after, whole and by itself; what is within it stays; nothing says what it was."""

import os
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlmodel import SQLModel

from config.keeping.clock import erase_due, over
from config.settings import Settings, load_settings
from registry import acts, queries
from registry.accounts import (
    close_account,
    create_account,
    invitations,
    invite,
    revoke_invitation,
)
from registry.acts import Filed
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import AccountForm, ComplaintSheet, StepForm
from registry.ledger import check
from registry.outbox import Notice
from registry.outbox import put as put_notice
from registry.retention import ENDING, TERMS, Term, markdown_table
from registry.tables import (
    Attachment,
    Attempt,
    Delivery,
    Handshake,
    Invitation,
    Outbox,
    Reading,
    Recovery,
    SignedIn,
)
from scoring.rules import months_after
from tests.registry import people as p

SIGN = "王小明13805740000"  # stands in every place that is erased
TOKEN = {"token_hash": "t"}
START = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def city(engine: Engine, tmp_path: Path) -> tuple[Engine, Settings, str]:
    with writing(engine) as session:
        institution = p.city(session)
    return engine, load_settings(None, {"XINYONG_DATA": str(tmp_path)}), institution


def put(engine: Engine, *rows: SQLModel) -> None:
    for row in rows:
        with writing(engine) as session:
            session.add(row)


def everything(engine: Engine) -> str:
    """All that stands in the tables, for a search."""
    with engine.connect() as connection:
        names = SQLModel.metadata.tables
        return "\n".join(
            str(tuple(row)) for name in names for row in connection.execute(select(names[name]))
        )


def filled(engine: Engine, settings: Settings, institution: str, at: datetime) -> None:
    """One row of each class, that ended its use at an instant."""
    form = {"id": "former", "name": "王", "password": "a-long-enough-one", "role": "inspector"}
    with writing(engine) as session:
        create_account(session, read_form(AccountForm, form), by=p.ADMIN, now=at)
        session.execute(
            text("UPDATE account SET email = :a, totp_secret = :a, subject = :a"), {"a": SIGN}
        )
        close_account(session, "former", by=p.ADMIN, now=at)
    common: dict[str, Any] = {"recorded_at": at, "recorded_by": "former"}
    put(
        engine,
        Recovery(account="former", code_hash=SIGN),
        SignedIn(**TOKEN, account="former", began_at=at, expires_at=at, address=SIGN),
        Attempt(account="former", at=at, address=SIGN),
        Handshake(state_hash="s", nonce=SIGN, verifier="v", expires_at=at),
        Invitation(**TOKEN, institution=institution, name=SIGN, expires_at=at, **common),
        Reading(account="former", institution=institution, what="w", purpose=SIGN, at=at),
        Outbox(key="k", kind="step", account="former", subject=SIGN, body=SIGN, made_at=at),
        Delivery(notice="k", channel="mail", next_at=at, failed_at=at, error=SIGN),
        Attachment(
            sha256="0" * 64,
            about="draft:" + "a" * 32,
            institution=institution,
            kind="draft",
            name=SIGN,
            media="application/pdf",
            size=1,
            **common,
        ),
    )
    file = settings.data / "uploads/00" / ("0" * 64)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(SIGN)
    os.utime(file, (at.timestamp(), at.timestamp()))
    sheet = {"institution": institution, "text": "退费", "contact": SIGN, "on": f"{at:%Y-%m-%d}"}
    with writing(engine) as session:
        form_of = read_form(ComplaintSheet, {**sheet, "channel": "电话"})
        told = acts.receive_complaint(session, form_of, by=p.WANG, now=at)
    with writing(engine) as session:
        step = read_form(StepForm, {"on": f"{at:%Y-%m-%d}", "reason": "不属于本局"})
        acts.take_step(session, told.matter, "refuse", step, by=p.LI, now=at)


def test_every_class_goes_on_the_day_after_its_last_and_not_before(
    city: tuple[Engine, Settings, str],
) -> None:
    engine, settings, institution = city
    filled(engine, settings, institution, START)
    assert everything(engine).count(SIGN) >= 11
    for term in ENDING:
        last = next(
            day
            for day in (START.date() + timedelta(days=n) for n in range(1, 4000))
            if term.cut(day) >= START.date()
        )
        for day, gone in ((last - timedelta(days=1), 0), (last, 1)):
            now = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
            number = {one.key: one.number for one in over(engine, settings, now)}[term.key]
            assert number == gone, (term.key, day)
        with writing(engine) as session:
            uploads = settings.data / "uploads"
            done = acts.erase_over(session, term, uploads=uploads, by=p.ADMIN, now=now)
        assert done.number == 1
    assert SIGN not in everything(engine)
    assert [one for one in (settings.data / "uploads").rglob("*") if one.is_file()] == []


def test_the_ledger_says_how_many_of_which_class_and_never_what(
    city: tuple[Engine, Settings, str],
) -> None:
    engine, settings, institution = city
    filled(engine, settings, institution, START)
    now = datetime(2037, 1, 1, 3, tzinfo=UTC)
    found = {one.key: one.number for one in erase_due(engine, settings, now)}
    assert found == {one.key: 1 for one in ENDING}
    with reading(engine) as session:
        lines = queries.ledger_entries(session, act="erase")
        assert check(session) == []
    assert {one.subject: msgspec.json.decode(one.body)["number"] for one in lines} == found
    assert all(set(msgspec.json.decode(one.body)) == {"class", "number", "until"} for one in lines)
    # Nothing is left to erase, so nothing is entered.
    erase_due(engine, settings, now)
    with reading(engine) as session:
        assert len(queries.ledger_entries(session, act="erase")) == len(ENDING)


def test_what_will_be_erased_never_stands_in_the_ledger(
    city: tuple[Engine, Settings, str],
) -> None:
    engine, _, institution = city
    digest = sha256(SIGN.encode()).hexdigest()
    file = Filed(name=f"{SIGN}.pdf", sha256=digest, media="application/pdf", size=1)
    sheet = {"institution": institution, "text": SIGN, "contact": SIGN, "on": "2026-01-31"}
    with writing(engine) as session:
        invite(session, institution, SIGN, by=p.SCHOOL, now=START)
        invited = invitations(session, institution, START)[0]
        revoke_invitation(session, institution, invited.key, by=p.SCHOOL, now=START)
        acts.keep_draft(session, institution, "a" * 32, file, by=p.SCHOOL, now=START)
        told = acts.receive_complaint(
            session, read_form(ComplaintSheet, {**sheet, "channel": "电话"}), by=p.WANG, now=START
        )
        acts.read_contact(session, told.matter, SIGN, by=p.LI, now=START)
        notice = Notice(key="k", kind="step", account="li", subject=SIGN, body=SIGN)
        put_notice(session, notice, START)
    with engine.connect() as connection:
        entries = "\n".join(
            str(tuple(row)) for row in connection.execute(text("SELECT * FROM ledger"))
        )
    assert told.matter in entries
    assert SIGN not in entries
    assert SIGN[:3] not in entries


def test_what_is_still_used_stays_however_old(city: tuple[Engine, Settings, str]) -> None:
    engine, settings, institution = city
    form = {"id": "staying", "name": "李", "password": "a-long-enough-one", "role": "reviewer"}
    sheet = {"institution": institution, "text": "退费", "contact": SIGN, "on": "2026-01-31"}
    digest = "1" * 64
    with writing(engine) as session:
        create_account(session, read_form(AccountForm, form), by=p.ADMIN, now=START)
        form_of = read_form(ComplaintSheet, {**sheet, "channel": "电话"})
        acts.receive_complaint(session, form_of, by=p.WANG, now=START)
        session.add(
            Attachment(
                sha256=digest,
                about="F1",
                institution=institution,
                kind="photo",
                media="image/jpeg",
                size=1,
                recorded_at=START,
                recorded_by="staying",
            )
        )
    later = datetime(2036, 1, 1, tzinfo=UTC)
    put(engine, SignedIn(**TOKEN, account="staying", began_at=START, expires_at=later))
    file = settings.data / "uploads/11" / digest
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x")
    os.utime(file, (START.timestamp(), START.timestamp()))
    before = everything(engine)
    now = datetime(2036, 1, 1, tzinfo=UTC)
    assert all(one.number == 0 for one in erase_due(engine, settings, now))
    assert everything(engine) == before
    assert file.exists()


@given(st.dates(date(2020, 1, 1), date(2060, 12, 31)))
def test_a_term_is_never_cut_short_and_the_law_s_least_is_kept(today: date) -> None:
    for term in ENDING:
        assert term.months >= term.least
        cut = term.cut(today)
        # From the day itself to the end of the term's last day, and not one day longer.
        assert over_on(term, cut) <= today < over_on(term, cut + timedelta(days=1))


def over_on(term: Term, day: date) -> date:
    """The first day on which what happened on a day is over its term."""
    if term.days:
        return day + timedelta(days=term.days + 1)
    return months_after(day, term.months) + timedelta(days=1)


def test_readme_prints_the_table_and_every_class_has_its_basis() -> None:
    assert markdown_table() in README.read_text("utf-8")
    assert all(one.basis and one.what and one.since for one in TERMS)
    assert all(bool(one.then) == one.ends for one in TERMS)
