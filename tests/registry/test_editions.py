"""An edition is prepared by one, signed by another and released once; entries are withdrawn on paper."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.database import writing
from registry.errors import Conflict, FormRefused, NotAllowed, NotFound, read_form
from registry.forms import EditionForm, WithdrawalForm
from tests.registry import people as p


def prepared(session: Session, digest: str = "a" * 64, **changed: Any) -> None:
    sheet = {"period": "2026-11", "cut_off": "2026-11-20", "digest": digest, **changed}
    acts.prepare_edition(session, read_form(EditionForm, sheet), by=p.QIAN, now=p.NOW)


def approved(session: Session, by: acts.Actor = p.ZHOU, digest: str = "a" * 64) -> None:
    acts.approve_edition(session, "2026-11", 0, digest, by=by, now=p.NOW)


def released(session: Session) -> None:
    acts.release_edition(session, "2026-11", 0, by=p.QIAN, now=p.NOW)


def test_one_prepares_another_signs_and_it_is_released(engine: Engine) -> None:
    with writing(engine) as session:
        prepared(session)
        approved(session)
        released(session)
        (line,) = queries.editions(session)
        assert (line.state, line.prepared_by, line.approved_by, line.released_by) == (
            "released",
            "qian",
            "zhou",
            "qian",
        )
        done = [one.act for one in queries.ledger_entries(session)]
        assert done == ["release_edition", "approve_edition", "prepare_edition"]


def test_who_prepared_may_not_sign(engine: Engine) -> None:
    with writing(engine) as session:
        prepared(session)
        with pytest.raises(NotAllowed, match="另一人"):
            approved(session, by=p.QIAN)
        with pytest.raises(NotAllowed, match="无权"):
            approved(session, by=p.LI)


def test_only_the_digest_that_was_seen_is_signed(engine: Engine) -> None:
    with writing(engine) as session:
        prepared(session)
        prepared(session, digest="b" * 64)
        with pytest.raises(Conflict, match="摘要"):
            approved(session)
        approved(session, digest="b" * 64)
        prepared(session, digest="c" * 64)
        with pytest.raises(Conflict, match="第二人"):
            released(session)


def test_nothing_is_released_twice_or_prepared_after_release(engine: Engine) -> None:
    with writing(engine) as session:
        prepared(session)
        with pytest.raises(Conflict, match="第二人"):
            released(session)
        approved(session)
        released(session)
        with pytest.raises(Conflict, match="已经发布"):
            released(session)
        with pytest.raises(Conflict, match="补充版次"):
            prepared(session)
        prepared(session, number=1)
        assert [one.number for one in queries.editions(session)] == [1, 0]


def test_an_entry_is_withdrawn_from_a_released_edition_only(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        prepared(session)
        form = WithdrawalForm(
            period="2026-11", institution=id, reason="处罚决定被撤销", on=date(2026, 11, 23)
        )
        with pytest.raises(Conflict, match="还没有发布"):
            acts.withdraw_entry(session, form, by=p.QIAN, now=p.NOW)
        approved(session)
        released(session)
        acts.withdraw_entry(session, form, by=p.QIAN, now=p.NOW)
        (line,) = queries.withdrawals(session)
        assert (line.period, line.institution, line.reason) == ("2026-11", id, "处罚决定被撤销")


def test_an_edition_nobody_prepared_cannot_be_signed(engine: Engine) -> None:
    with writing(engine) as session:
        with pytest.raises(NotFound, match="2026-11"):
            approved(session)
        with pytest.raises(FormRefused, match="摘要"):
            prepared(session, digest="short")
