"""Losing the white list: told as soon as it is known, answered, weighed, and only then lost."""

import re
from collections.abc import Iterator
from datetime import date, datetime

import httpx
import pytest
from sqlalchemy import Engine

from config import month
from config.daily import run_day
from config.demo.build import PASSWORD
from config.settings import Settings
from config.white_losses import tell_losses
from publisher.changes import render_changes, standings
from publisher.data import render_csv
from publisher.withdraw import Withdrawn, bury
from registry import acts, queries
from registry.access import Actor
from registry.acts.matters import WEEKENDS_ONLY
from registry.database import reading, writing
from registry.errors import FormRefused, NotAllowed, StepRefused, read_form
from registry.forms import AnnualInspectionForm, DefenceSheet, StepForm
from registry.ledger import check
from registry.portal.rights import may, rights
from registry.queries.white_losses import LossLine, white_losses
from tests.conftest import served
from tests.flows.publishing_city import (
    LAST,
    PERIOD,
    Copies,
    copies,
    moment,
    prepare,
    register,
    release,
)
from tests.registry import people as p

__all__ = ["copies"]
CHECKER = Actor(account="checker", role="reviewer", name="年检员")


@pytest.fixture
def fresh(copies: Copies) -> Iterator[Settings]:
    with copies.copy() as made:
        yield made


def at(settings: Settings, day: str, hour: int = 9) -> datetime:
    on = date.fromisoformat(day)
    return datetime(on.year, on.month, on.day, hour, tzinfo=settings.zone)


def on_white(settings: Settings) -> list[str]:
    """Who is on the white list of the newest edition."""
    was = standings(settings.editions / LAST)
    return [id for id, one in was.items() if one.rating.status == "white"]


def white(settings: Settings) -> str:
    """An institution that is on it."""
    return min(on_white(settings))


def judge(engine: Engine, settings: Settings, id: str, result: str, day: str) -> None:
    """The year's inspection ends with a result."""
    form = read_form(
        AnnualInspectionForm, {"institution": id, "year": 2026, "result": result, "on": day}
    )
    with writing(engine) as session:
        acts.record_annual_inspection(session, form, by=CHECKER, now=at(settings, day))


def taken_down(settings: Settings) -> tuple[str, str]:
    """Two on the list whose entries another record's end has taken out of the last edition."""
    id, other = sorted(on_white(settings))[:2]
    on, files = date(2026, 10, 12), (render_csv, render_changes)
    gone = {
        one: Withdrawn(institution=one, on=on, reason="公示期满", how="expired")
        for one in (id, other)
    }
    assert bury(settings.editions / LAST, settings.keys, gone, on, lambda _: files)
    return id, other


def notice(engine: Engine, id: str) -> LossLine | None:
    with reading(engine) as session:
        return white_losses(session, [id]).get(id)


def told(engine: Engine, id: str) -> LossLine:
    found = notice(engine, id)
    assert found is not None
    return found


def answer(engine: Engine, settings: Settings, matter: str, day: str) -> None:
    typed = {"about": matter, "on": day, "text": "年检的复核<b>结论</b>还没有下来"}
    with writing(engine) as session:
        acts.defend(session, read_form(DefenceSheet, typed), by=p.SCHOOL, now=at(settings, day))


def step(engine: Engine, settings: Settings, matter: str, act: str, by: Actor, day: str) -> str:
    form = StepForm(on=date.fromisoformat(day), reason="年检结论以复核为准，仍为基本合格")
    with writing(engine) as session:
        return acts.take_step(session, matter, act, form, by=by, now=at(settings, day))


def test_who_loses_the_place_is_told_answers_is_heard_and_then_loses_it(fresh: Settings) -> None:
    with register(fresh) as engine:
        id = white(fresh)
        judge(engine, fresh, id, "基本合格", "2026-10-12")
        assert run_day(engine, fresh, at(fresh, "2026-10-13", 0)) == []
        run_day(engine, fresh, at(fresh, "2026-10-14", 0))
        found = told(engine, id)
        assert (found.state, found.told_on) == ("notified", date(2026, 10, 13))
        assert found.due_on == date(2026, 10, 20)
        with reading(engine) as session:
            shown = queries.shown_matter(session, id, found.matter)
            notes = queries.notices(session, "", id)
            line = queries.matter(session, found.matter).line
        assert "年检基本合格" in shown.content["because"]
        assert may(shown, "defence")
        assert any(found.matter in one.subject for one in notes)
        assert (line.open, line.waits, line.due_on) == (True, True, date(2026, 10, 20))

        for act, by in (("hear", p.LI), ("lapse", p.QIAN)):
            with pytest.raises(FormRefused, match="2026-10-20 才满"):
                step(engine, fresh, found.matter, act, by, "2026-10-15")
        with pytest.raises(StepRefused, match="更正登记"):
            step(engine, fresh, found.matter, "keep", p.QIAN, "2026-10-15")
        with pytest.raises(FormRefused, match="2026-10-20 才满"):
            step(engine, fresh, found.matter, "hear", p.LI, "2026-10-15")
        answer(engine, fresh, found.matter, "2026-10-15")
        with pytest.raises(StepRefused, match="机构已经答复"):
            step(engine, fresh, found.matter, "lapse", p.QIAN, "2026-10-21")
        prepare(fresh)
        with pytest.raises(FormRefused, match="答复还没有办理"):
            month.approve_month(engine, fresh, PERIOD, by="signer", now=moment(fresh))
        assert step(engine, fresh, found.matter, "hear", p.LI, "2026-10-16") == "heard"
        with pytest.raises(StepRefused, match="版次发布时"):
            step(engine, fresh, found.matter, "remove", p.QIAN, "2026-10-16")
        month.approve_month(engine, fresh, PERIOD, by="signer", now=moment(fresh))
    release(fresh)
    with register(fresh) as engine:
        assert told(engine, id).state == "removed"
        with reading(engine) as session:
            assert not queries.matter(session, found.matter).line.open
            assert check(session) == []


def test_who_mends_it_in_time_keeps_the_place_and_is_told_anew_the_next_time(
    fresh: Settings,
) -> None:
    with register(fresh) as engine:
        id = white(fresh)
        judge(engine, fresh, id, "基本合格", "2026-10-12")
        run_day(engine, fresh, at(fresh, "2026-10-13", 0))
        first = told(engine, id).matter
        judge(engine, fresh, id, "合格", "2026-10-15")
        run_day(engine, fresh, at(fresh, "2026-10-16", 0))
        assert notice(engine, id) is None
        with reading(engine) as session:
            assert queries.matter(session, first).line.state == "kept"
        judge(engine, fresh, id, "基本合格", "2026-10-19")
        run_day(engine, fresh, at(fresh, "2026-10-20", 0))
        assert told(engine, id).matter != first


def test_who_was_told_of_one_reason_is_told_anew_of_another_and_has_the_term_again(
    fresh: Settings,
) -> None:
    with register(fresh) as engine:
        id = white(fresh)
        judge(engine, fresh, id, "基本合格", "2026-10-12")
        run_day(engine, fresh, at(fresh, "2026-10-13", 0))
        run_day(engine, fresh, at(fresh, "2026-10-14", 0))
        first = told(engine, id)
        answer(engine, fresh, first.matter, "2026-10-15")
        assert step(engine, fresh, first.matter, "hear", p.LI, "2026-10-16") == "heard"
        judge(engine, fresh, id, "不合格", "2026-10-19")
        prepare(fresh)
        second = told(engine, id)
        assert (second.state, second.told_on) == ("notified", moment(fresh).date())
        assert "年检不合格" in second.because
        with reading(engine) as session:
            assert queries.matter(session, first.matter).line.state == "retold"
            assert not queries.matter(session, first.matter).line.open
            assert check(session) == []
        with pytest.raises(FormRefused, match="1 家移出白名单"):
            month.approve_month(engine, fresh, PERIOD, by="signer", now=moment(fresh))
        with pytest.raises(StepRefused, match="另行告知"):
            step(engine, fresh, second.matter, "retell", p.QIAN, "2026-11-20")


def test_whose_entry_was_withdrawn_is_told_of_losing_the_place_and_of_keeping_it(
    fresh: Settings,
) -> None:
    """The newest edition shows no entry any more, for another record's term is over; the place is held."""
    with register(fresh) as engine:
        id, other = taken_down(fresh)
        judge(engine, fresh, id, "基本合格", "2026-10-12")
        tell_losses(engine, fresh, p.QIAN, at(fresh, "2026-10-14"))
        found = told(engine, id)
        assert found.state == "notified"
        assert notice(engine, other) is None
        judge(engine, fresh, id, "合格", "2026-10-15")
        tell_losses(engine, fresh, p.QIAN, at(fresh, "2026-10-17"))
        with reading(engine) as session:
            assert queries.matter(session, found.matter).line.state == "kept"


def test_nobody_signs_over_somebody_unheard_without_a_reason_that_is_kept(
    fresh: Settings,
) -> None:
    with register(fresh) as engine:
        id = white(fresh)
        judge(engine, fresh, id, "不合格", "2026-10-30")
        prepare(fresh)  # known first at the gate, and told there
        found = told(engine, id)
        assert found.told_on == moment(fresh).date()
        with pytest.raises(FormRefused, match="1 家移出白名单") as refused:
            month.approve_month(engine, fresh, PERIOD, by="signer", now=moment(fresh))
        assert [one.field for one in refused.value.problems] == ["unheard"]
        with reading(engine) as session:
            states = {one.name: one.state for one in queries.editions(session)}
        assert states[PERIOD] == "prepared"
        why = "年检不合格，家长要及时知道"
        month.approve_month(engine, fresh, PERIOD, by="signer", now=moment(fresh), unheard=why)
        assert (told(engine, id).state, told(engine, id).weighed) == ("hastened", why)
    release(fresh)
    with register(fresh) as engine:
        assert told(engine, id).state == "removed"


def test_nobody_signs_over_somebody_unheard_whose_entry_was_withdrawn_either(
    fresh: Settings,
) -> None:
    """The edition before says nothing of whoever lost the entry to another record's term; the notice does."""
    with register(fresh) as engine:
        id, other = taken_down(fresh)
        judge(engine, fresh, id, "不合格", "2026-10-30")
        prepare(fresh)
        assert told(engine, id).state == "notified"
        with reading(engine) as session:
            draft = queries.edition_draft(session, PERIOD, 0)
        assert draft is not None
        lines = [one for one in draft.lines if one.institution == id]
        assert [(one.list, one.kind, one.before) for one in lines] == [("none", "added", "gone")]
        with pytest.raises(FormRefused, match="1 家移出白名单"):
            month.approve_month(engine, fresh, PERIOD, by="signer", now=moment(fresh))
        why = "年检不合格，家长要及时知道"
        month.approve_month(engine, fresh, PERIOD, by="signer", now=moment(fresh), unheard=why)
        assert told(engine, id).state == "hastened"
    release(fresh)
    with register(fresh) as engine:
        assert told(engine, id).state == "removed"
        assert notice(engine, other) is None


def test_the_first_word_does_not_end_the_term_and_what_is_added_is_heard_too(
    fresh: Settings,
) -> None:
    with register(fresh) as engine:
        id = white(fresh)
        judge(engine, fresh, id, "基本合格", "2026-10-12")
        run_day(engine, fresh, at(fresh, "2026-10-13", 0))
        matter = told(engine, id).matter
        answer(engine, fresh, matter, "2026-10-13")
        assert step(engine, fresh, matter, "hear", p.LI, "2026-10-13") == "heard"
        line = told(engine, id)
        assert not line.is_heard(date(2026, 10, 13), line.because)
        assert "期限 2026-10-20 未满，机构还可以补充" in line.said(date(2026, 10, 13))
        with reading(engine) as session:
            shown = queries.shown_matter(session, id, matter)
        assert may(shown, "defence", date(2026, 10, 20))
        assert not may(shown, "defence", date(2026, 10, 21))
        (clock, *_) = rights(shown, date(2026, 10, 14), WEEKENDS_ONLY)
        assert clock.by == date(2026, 10, 20)

        answer(engine, fresh, matter, "2026-10-19")
        prepare(fresh)
        assert "机构又有答复，还没有听取" in told(engine, id).said(moment(fresh).date())
        with pytest.raises(FormRefused, match="1 家移出白名单"):
            month.approve_month(engine, fresh, PERIOD, by="signer", now=moment(fresh))
        assert step(engine, fresh, matter, "hear", p.LI, "2026-10-21") == "heard"
        line = told(engine, id)
        assert not line.is_heard(date(2026, 10, 20), line.because)
        assert line.is_heard(date(2026, 10, 21), line.because)
        month.approve_month(engine, fresh, PERIOD, by="signer", now=moment(fresh))
    release(fresh)
    with register(fresh) as engine, reading(engine) as session:
        lost = queries.shown_matter(session, id, matter)
        assert lost.state == "removed"
        articles = {one.article for one in rights(lost, lost.since, WEEKENDS_ONLY)}
        assert articles == {"《行政复议法》第二十条", "《行政诉讼法》第四十六条"}
        assert check(session) == []


def test_who_signs_within_the_term_of_somebody_heard_once_gives_a_reason_too(
    fresh: Settings,
) -> None:
    with register(fresh) as engine:
        id, today = white(fresh), f"{moment(fresh):%Y-%m-%d}"
        judge(engine, fresh, id, "不合格", "2026-10-30")
        prepare(fresh)
        matter = told(engine, id).matter
        answer(engine, fresh, matter, today)
        assert step(engine, fresh, matter, "hear", p.LI, today) == "heard"
        with pytest.raises(FormRefused, match="1 家移出白名单"):
            month.approve_month(engine, fresh, PERIOD, by="signer", now=moment(fresh))
        why = "年检不合格，家长要及时知道"
        month.approve_month(engine, fresh, PERIOD, by="signer", now=moment(fresh), unheard=why)
        assert (told(engine, id).state, told(engine, id).weighed) == ("hastened", why)


def test_where_a_red_line_is_crossed_the_place_is_lost_at_once_and_the_word_comes_after(
    fresh: Settings,
) -> None:
    with register(fresh) as engine:
        id = white(fresh)
        with writing(engine) as session:
            found = p.finding(session, id, code="S02", seen_on="2026-10-08")
            p.step(session, found, "hear", p.WANG, "2026-10-09", reason="听取")
            p.step(session, found, "confirm", p.LI, "2026-10-10")
            p.step(
                session, found, "order", p.LI, "2026-10-12", document_no="1", due_on="2026-10-20"
            )
        run_day(engine, fresh, at(fresh, "2026-10-22", 0))
        line = told(engine, id)
        assert line.state == "told_after"
        prepare(fresh)
        month.approve_month(engine, fresh, PERIOD, by="signer", now=moment(fresh))
        with reading(engine) as session:
            assert may(queries.shown_matter(session, id, line.matter), "defence")
    release(fresh)
    with register(fresh) as engine:
        assert told(engine, id).state == "told_after"  # the answer is still awaited
        run_day(engine, fresh, at(fresh, "2026-11-10", 0))
        assert told(engine, id).state == "unanswered"
        run_day(engine, fresh, at(fresh, "2026-11-11", 0))
        assert told(engine, id).state == "removed"


def test_only_who_publishes_tells_and_only_who_signs_hastens(fresh: Settings) -> None:
    with register(fresh) as engine:
        id = white(fresh)
        judge(engine, fresh, id, "基本合格", "2026-10-12")
        now = at(fresh, "2026-10-13")
        for by in (p.WANG, p.LI, p.ZHAO, p.SCHOOL):
            with pytest.raises(NotAllowed):
                tell_losses(engine, fresh, by, now)
        assert tell_losses(engine, fresh, p.QIAN, now) == 1
        assert tell_losses(engine, fresh, p.QIAN, now) == 0
        matter = told(engine, id).matter
        for by in (p.WANG, p.LI, p.SCHOOL):
            with pytest.raises(NotAllowed):
                step(engine, fresh, matter, "hasten", by, "2026-10-14")


def test_the_signer_reads_the_answer_beside_the_removal(fresh: Settings) -> None:
    with register(fresh) as engine:
        id = white(fresh)
        judge(engine, fresh, id, "基本合格", "2026-10-12")
        now = datetime.now(fresh.zone)
        month.prepare_month(engine, fresh, PERIOD, by="publisher", now=now)
        matter = told(engine, id).matter
        answer(engine, fresh, matter, now.date().isoformat())
    environ = {"XINYONG_DATA": str(fresh.data), "XINYONG_DATABASE": fresh.database}
    with served("--no-schedule", **environ) as url:
        client = httpx.Client(base_url=url, headers={"Accept": "text/html"}, timeout=60)
        client.post("/sign-in", data={"account": "signer", "password": PASSWORD})
        page = client.get(f"/desk/gate/{PERIOD}/").text
        assert "还没有办理“听取陈述申辩”" in page
        assert "复核&lt;b&gt;结论" in page
        assert f"desk/matters/{matter}/" in page
        seen = dict.fromkeys(re.findall(r'name="(seen-[^"]+)"', page), "1")
        digest = re.findall(r'name="digest" value="([0-9a-f]{64})"', page)[0]
        here = f"/desk/gate/{PERIOD}/sign"
        refused = client.post(here, data={"digest": digest, **seen})
        assert refused.status_code == 422
        assert "不能等的，写明理由" in refused.text
        own = client.get(f"/desk/matters/{matter}/").text
        assert "复核&lt;b&gt;结论" in own
        done = client.post(here, data={"digest": digest, "unheard": "家长要及时知道", **seen})
        assert done.status_code == 303, done.text
        client.close()
    with register(fresh) as engine:
        assert told(engine, id).state == "hastened"
