"""A demo city with an institution that has matters of every kind, and another institution's account."""

import re
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import httpx
from msgspec import Struct
from sqlmodel import Session

from config.demo.build import PASSWORD
from config.register import OPERATOR, open_register
from config.settings import Settings
from registry import acts, queries
from registry.accounts import accounts, create_account
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import (
    AccountForm,
    AlertSheet,
    CaseSheet,
    DecisionSheet,
    FindingSheet,
    JudgmentSheet,
    ListingSheet,
    StepSheet,
)
from tests.registry.people import FINE, LI, NOTICES, SUN, TWO, WANG, ZHAO

HTML = {"Accept": "text/html"}
SECRETS = ("听证笔录", "举报人", "内部审核意见", "线索由家长", "尚未告知")


class Matters(Struct, frozen=True, kw_only=True):
    """The institution and its matters by what they are for."""

    own: str
    other: str
    finding: str
    notified: str
    served: str
    final: str
    hidden: str
    listing: str
    alert: str
    judgment: str


def matters_of(settings: Settings) -> Matters:
    """Registers what the tests are about, all of it before today."""
    engine = open_register(settings)
    now = datetime.now(settings.zone)
    with reading(engine) as session:
        own = next(one for one in accounts(session, now) if one.account == "institution")
        lines = queries.institutions(session, now.date(), limit=60)
    other = next(one.id for one in lines if one.id != own.institution)
    with writing(engine) as session:
        form = AccountForm(
            id="other", name="另一家", password=PASSWORD, role="institution", institution=other
        )
        create_account(session, form, by=OPERATOR, now=now)
        case = Case(session, own.institution, now)
        made = Matters(
            own=own.institution,
            other=other,
            finding=case.finding(40, "S01"),
            notified=case.penalty(4, "31", "notify"),
            served=case.penalty(30, "32", "serve"),
            final=case.penalty(480, "33", "finalise"),
            hidden=case.penalty(5, "34", "investigate"),
            listing=case.listing(),
            alert=case.alert(),
            judgment=case.judgment(),
        )
    engine.dispose()
    return made


class Case(Struct, frozen=True):
    """Penalty cases and listings taken as far as is needed."""

    session: Session
    institution: str
    now: datetime

    def ago(self, days: int) -> date:
        return self.now.date() - timedelta(days=days)

    def finding(self, days: int, code: str = "F02") -> str:
        sheet = {
            "institution": self.institution,
            "code": code,
            "seen_on": self.ago(days),
            "statement": "预收学费没有进入监管专户",
            "note": "线索由家长提供",
            **TWO,
        }
        form = read_form(FindingSheet, sheet)
        made = acts.record_finding(self.session, form, by=WANG, now=self.now)
        self.step(made, "hear", WANG, self.ago(days), reason="听证笔录")
        self.step(made, "confirm", LI, self.ago(days))
        return made

    def penalty(self, days: int, number: str, until: str) -> str:
        found = self.finding(days)
        sheet = {
            "institution": self.institution,
            "findings": [found],
            "on": self.ago(days),
            **TWO,
        }
        made = acts.open_case(self.session, read_form(CaseSheet, sheet), by=LI, now=self.now)
        way: list[tuple[str, Any, int, dict[str, Any]]] = [
            ("investigate", WANG, days - 1, TWO),
            ("notify", LI, days - 1, {"document_no": f"甬教罚告〔2026〕{number}号", **FINE}),
            ("hear", WANG, days - 8, {"reason": "听证笔录：举报人李某称"}),
            ("review", SUN, days - 9, {"reason": "内部审核意见"}),
            ("decide", ZHAO, days - 10, {}),
            ("serve", WANG, days - 11, {"document_no": f"送达回证 {number}", **NOTICES}),
            ("finalise", LI, days - 210, {}),
        ]
        for act, by, when, papers in way:
            if act == "decide":
                form = self.decision(self.ago(when), number)
                acts.record_decision(self.session, made, form, by=by, now=self.now)
            else:
                self.step(made, act, by, self.ago(when), **papers)
            if act == until:
                return made
        raise AssertionError(until)

    def listing(self) -> str:
        sheet = {
            "institution": self.institution,
            "list": "watch",
            "ground": "F02",
            "statement": "多次责令改正没有改正",
            "article": "《信用办法》第九条",
            "on": self.ago(3),
            "reason": "尚未告知",
        }
        form = read_form(ListingSheet, sheet)
        made = acts.open_listing(self.session, form, by=WANG, now=self.now)
        self.step(made, "notify", LI, self.ago(2), document_no="甬教信告〔2026〕9号")
        return made

    def alert(self) -> str:
        sheet = {
            "institution": self.institution,
            "finding": self.finding(12),
            "on": self.ago(5),
            "text": "大门关闭，退费请求没有处理",
            "reason": "尚未告知",
        }
        made = acts.propose_alert(self.session, read_form(AlertSheet, sheet), by=WANG, now=self.now)
        self.step(made, "issue", ZHAO, self.ago(4), document_no="甬教示〔2026〕1号")
        return made

    def judgment(self) -> str:
        sheet = {
            "institution": self.institution,
            "code": "D05",
            "statement": "被列为失信被执行人",
            "on": self.ago(20),
            "document_no": "（2026）浙0203执1号",
            "organ": "海曙区人民法院",
        }
        form = read_form(JudgmentSheet, sheet)
        made = acts.record_judgment(self.session, form, by=WANG, now=self.now)
        self.step(made, "confirm", LI, self.ago(10))
        return made

    def decision(self, on: date, number: str) -> DecisionSheet:
        sheet = {
            "on": on,
            "document_no": f"甬教罚〔2026〕{number}号",
            "organ": "宁波市海曙区教育局",
            **FINE,
            **TWO,
        }
        return read_form(DecisionSheet, sheet)

    def step(self, matter: str, act: str, by: Any, on: date, **papers: Any) -> None:
        # On the day of some notices nobody had an account yet, so that they are served on paper.
        served = {"served_on": on, "service_proof": "送达回证"} if act == "notify" else {}
        form = read_form(StepSheet, {"on": on, **served, **papers})
        now = datetime.combine(on, self.now.timetz()) if act == "notify" else self.now
        acts.take_step(self.session, matter, act, form, by=by, now=now)


class Browsers:
    """Browsers of their own, each signed in as one person, all closed at the end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stack = ExitStack()

    def __call__(self, account: str = "") -> httpx.Client:
        made = httpx.Client(base_url=self.url, headers=HTML, follow_redirects=True, timeout=60)
        self.stack.enter_context(made)
        if account:
            answer = made.post("/sign-in", data={"account": account, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
        return made


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms, as a browser would send them back."""
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in hidden}


def seq_of(answer: httpx.Response) -> str:
    """The receipt the answer led to."""
    found = re.search(r"/my/receipts/(\d+)/$", str(answer.url))
    assert found, answer.text[-3000:]
    return found[1]
