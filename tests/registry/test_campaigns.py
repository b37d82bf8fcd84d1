"""Campaigns count their visits, draws can be drawn again, recusals are kept, and nothing is drawn twice."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.database import writing
from registry.drawing import Excluded, Pool, Target, draw, faults
from registry.errors import Conflict, FormRefused, NotAllowed, NotFound, read_form
from registry.forms import AccountForm, CampaignForm, DrawForm, RecusalForm, TaskForm
from registry.inspector.campaigns import places_of
from tests.registry import people as p

TODAY = p.NOW.date()
NONCE = "00112233445566778899aabbccddeeff"


def campaign(session: Session, **changed: Any) -> str:
    filled = {"name": "秋季双随机", "since": "2026-11-01", "until": "2026-12-20", **changed}
    form = read_form(CampaignForm, filled)
    return acts.open_campaign(session, form, by=p.LI, now=p.NOW)


def staff(session: Session, *accounts: str) -> None:
    for account in accounts:
        form = AccountForm(id=account, name=f"{account}检查", password="x" * 12, role="inspector")
        acts.create_account(session, form, by=p.ADMIN, now=p.NOW)


def task(institution: str, first: str, second: str, **more: str) -> TaskForm:
    pair = {"first_officer": first, "second_officer": second}
    return read_form(TaskForm, {"institution": institution, **pair, **more})


def announced(session: Session, held: str, places: list[str], **more: Any) -> str:
    targets = tuple(Target(id=one, grade="D", weight=4) for one in places)
    pool = Pool(targets=targets, officers=("ann", "bob", "cat"), **more)
    form = read_form(
        DrawForm, {"on": str(TODAY), "size": len(places), "officers": ["ann", "bob", "cat"]}
    )
    return acts.announce_draw(session, held, form, pool, nonce=NONCE, by=p.LI, now=p.NOW)


def test_a_draw_is_announced_held_once_and_agrees_when_drawn_again(engine: Engine) -> None:
    with writing(engine) as session:
        places = [p.city(session), p.institution(session), p.institution(session)]
        staff(session, "ann", "bob", "cat")
        held = campaign(session)
        away = (Excluded(officer="ann", institution=places[0], reason="配偶任职"),)
        id = announced(session, held, places, recusals=away)
        before = queries.draw(session, id)
        assert before.paper.result == ()
        assert before.excluded == away
        assert "配偶" not in msgspec.json.encode(before.paper).decode()
        lots = acts.hold_draw(session, id, by=p.LI, now=p.NOW)
        paper = queries.draw(session, id).paper
        assert faults(paper) == []
        assert lots == draw(paper.seed, paper.pool, paper.size) == paper.result
        assert paper.seed == f"{TODAY}:{NONCE}"
        tasks = queries.tasks(session, TODAY, campaign=held)
        assert {one.institution.id for one in tasks} == set(places)
        assert "ann" not in next(one for one in tasks if one.institution.id == places[0]).officers
        assert {one.due_on for one in tasks} == {date(2026, 12, 20)}
        with pytest.raises(Conflict, match="重抽"):
            acts.hold_draw(session, id, by=p.LI, now=p.NOW)
        assert [one.paper.id for one in queries.draws(session, held)] == [id]


def test_whoever_changes_the_paper_is_found_out(engine: Engine) -> None:
    with writing(engine) as session:
        places = [p.city(session), p.institution(session)]
        staff(session, "ann", "bob", "cat")
        id = announced(session, campaign(session), places)
        acts.hold_draw(session, id, by=p.LI, now=p.NOW)
        paper = queries.draw(session, id).paper
    lighter = msgspec.structs.replace(paper.pool, targets=paper.pool.targets[1:])
    assert "名录" in faults(msgspec.structs.replace(paper, pool=lighter))[0]
    swapped = msgspec.structs.replace(paper, result=paper.result[::-1])
    assert "第 1 家" in faults(swapped)[0]
    assert "应抽出" in faults(msgspec.structs.replace(paper, result=paper.result[:1]))[0]
    assert "还没有" in faults(msgspec.structs.replace(paper, result=()))[0]


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"on": str(TODAY - timedelta(days=1))}, "今天"),
        ({"size": 0}, "抽取家数"),
        ({"officers": ["ann"]}, "检查人员"),
    ],
)
def test_a_draw_that_cannot_be_fair_is_refused(
    engine: Engine, changed: dict[str, Any], word: str
) -> None:
    with writing(engine) as session:
        place = p.city(session)
        held = campaign(session)
        filled = {"on": str(TODAY), "size": 1, "officers": ["ann", "bob"], **changed}
        pool = Pool(targets=(Target(id=place, grade="A", weight=1),), officers=("ann", "bob"))

        def announce() -> None:
            form = read_form(DrawForm, filled)
            acts.announce_draw(session, held, form, pool, nonce=NONCE, by=p.LI, now=p.NOW)

        with pytest.raises(FormRefused, match=word):
            announce()


def test_a_draw_waits_for_its_day_and_for_somebody_who_may(engine: Engine) -> None:
    with writing(engine) as session:
        place = p.city(session)
        held = campaign(session)
        pool = Pool(targets=(Target(id=place, grade="A", weight=1),), officers=("ann", "bob"))
        later = TODAY + timedelta(days=2)
        form = read_form(DrawForm, {"on": str(later), "size": 1, "officers": ["ann", "bob"]})
        with pytest.raises(NotAllowed):
            acts.announce_draw(session, held, form, pool, nonce=NONCE, by=p.WANG, now=p.NOW)
        id = acts.announce_draw(session, held, form, pool, nonce=NONCE, by=p.LI, now=p.NOW)
        with pytest.raises(Conflict, match="那一天"):
            acts.hold_draw(session, id, by=p.LI, now=p.NOW)
        on = p.NOW + timedelta(days=2)
        assert [one.institution for one in acts.hold_draw(session, id, by=p.LI, now=on)] == [place]
        empty = msgspec.structs.replace(pool, targets=())
        with pytest.raises(FormRefused, match="名录"):
            acts.announce_draw(session, held, form, empty, nonce=NONCE, by=p.LI, now=p.NOW)


def test_a_task_is_done_by_a_visit_of_its_campaign_and_can_be_given_to_others_before(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        place = p.city(session)
        staff(session, "ann", "bob", "cat", "dan")
        held = campaign(session, kind="投诉核查")
        by: dict[str, Any] = {"by": p.LI, "now": p.NOW}
        first = acts.assign_task(session, held, task(place, "ann", "bob"), **by)
        with pytest.raises(Conflict, match="改派"):
            acts.assign_task(session, held, task(place, "cat", "bob"), **by)
        with pytest.raises(FormRefused, match="理由"):
            acts.reassign_task(session, first, task(place, "cat", "bob"), **by)
        away = {"officer": "dan", "institution": place, "reason": "投资人", "since": str(TODAY)}
        acts.record_recusal(session, read_form(RecusalForm, away), by=p.LI, now=p.NOW)
        with pytest.raises(Conflict, match="重复登记"):
            acts.record_recusal(session, read_form(RecusalForm, away), by=p.LI, now=p.NOW)
        with pytest.raises(FormRefused, match="投资人"):
            acts.reassign_task(session, first, task(place, "dan", "bob", reason="病假"), **by)
        with pytest.raises(FormRefused, match="没有这个账户"):
            acts.reassign_task(session, first, task(place, "eve", "bob", reason="病假"), **by)
        second = acts.reassign_task(session, first, task(place, "cat", "bob", reason="病假"), **by)
        with pytest.raises(Conflict, match="已经改派"):
            acts.reassign_task(session, first, task(place, "ann", "bob", reason="x"), **by)
        (line,) = queries.tasks(session, TODAY, officer="cat")
        assert (line.id, line.replaces, line.visit) == (second, first, "")
        assert queries.tasks(session, TODAY, officer="ann") == []
        assert queries.campaign(session, held).open == 1
        p.inspection(session, place, campaign=held, on=str(TODAY))
        assert queries.campaign(session, held).visited == 1
        assert queries.tasks(session, TODAY, officer="cat", open_only=True) == []
        with pytest.raises(Conflict, match="检查记录"):
            acts.reassign_task(session, second, task(place, "ann", "bob", reason="x"), **by)
        assert [one.reason for one in queries.recusals(session, TODAY)] == ["投资人"]


def test_what_is_not_there_is_named(engine: Engine) -> None:
    with writing(engine) as session:
        place = p.city(session)
        staff(session, "ann", "bob")
        with pytest.raises(NotFound):
            acts.hold_draw(session, "CQ1", by=p.LI, now=p.NOW)
        with pytest.raises(NotFound):
            acts.assign_task(session, "RW1", task(place, "ann", "bob"), by=p.LI, now=p.NOW)
        with pytest.raises(NotFound):
            acts.reassign_task(session, 7, task(place, "ann", "bob"), by=p.LI, now=p.NOW)
        for look in (queries.campaign, queries.draw, queries.visit):
            with pytest.raises(NotFound):
                look(session, "nowhere")
        with pytest.raises(NotFound, match="区划"):
            campaign(session, jurisdiction="999999")


def test_a_jurisdiction_brings_those_below_it(engine: Engine) -> None:
    with writing(engine) as session:
        p.city(session)
        zone = {"id": "3302A1", "name": "功能区", "parent": "330203", "since": "2020-01-01"}
        from registry.forms import JurisdictionForm

        acts.register_jurisdiction(
            session, read_form(JurisdictionForm, zone), by=p.ADMIN, now=p.NOW
        )
        assert places_of(session, "330203") == ("330203", "3302A1")
        assert places_of(session, "") == ()
