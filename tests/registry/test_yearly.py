"""The year in the register: steps and visits counted by day, terms kept or missed, nothing made up."""

from datetime import date

import pytest
from sqlalchemy import Engine

from registry import acts, queries
from registry.database import reading, writing
from registry.errors import NotAllowed, read_form
from registry.forms import ComplaintSheet, ObjectionSheet
from tests.registry import people as p

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def facts(engine: Engine, first: date = YEAR[0], last: date = YEAR[1]) -> queries.YearFacts:
    with reading(engine) as session:
        return queries.year_facts(session, first, last)


def asked(found: queries.YearFacts, kind: str) -> queries.Asked:
    (one,) = [one for one in found.asked if one.kind == kind]
    return one


def test_an_empty_year_counts_nothing(engine: Engine) -> None:
    found = facts(engine)
    assert (found.inspections, found.steps, found.formed, found.contested) == ({}, {}, (), 0)
    assert all((one.received, one.carried, one.terms) == (0, 0, ()) for one in found.asked)


def test_a_penalty_on_its_way_keeps_its_terms_and_is_counted_once(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        p.inspection(session, id)
        matter = p.penalty(session, id, p.finding(session, id))
    found = facts(engine)
    assert found.inspections == {"双随机": 1}
    assert found.inspected == 1
    assert found.steps["penalty.decide"] == 1
    assert found.fine_fen == 5_000_000
    assert [one.matter for one in found.formed] == [matter]
    (served,) = found.served
    assert (served.since, served.done_on) == (date(2026, 4, 15), date(2026, 4, 16))
    assert served.done_on is not None
    assert served.done_on <= served.due_on
    (decided,) = found.decided
    assert decided.done_on == date(2026, 4, 15)
    other = facts(engine, date(2027, 1, 1), date(2027, 12, 31))
    assert (other.steps, other.fine_fen, other.formed) == ({}, 0, ())


def test_a_penalty_on_the_spot_is_counted_by_itself_and_in_the_whole(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        p.penalty(session, id, p.finding(session, id))
        p.spot(session, p.finding(session, id))
        p.spot(session, p.finding(session, id), kinds="警告", fine_fen=0)
    found = facts(engine)
    assert (found.steps["spot.fine"], found.steps["spot.warn"]) == (1, 1)
    assert (found.spot_fine_fen, found.fine_fen) == (100_000, 5_100_000)
    other = facts(engine, date(2027, 1, 1), date(2027, 12, 31))
    assert (other.spot_fine_fen, other.fine_fen) == (0, 0)


def test_a_listing_and_its_end_are_counted_by_list_and_by_how_it_ended(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.listed(session, id, p.penalty(session, id, p.finding(session, id)))
        papers = {"document_no": "甬教撤〔2026〕2号", "reason": "认定有误"}
        p.step(session, matter, "annul", p.ZHAO, "2026-11-20", **papers)
    found = facts(engine)
    assert (found.listed, found.removed) == ({"black": 1}, {"annul": 1})
    assert {one.kind for one in found.formed} == {"penalty", "listing"}


def test_requests_are_carried_over_answered_in_time_or_late(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        finding = p.finding(session, id)
        sheet = {"about": finding, "on": "2026-03-10", "text": "不是我们"}
        objection = acts.object_to(session, read_form(ObjectionSheet, sheet), by=p.LI, now=p.NOW)
        p.step(session, objection, "accept", p.WANG, "2026-03-12")
        for on, text in (("2026-03-10", "甲"), ("2026-11-23", "乙")):
            complaint = read_form(ComplaintSheet, {"institution": id, "on": on, "text": text})
            acts.receive_complaint(session, complaint, by=p.WANG, now=p.NOW)
    found = facts(engine, YEAR[0], date(2026, 11, 24))
    one = asked(found, "objection")
    assert (one.received, one.carried, one.pending) == (1, 0, 1)
    (late,) = one.terms  # its five working days are over, and nobody has answered
    assert (late.due_on, late.done_on) == (date(2026, 3, 17), None)
    one = asked(found, "complaint")
    assert (one.received, one.pending) == (2, 2)
    assert len(one.terms) == 1  # the term of the second still runs
    with writing(engine) as session:
        papers = {"document_no": "甬教异〔2026〕1号", "reason": "事实清楚"}
        p.step(session, objection, "reject", p.SUN, "2026-11-24", **papers)
    one = asked(facts(engine), "objection")
    assert (one.outcomes, one.pending) == ({"reject": 1}, 0)
    (late,) = one.terms
    assert late.done_on is not None
    assert late.done_on > late.due_on
    one = asked(facts(engine, date(2027, 1, 1), date(2027, 12, 31)), "complaint")
    assert (one.received, one.carried) == (0, 2)


def test_a_withdrawal_in_time_is_a_term_kept(engine: Engine) -> None:
    from registry.tables import Edition

    with writing(engine) as session:
        id = p.city(session)
        matter = p.penalty(session, id, p.finding(session, id))
        session.add(
            Edition(
                period="2026-11",
                state="released",
                cut_off=date(2026, 10, 31),
                digest="d" * 64,
                prepared_by="qian",
                prepared_at=p.NOW,
                recorded_at=p.NOW,
                recorded_by="qian",
            )
        )
        session.flush()
        papers = {"document_no": "甬教撤〔2026〕1号", "reason": "事实不清"}
        p.step(session, matter, "annul", p.ZHAO, "2026-11-23", **papers)
    assert facts(engine, YEAR[0], date(2026, 11, 24)).withdrawals == ()  # it still runs
    (missed,) = facts(engine).withdrawals
    assert (missed.due_on, missed.done_on) == (date(2026, 11, 27), None)


def test_a_report_is_released_by_a_publisher_and_entered_once(engine: Engine) -> None:
    with writing(engine) as session:
        with pytest.raises(NotAllowed):
            acts.release_report(session, 2025, "d" * 64, by=p.LI, now=p.NOW)
        assert acts.release_report(session, 2025, "d" * 64, by=p.QIAN, now=p.NOW)
        assert not acts.release_report(session, 2025, "d" * 64, by=p.QIAN, now=p.NOW)
        assert acts.release_report(session, 2025, "e" * 64, "更正", by=p.QIAN, now=p.NOW)
        wanted = queries.LedgerFilter(act="release_report")
        assert len(queries.ledger_entries(session, wanted)) == 2
