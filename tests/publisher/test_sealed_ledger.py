"""An edition seals the ledger, so that nobody writes that anew unnoticed; nothing entered later moves the seal."""

from datetime import UTC, date, datetime
from pathlib import Path

from msgspec import UnsetType, structs
from sqlalchemy import Engine

from config.freezing import end_of
from publisher.edition import Edition, LedgerHead
from publisher.freeze import freeze
from publisher.gate import Bounds, prepare
from registry import acts, queries
from registry.accounts import create_account
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import AccountForm, JurisdictionForm
from tests.publisher.test_freeze import CITY, ISSUE, LONG_AGO, POLICY, register
from tests.registry import people as p

__all__ = ["register"]


def test_an_edition_seals_the_ledger_as_it_stood_when_its_last_day_was_over(
    register: Engine,
) -> None:
    def entered(id: str, at: datetime) -> None:
        told = {"id": id, "name": "某区", "organ": "某局", "since": "2016-09-14"}
        place = read_form(JurisdictionForm, told)
        with writing(register) as session:
            acts.register_jurisdiction(session, place, by=p.ADMIN, now=at)

    def sealed(day: date) -> LedgerHead | UnsetType:
        issue = structs.replace(ISSUE, cut_off=day, ends_at=end_of(day, UTC))
        with reading(register) as session:
            return freeze(session, CITY, issue, [POLICY], b"salt").manifest.ledger

    def last() -> LedgerHead:
        with reading(register) as session:
            entry = queries.ledger_entries(session, limit=1)[0]
        return LedgerHead(seq=entry.seq, digest=entry.digest)

    november, december = date(2026, 11, 30), date(2026, 12, 30)
    in_november = last()
    assert sealed(november) == sealed(december) == in_november
    entered("330298", end_of(november, UTC))
    assert (sealed(november), sealed(december)) == (in_november, last())
    entered("330299", LONG_AGO)  # what is entered late is sealed by the later edition alone
    assert (sealed(november), sealed(december)) == (in_november, last())
    assert sealed(date(2026, 9, 30)) == LedgerHead(seq=0, digest="")


def test_an_edition_prepared_before_its_last_day_is_over_seals_the_ledger_as_it_stood_then(
    register: Engine, tmp_path: Path
) -> None:
    def early() -> Edition:
        issue = structs.replace(ISSUE, ends_at=end_of(date(2027, 1, 31), UTC))
        with reading(register) as session:
            return freeze(session, CITY, issue, [POLICY], b"salt")

    edition = early()
    prepare(register, edition, tmp_path, Bounds(), by=p.QIAN, now=p.NOW)
    with writing(register) as session:
        form = AccountForm(id="clerk", name="某人", password="x" * 12, role="auditor")
        create_account(session, form, by=p.ADMIN, now=p.NOW)
    # Nothing of what the edition says has changed, and so the signature holds.
    assert early().digest == edition.digest
