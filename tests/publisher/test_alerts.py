"""Risk alerts are published beside the lists, rate nobody, and run out by themselves."""

from datetime import UTC, date, datetime
from pathlib import Path

from msgspec import UNSET, structs
from sqlalchemy import Engine
from sqlmodel import Session

from config.freezing import end_of
from publisher.edition import Edition
from publisher.freeze import Before, City, Issue, freeze
from publisher.pages.sheet import sheet
from publisher.site.api_made import told as api_told
from registry.database import reading, writing
from scoring import load_policy
from tests.registry import people as p
from tests.registry.test_requests import confirmed

POLICY = (Path(__file__).parents[2] / "config/policy/NB-2026-1.toml").read_bytes()
CITY = City(id="ningbo", title="名单", organ="教育局")
ENDS = {9: 30, 10: 31, 11: 30}
RECORDED = datetime(2026, 11, 1, 9, tzinfo=UTC)


def frozen(session: Session, month: int, before: Before | None = None) -> Edition:
    cut_off = date(2026, month, ENDS[month])
    issue = Issue(
        period=f"2026-{month + 1}",
        cut_off=cut_off,
        ends_at=end_of(cut_off, UTC),
        released_on=date(2026, 12, 3),
    )
    return freeze(session, CITY, issue, [POLICY], b"salt", before)


def test_an_alert_stands_beside_the_rating_while_it_runs(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        found = confirmed(session, id)
        without = {one.institution: one for one in frozen(session, 10).entries}[id]
        matter = p.alert(session, id, found)
        p.step(session, matter, "issue", p.ZHAO, "2026-10-10", document_no="示1")
    with reading(engine) as session:
        before, during, after = (frozen(session, month) for month in ENDS)
    entries = [
        next(e for e in edition.entries if e.institution == id)
        for edition in (before, during, after)
    ]
    assert entries[0].alerts is UNSET
    assert entries[2].alerts is UNSET
    (told,) = entries[1].alerts or ()
    assert (told.text[:4], told.record, told.document_no) == ("该校区已", found, "示1")
    assert (told.issued_on, told.until) == (date(2026, 10, 10), date(2026, 11, 9))
    assert entries[1].rating == without.rating
    assert entries[1].facts == without.facts
    assert b'"alerts"' not in b"".join(before.lines + after.lines)
    # On its last day it warns; on the next it is told as over, whatever the edition.
    policy = load_policy(POLICY)
    for day, over in ((9, False), (10, True)):
        shown = sheet(entries[1], policy, {}, date(2026, 10, 31), date(2026, 11, day))
        assert [one.over for one in shown.alerts] == [over]
        # A program is told so too, before all else.
        said = api_told(entries[1], date(2026, 10, 31), date(2026, 11, day))
        assert [one.startswith("该校区已") for one in said["alerts"]] == [True] * (not over)
        assert ("以风险提示为准" in said["means_not"]) is not over
        assert "上面" not in said["sentence"]


def test_going_on_from_an_edition_drops_an_alert_that_has_run_out(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.alert(session, id, confirmed(session, id))
        p.step(session, matter, "issue", p.ZHAO, "2026-10-10", document_no="示1")
    with reading(engine) as session:
        first, whole = frozen(session, 10), frozen(session, 11)
        late = datetime(2027, 1, 1, tzinfo=UTC)  # nothing was recorded since
        assert frozen(session, 11, Before(edition=first, recorded_by=late)) == whole
        assert first.lines != whole.lines
    assert structs.asdict(first.entries[0]).keys() == structs.asdict(whole.entries[0]).keys()
