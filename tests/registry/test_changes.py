"""What an institution changes of its own data: written once somebody else approves it, and kept to itself."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.acts import Filed
from registry.database import reading, writing
from registry.errors import Conflict, FormRefused, NotAllowed, NotFound, read_form
from registry.forms import (
    ChangeSheet,
    StepForm,
    StepSheet,
)
from registry.ledger import check
from tests.registry import people as p

TODAY = p.NOW.date()
FILE = Filed(name="凭证.jpg", sha256="ab" * 32, media="image/jpeg", size=3)
APPROVED = StepForm(on=TODAY)
CHECKED = StepSheet(on=TODAY, policy_checked=True)


def asked(session: Session, id: str, what: str, row: int | None = None, **values: Any) -> str:
    sheet = {"institution": id, "on": TODAY, "what": what, "row": row}
    form = read_form(ChangeSheet, sheet)
    return acts.ask_change(session, form, values, by=p.SCHOOL, now=p.NOW)


def own(session: Session, id: str, what: Any) -> list[dict[str, Any]]:
    return [one.values for one in queries.own_rows(session, id, what, TODAY)]


def test_a_change_is_written_only_once_another_person_approves_it(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = asked(session, id, "contact", kind="phone", text="0574-81110001", public=True)
        assert own(session, id, "contact") == []
        with pytest.raises(NotAllowed):
            acts.take_step(session, matter, "apply", APPROVED, by=p.SCHOOL, now=p.NOW)
        acts.take_step(session, matter, "apply", APPROVED, by=p.LI, now=p.NOW)
        [row] = queries.own_rows(session, id, "contact", TODAY)
        assert (row.values["text"], row.values["public"]) == ("0574-81110001", True)
        second = asked(session, id, "contact", row.id, kind="phone", text="0574-81110002")
        view = queries.change(session, second)
        assert [(a, b) for _, a, b, differs in view.differences if differs] == [
            ("0574-81110001", "0574-81110002"),
            ("是", "否"),
        ]
        with pytest.raises(Conflict, match=second):
            asked(session, id, "contact", row.id, kind="phone", text="0574-81110003")
        acts.take_step(session, second, "apply", APPROVED, by=p.LI, now=p.NOW)
        assert [one["text"] for one in own(session, id, "contact")] == ["0574-81110002"]
        assert check(session) == []


def test_however_many_changes_wait_the_oldest_is_shown_first(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        made = [asked(session, id, "staff", name=f"教师{one}") for one in range(203)]
        assert [one.id for one in queries.changes(session)] == made


def test_a_cover_and_its_places_are_superseded_whole(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        cover = {
            "cover_class": "premises",
            "insurer": "人保",
            "policy_no": "P1",
            "sum_fen": 100,
            "since": "2026-01-01",
            "until": "2026-12-31",
        }
        first = asked(session, id, "cover", **cover, addresses=["一号", "二号"])
        with pytest.raises(FormRefused, match="保费已缴"):
            acts.take_step(session, first, "apply", APPROVED, by=p.LI, now=p.NOW)
        assert own(session, id, "cover") == []
        acts.take_step(session, first, "apply", CHECKED, by=p.LI, now=p.NOW)
        [row] = queries.own_rows(session, id, "cover", TODAY)
        changed = {**cover, "until": "2027-12-31", "addresses": ["一号", "三号"]}
        second = asked(session, id, "cover", row.id, **changed)
        acts.take_step(session, second, "apply", CHECKED, by=p.LI, now=p.NOW)
        [now] = own(session, id, "cover")
        assert (now["until"], now["addresses"]) == ("2027-12-31", ["一号", "三号"])
        assert [one.until for one in queries.facts_of(session, id, TODAY).covers] == [
            p.day("2027-12-31")
        ]


def test_a_change_of_nothing_of_another_or_of_what_has_moved_on_is_refused(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        other = p.institution(session, name="宁波市海曙区另一家培训学校")
        [place] = queries.own_rows(session, id, "premises", TODAY)
        with pytest.raises(FormRefused, match="没有改动"):
            asked(session, id, "premises", place.id, **place.values)
        with pytest.raises(NotFound):
            asked(session, other, "premises", place.id, address="别处", since="2026-01-01")
        with pytest.raises(FormRefused) as refused:
            asked(session, id, "staff", name="", post="教" * 61)
        assert {one.field for one in refused.value.problems} == {"name", "post"}
        with pytest.raises(FormRefused, match="早于起始日期"):
            asked(session, id, "staff", name="王", since="2026-02-01", until="2026-01-01")
        moved = {**place.values, "address": "新址"}
        waiting = asked(session, id, "premises", place.id, **moved)
        step = StepForm(on=TODAY, reason="地址写错")
        acts.take_step(session, waiting, "reject", step, by=p.LI, now=p.NOW)
        assert queries.shown_matter(session, id, waiting).state_name == "不予变更"
        assert [one["address"] for one in own(session, id, "premises")] == ["海曙区中山西路 1 号"]


def test_who_an_institution_is_stays_out_of_the_ledger(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = asked(session, id, "staff", name="王某某", post="教师")
        acts.take_step(session, matter, "apply", APPROVED, by=p.LI, now=p.NOW)
    with reading(engine) as session:
        entries = queries.ledger_entries(session, queries.LedgerFilter(subject=matter))
        assert [one.act for one in entries] == ["change.apply", "change.ask"]
        assert all("王某某" not in one.body for one in entries)
