"""The people of the tests, a city with one institution, and the way a penalty takes."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from registry import acts
from registry.access import Actor
from registry.errors import read_form
from registry.forms import (
    AlertSheet,
    CaseSheet,
    DecisionSheet,
    FindingSheet,
    GrantForm,
    InspectionSheet,
    InstitutionForm,
    JurisdictionForm,
    ListingSheet,
    SpotSheet,
    StepSheet,
)
from registry.tables import Account, Grant
from scoring import load_policy

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ADMIN = Actor(account="admin", role="administrator", name="管理员")
WANG = Actor(account="wang", role="inspector", name="王检查")
LI = Actor(account="li", role="reviewer", name="李审核")
SUN = Actor(account="sun", role="reviewer", name="孙审核")
ZHAO = Actor(account="zhao", role="head", name="赵局长")
QIAN = Actor(account="qian", role="publisher", name="钱发布")
ZHOU = Actor(account="zhou", role="publisher", name="周发布")
SCHOOL = Actor(account="school", role="institution", name="学校")
FINE = {"code": "D02", "kinds": "罚款", "fine_fen": 5_000_000}
NOTICES = {"repair_notice_no": "甬教修告〔2026〕1号", "publication_told": True}
TWO = {"first_officer": "王检查", "second_officer": "孙检查"}
CODE = "91330205MA20000C9E"
POLICY = load_policy(Path("config/policy/NB-2026-1.toml").read_bytes())


def city(session: Session, **changed: Any) -> str:
    """A jurisdiction and one institution; gives the institution's number."""
    place = {"id": "330203", "name": "海曙区", "organ": "海曙区教育局", "since": "2016-09-14"}
    acts.register_jurisdiction(session, read_form(JurisdictionForm, place), by=ADMIN, now=NOW)
    return institution(session, **changed)


def represented(session: Session, institution: str, **changed: Any) -> None:
    """Gives an institution somebody who may sign in for it."""
    given = {"role": "institution", "institution": institution, "since": "2026-01-01"}
    stamp: dict[str, Any] = {"recorded_at": NOW, "recorded_by": ADMIN.account}
    account = Account(id="school", name="学校", password_hash="", **stamp)
    session.add(account)
    session.flush()
    form = read_form(GrantForm, {**given, **changed})
    session.add(Grant(account=account.id, **form.model_dump(), **stamp))
    session.flush()


def neighbour(session: Session, id: str = "330205", parent: str = "") -> str:
    """A further jurisdiction."""
    place = {"id": id, "name": f"{id}区", "organ": "邻区教育局", "parent": parent}
    form = read_form(JurisdictionForm, {**place, "since": "2016-09-14"})
    acts.register_jurisdiction(session, form, by=ADMIN, now=NOW)
    return id


def institution(session: Session, **changed: Any) -> str:
    """A further institution of the same jurisdiction."""
    sheet = {
        "name": "宁波市海曙区晨光艺术培训学校",
        "jurisdiction": "330203",
        "opened_on": "2020-03-01",
        "address": "海曙区中山西路 1 号",
        **changed,
    }
    form = read_form(InstitutionForm, sheet)
    return acts.register_institution(session, form, by=QIAN, now=NOW, prefix="NB")


def inspection(session: Session, institution: str, **changed: Any) -> str:
    """A visit by two officers."""
    sheet = {
        "key": "phone-0001",
        "institution": institution,
        "kind": "双随机",
        "on": "2026-03-02",
        **TWO,
        **changed,
    }
    return acts.record_inspection(session, read_form(InspectionSheet, sheet), by=WANG, now=NOW)


def finding(session: Session, institution: str, **changed: Any) -> str:
    """A finding two officers recorded."""
    sheet = {
        "institution": institution,
        "code": "S01",
        "seen_on": "2026-03-02",
        "statement": "安全出口堆放杂物",
        **TWO,
        **changed,
    }
    return acts.record_finding(session, read_form(FindingSheet, sheet), by=WANG, now=NOW)


def step(session: Session, matter: str, act: str, by: Actor, on: str, **papers: Any) -> str:
    """One step along the table; where a term counts from its record, it is recorded on its day."""
    # Nobody of the tests' institutions has an account, so that what is told is served on paper.
    served = (
        {"served_on": on, "service_proof": "送达回证"} if act in ("notify", "call_hearing") else {}
    )
    form = read_form(StepSheet, {"on": on, **served, **papers})
    now = nine(on) if act in ("notify", "uphold") else NOW
    return acts.take_step(session, matter, act, form, by=by, now=now)


def case(session: Session, institution: str, *findings: str) -> str:
    """A penalty case over findings."""
    sheet = {"institution": institution, "findings": list(findings), "on": "2026-03-20", **TWO}
    return acts.open_case(session, read_form(CaseSheet, sheet), by=LI, now=NOW)


def penalty(session: Session, institution: str, *findings: str, until: str = "final") -> str:
    """A penalty case on its whole way, or as far as the state named."""
    matter = case(session, institution, *findings)
    way: list[tuple[str, str, Actor, str, dict[str, Any]]] = [
        ("investigate", "investigated", WANG, "2026-03-25", TWO),
        ("notify", "notified", LI, "2026-04-01", {"document_no": "甬教罚告〔2026〕1号", **FINE}),
        ("hear", "heard", WANG, "2026-04-09", {"reason": "未提出陈述申辩"}),
        ("review", "reviewed", SUN, "2026-04-10", {"reason": "事实清楚"}),
        ("decide", "decided", ZHAO, "2026-04-15", {}),
        ("serve", "served", WANG, "2026-04-16", {"document_no": "送达回证 1", **NOTICES}),
        ("finalise", "final", LI, "2026-10-20", {}),
    ]
    for act, state, by, on, papers in way:
        if act == "decide":
            acts.record_decision(session, matter, decision(on), by=by, now=NOW)
        else:
            step(session, matter, act, by, on, **papers)
        if state == until:
            break
    return matter


def spot(session: Session, finding: str, *, by: Actor = WANG, **changed: Any) -> str:
    """A penalty two officers decided on the spot."""
    sheet = {
        "finding": finding,
        "on": "2026-03-02",
        "place": "海曙区中山西路 1 号",
        "statement": "安全出口堆放杂物",
        "article": "《民办教育促进法实施条例》第六十三条第五项",
        "kinds": "罚款",
        "fine_fen": 100_000,
        "heard": "马上清走",
        "receiver": "张三",
        "document_no": f"甬教当罚〔2026〕{finding}号",
        "organ": "宁波市海曙区教育局",
        "papers_shown": True,
        "rights_told": True,
        **TWO,
        **changed,
    }
    form = read_form(SpotSheet, sheet)
    return acts.punish_on_the_spot(session, form, by=by, now=NOW, policy=POLICY)


def decision(on: str) -> DecisionSheet:
    """A decision with a fine."""
    sheet = {
        "on": on,
        "document_no": "甬教罚〔2026〕1号",
        "organ": "宁波市海曙区教育局",
        **FINE,
        **TWO,
    }
    return read_form(DecisionSheet, sheet)


def alert(session: Session, institution: str, finding: str, **changed: Any) -> str:
    """A proposal to warn of an institution."""
    sheet = {
        "institution": institution,
        "finding": finding,
        "on": "2026-10-09",
        "text": "该校区已停止授课，退费请联系海曙区教育局。",
        "reason": "现场大门关闭",
        **changed,
    }
    return acts.propose_alert(session, read_form(AlertSheet, sheet), by=WANG, now=NOW)


def listing(session: Session, institution: str, decision: str, **changed: Any) -> str:
    """A proposal for the black list."""
    sheet = {
        "institution": institution,
        "list": "black",
        "ground": "F05",
        "statement": "恶意停业、拒不退费",
        "article": "《校外培训行政处罚暂行办法》第十七条",
        "decision": decision,
        "on": "2026-10-21",
        **changed,
    }
    return acts.open_listing(session, read_form(ListingSheet, sheet), by=WANG, now=NOW)


def listed(session: Session, institution: str, decision: str, **changed: Any) -> str:
    """A listing that is decided and served."""
    matter = listing(session, institution, decision, **changed)
    step(session, matter, "notify", LI, "2026-10-22", document_no="甬教信告〔2026〕1号")
    step(session, matter, "hear", WANG, "2026-10-30", reason="未提出")
    step(session, matter, "review", SUN, "2026-11-02", reason="事实清楚")
    papers = {"document_no": "甬教信〔2026〕1号", "organ": "宁波市教育局", **TWO}
    step(session, matter, "decide", ZHAO, "2026-11-03", **papers)
    step(session, matter, "serve", WANG, "2026-11-05", document_no="送达回证 2", **NOTICES)
    return matter


def day(text: str) -> date:
    """A day written as text."""
    return date.fromisoformat(text)


def nine(on: str) -> datetime:
    """Nine o'clock of a day written as text: what is done on it is recorded on it."""
    return datetime.combine(day(on), NOW.timetz())
