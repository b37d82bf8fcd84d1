"""What is over goes by itself, by the schedule's hand: from the next edition, and from those that still show it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config import month, withdrawing
from config.bounded import within
from config.carrying import MustPrint
from config.clock import Clock
from publisher.edition import Edition, Entry, read_edition
from publisher.release import NoExchange
from publisher.withdraw import WithdrawalRefused
from registry import acts, queries
from registry.database import leading, reading, writing
from registry.forms import RepairSheet, StepForm
from tests.flows.past_city import ANNULLED, BEFORE, PRINTED, Office, office
from tests.flows.withdrawals import checked, shows
from tests.registry import people as p
from tests.registry.test_lineage import apply, ask

__all__ = ["office"]
# The penalty was decided on 15 April 2026, under a code of the class 一般: twelve months.
LAST, OVER = (datetime(2027, 4, day, 3, tzinfo=UTC) for day in (14, 15))
NEXT = "2027-05"


def edition(office: Office, name: str) -> Edition:
    return read_edition(office.settings.editions / name)


def entry(office: Office, name: str) -> Entry:
    (found,) = [one for one in edition(office, name).entries if one.institution == office.punished]
    return found


def due(office: Office, now: datetime) -> list[str]:
    return [one.edition for one in withdrawing.withdraw_due(office.engine, office.settings, now)]


def test_a_penalty_is_withdrawn_on_the_day_after_its_last_and_printed_no_more(
    office: Office,
) -> None:
    office.release(BEFORE, *PRINTED)
    assert any(one.kind == "decision" for one in entry(office, PRINTED[0]).facts.records)
    assert due(office, LAST) == []
    assert all(shows(office, name) for name in PRINTED)
    assert due(office, OVER) == list(PRINTED)
    assert due(office, OVER) == []
    with reading(office.engine) as session:
        rows = queries.withdrawals(session)
        by = {one.account for one in queries.ledger_entries(session) if one.act == "withdraw_entry"}
    assert [(one.reason, one.how, one.listed) for one in rows] == [
        ("公示期满", "expired", "record")
    ] * 3
    assert by == {"schedule"}
    for name in PRINTED:
        verdict = checked(office, name)
        assert verdict.problems == ()
        assert [one.reason for one in verdict.tombstones] == ["公示期满"]
        (removal,) = edition(office, name).removals
        assert (removal.how, removal.listed, removal.reason) == ("expired", "record", "")
    # The edition before the penalty became final never showed it.
    assert checked(office, BEFORE).withdrawn == 0
    office.release(NEXT)
    assert checked(office, NEXT).problems == ()
    assert all(one.kind != "decision" for one in entry(office, NEXT).facts.records)
    (told,) = edition(office, NEXT).removals
    assert (told.institution, told.how, told.on) == (office.punished, "expired", LAST.date())
    assert told.until == date(2028, 4, 13)
    assert office.wrong("2027-05-31") == {}
    assert "都没有错" in office.run("recheck", "--knowing", "2027-05-31").stdout


def test_what_was_printed_of_a_second_registration_goes_too_when_its_term_is_over(
    office: Office,
) -> None:
    office.release(*PRINTED)
    with writing(office.engine) as session:
        apply(session, ask(session, office.other, office.punished))
        assert queries.facts_of(session, office.punished, OVER.date()).records == ()
    assert due(office, LAST) == []
    assert due(office, OVER) == list(PRINTED)


def test_what_is_told_until_before_the_release_is_not_told_by_it(office: Office) -> None:
    """The removal of 14 April 2027 is told until 13 April 2028."""
    office.release(*PRINTED)
    for released_on, many in ((date(2028, 4, 13), 1), (date(2028, 4, 14), 0)):
        dates = month.Dates(cut_off=date(2028, 4, 10), released_on=released_on)
        made = month.frozen(office.engine, office.settings, "2028-04.1", dates)
        assert len(made.removals) == many


def test_the_clock_has_what_is_printed_anew_done_in_another_process(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fonts and the printing libraries would stay in the serving one."""
    office.release(*PRINTED)
    apart: list[str] = []

    def noted(seconds: float, what: str, *more: Any) -> Any:
        apart.append(what)
        return within(seconds, what, *more)

    monkeypatch.setattr("config.clock.within", noted)
    before = [(office.settings.editions / one / "renderings.json").read_bytes() for one in PRINTED]
    clock = Clock(office.engine, office.settings, lambda: LAST)
    clock.tick()
    assert apart == []
    clock.now = lambda: OVER
    with pytest.raises(MustPrint):
        withdrawing.withdraw_due(office.engine, office.settings, OVER, prints=False)
    after = [(office.settings.editions / one / "renderings.json").read_bytes() for one in PRINTED]
    assert after == before
    clock.tick()
    assert apart == ["撤回"]
    assert [checked(office, name).withdrawn for name in PRINTED] == [1, 1, 1]
    clock.now = lambda: OVER + timedelta(days=1)
    clock.tick()
    assert apart == ["撤回"]


def test_a_later_record_under_a_code_that_the_old_policy_lacks_stops_nothing(
    office: Office,
) -> None:
    office.release(*PRINTED)
    with writing(office.engine) as session:
        p.finding(session, office.punished, code="Z99", seen_on="2026-11-02")
    assert due(office, OVER) == list(PRINTED)


@pytest.mark.parametrize("how", ["expired", "repaired"])
def test_a_listing_that_ended_goes_from_every_edition_and_its_removal_is_told_a_year(
    office: Office, how: str
) -> None:
    with writing(office.engine) as session:
        sheet = {"list": "watch", "months": 3}
        listing = p.listed(session, office.punished, office.penalty, **sheet)
    office.release(BEFORE, *PRINTED)
    assert [one.id for one in entry(office, PRINTED[1]).facts.listings] == [listing]
    if how == "repaired":
        papers = {"proof": "整改报告", "undertaking": "信用承诺书"}
        form = RepairSheet(about=listing, on=date(2027, 1, 12), **papers)
        granted = StepForm(on=date(2027, 1, 20), document_no="甬教修〔2027〕1号", reason="已整改")
        with writing(office.engine) as session:
            asked = acts.apply_for_repair(session, form, by=p.SCHOOL, now=ANNULLED)
            accepted = StepForm(on=date(2027, 1, 13))
            acts.take_step(session, asked, "accept", accepted, by=p.WANG, now=ANNULLED)
            acts.take_step(session, asked, "grant", granted, by=p.ZHAO, now=ANNULLED)
    after = ANNULLED if how == "repaired" else datetime(2027, 2, 3, 3, tzinfo=UTC)
    assert due(office, after) == list(PRINTED[1:])
    removals = edition(office, PRINTED[1]).removals
    assert [(one.how, one.listed) for one in removals] == [(how, "watch")]
    assert office.wrong("2027-02-28") == {}
    office.release("2027-03")
    assert entry(office, "2027-03").facts.listings == ()
    (told,) = edition(office, "2027-03").removals
    assert (told.how, told.listed) == (how, "watch")
    assert "恶意停业" not in (office.settings.editions / "2027-03/removals.json").read_text("utf-8")
    # After a year the line goes from every edition, by the same daily run.
    # (The penalty's own term has ended too, so that there is another in its place.)
    assert "2027-03" in due(office, datetime(2028, 3, 1, 3, tzinfo=UTC))
    for name in ("2027-03", PRINTED[1]):
        assert all(one.listed == "record" for one in edition(office, name).removals)
    assert checked(office, PRINTED[1]).problems == ()
    assert due(office, datetime(2028, 3, 1, 3, tzinfo=UTC)) == []


def test_whoever_a_listing_keeps_on_the_black_list_is_not_told_to_have_left_it(
    office: Office,
) -> None:
    """The penalty's term is over on 14 April 2027, the listing holds to November 2028."""
    with writing(office.engine) as session:
        p.listed(session, office.punished, office.penalty, list="black", months=24)
    office.release(*PRINTED)
    assert entry(office, PRINTED[1]).rating.status == "black"
    assert due(office, OVER) == list(PRINTED)
    for name in PRINTED:
        (removal,) = edition(office, name).removals
        assert (removal.listed, removal.how) == ("record", "expired")
    office.release(NEXT)
    assert entry(office, NEXT).rating.status == "black"
    # When its own last day is over it has left the list, and that is told.
    assert due(office, datetime(2028, 11, 3, 3, tzinfo=UTC)) == [*PRINTED, NEXT]
    (removal,) = edition(office, NEXT).removals
    assert (removal.listed, removal.how) == ("black", "expired")


def test_whoever_a_second_decision_keeps_on_a_list_is_not_told_to_have_left_it(
    office: Office,
) -> None:
    """Two decisions of 3 November 2026, for three months and for five."""
    with writing(office.engine) as session:
        for months in (3, 5):
            p.listed(session, office.punished, office.penalty, list="watch", months=months)
    office.release(*PRINTED)
    assert len(entry(office, PRINTED[1]).facts.listings) == 2
    assert due(office, datetime(2027, 2, 3, 3, tzinfo=UTC)) == list(PRINTED[1:])
    for name in PRINTED[1:]:
        (removal,) = edition(office, name).removals
        assert (removal.listed, removal.how) == ("record", "expired")
    office.release("2027-03")
    assert entry(office, "2027-03").rating.status == "watch"
    assert [one.listed for one in edition(office, "2027-03").removals] == ["record"]
    assert due(office, datetime(2027, 4, 3, 3, tzinfo=UTC)) == ["2027-03"]
    assert [one.listed for one in edition(office, "2027-03").removals] == ["record", "watch"]


def test_another_process_at_work_and_a_file_system_without_exchange_change_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.release(BEFORE, *PRINTED)
    with leading(office.engine), pytest.raises(WithdrawalRefused, match="稍后"):
        due(office, OVER)
    asked = withdrawing.Asked(
        institution=office.punished, reason="撤销", document_no="1", editions=(PRINTED[0],)
    )
    with leading(office.engine), pytest.raises(withdrawing.Busy, match="稍后"):
        withdrawing.withdraw(office.engine, office.settings, asked, by=p.QIAN, now=OVER)

    def lacking(_: Path, other: Path) -> None:
        raise NoExchange(other.parent)

    monkeypatch.setattr("publisher.release.exchange", lacking)
    with pytest.raises(NoExchange, match="ext4"):
        due(office, OVER)
    with reading(office.engine) as session:
        assert queries.withdrawals(session) == []
    assert all(shows(office, name) for name in PRINTED)
