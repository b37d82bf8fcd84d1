"""The four walks of the procedure, each from its first word to what the public reads, in a real browser."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from config.demo.build import PASSWORD
from config.register import OPERATOR
from config.settings import Settings
from registry import queries
from registry.accounts import accounts, create_account
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import AccountForm
from registry.ledger import check
from tests.browser.phones import (
    PHONE,
    ROOT,
    Phone,
    Server,
    begin,
    mark,
    opened,
    phone,
    register,
    saved,
    sent,
    server,
    waiting,
)
from tests.browser.test_pages import QUIET, press, sound
from tests.conftest import demo_city

__all__ = ["phone", "register", "server"]
TWO = {"first_officer": "周敏", "second_officer": "陈露"}
BOTH = {"repair_notice_no": "甬教修告〔2026〕1号", "publication_told": True}


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """A demo city with an old edition only, so that the months since can be released."""
    with demo_city(request, tmp_path / "data", 3, 12, "2026-09") as made:
        yield made


@pytest.fixture
def browser(phone: Phone) -> Iterator[Browser]:
    made: Browser = phone.kind.launch(executable_path="/usr/bin/chromium", args=QUIET)
    yield made
    made.close()


class Office:
    """The people of the city, each in a browser of their own."""

    def __init__(self, browser: Browser, server: Server, register: Engine, zone: Any) -> None:
        self.browser, self.url, self.register = browser, server.url, register
        self.today = datetime.now(zone).date()
        self.pages: dict[str, Page] = {}
        self.own = ""
        now = datetime.now(zone)
        with writing(register) as session:
            for one in accounts(session, now):
                if one.account == "institution":
                    self.own = one.institution
            form = {"id": "reviewer2", "name": "何静", "password": PASSWORD, "role": "reviewer"}
            create_account(session, read_form(AccountForm, form), by=OPERATOR, now=now)

    def page(self, account: str) -> Page:
        """A person's page on a phone, signed in."""
        if account not in self.pages:
            context = self.browser.new_context(viewport=PHONE)
            page = context.new_page()
            page.goto(f"{self.url}/sign-in/")
            page.get_by_label("账户名").fill(account)
            page.get_by_label("密码").fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
            expect(page.get_by_role("button", name="退出")).to_be_visible()
            self.pages[account] = page
        return self.pages[account]

    def ago(self, days: int) -> str:
        return (self.today - timedelta(days=days)).isoformat()

    def open(self, account: str, kind: str, **typed: Any) -> str:
        """Opens a matter at the desk; gives its number."""
        page = self.page(account)
        page.goto(f"{self.url}/desk/open/{kind}/?institution={self.own}")
        fill(page, typed)
        page.locator("form.entry button, main form button.go").last.click()
        page.wait_for_url("**/desk/matters/*/")
        return page.url.rstrip("/").rsplit("/", 1)[1]

    def step(self, account: str, matter: str, act: str, **typed: Any) -> Page:
        """Takes one step on the matter's page."""
        page = self.page(account)
        page.goto(f"{self.url}/desk/matters/{matter}/?do={act}")
        sound(page)
        fill(page, typed)
        press(page, page.locator(f'form[action$="/{matter}/{act}"] button.go'))
        wrong = (
            page.locator(".note.alert").all_inner_texts()
            + page.locator(".mistake").all_inner_texts()
        )
        assert wrong == [], (act, wrong)
        return page

    def state(self, matter: str) -> str:
        with reading(self.register) as session:
            assert check(session) == []
            return queries.matter(session, matter).line.state

    def record(self, account: str = "reviewer") -> str:
        """What the desk says of the institution today."""
        page = self.page(account)
        page.goto(f"{self.url}/desk/i/{self.own}/")
        sound(page)
        return page.locator("#h-r").inner_text()


def fill(page: Page, typed: dict[str, Any]) -> None:
    for field, value in typed.items():
        box = page.locator(f"#{field}")
        if value is True:
            box.check()
        elif box.evaluate("one => one.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(str(value))


@pytest.fixture
def office(browser: Browser, server: Server, register: Engine, settings: Settings) -> Office:
    return Office(browser, server, register, settings.zone)


def command(settings: Settings, *words: str, status: int = 0) -> str:
    """`xinyong` on the command line."""
    env = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "XINYONG_DATA": str(settings.data),
        "XINYONG_DATABASE": settings.database,
    }
    done = subprocess.run(
        [sys.executable, "-m", "config", *words],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def released(settings: Settings, months: int) -> tuple[str, Path]:
    """The edition so many months from this one, prepared by one and signed by another."""
    today = datetime.now(settings.zone).date()
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    period = f"{year}-{month + 1:02d}"
    command(settings, "prepare", period, "--by", "publisher")
    command(settings, "approve", period, "--by", "head")
    command(settings, "release", period, "--by", "publisher")
    folder = settings.editions / period
    assert "核对相符" in command(settings, "verify", str(folder))
    return period, folder


def score_of(text: str) -> int:
    found = re.search(r"(\d+) 分", text)
    assert found, text
    return int(found[1])


def test_a_fault_found_without_a_network_costs_points_until_it_is_mended(
    office: Office, phone: Phone, server: Server
) -> None:
    before = score_of(office.record())
    context = phone.start()
    page = opened(context, server)
    context.set_offline(True)
    server.kill()
    begin(page, office.own)
    mark(page, "XF-1", "不符合")
    page.locator("#statement-XF-1").fill("二楼通道堆放课桌")
    page.get_by_label("在场人当场说了什么").fill("马上搬走")
    saved(page)
    waiting(page, 1)
    server.start()
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    sent(page)
    with reading(office.register) as session:
        found = queries.matters(session, kinds=("finding",), institution=office.own)
    (matter,) = [one.id for one in found if one.state == "discovered"]

    assert score_of(office.record()) == before  # nothing counts before it is confirmed
    office.step("inspector", matter, "hear", reason="对方承认，没有异议")
    office.step("reviewer", matter, "confirm")
    due = (office.today + timedelta(days=15)).isoformat()
    office.step("reviewer", matter, "order", document_no="甬教责改〔2026〕8号", due_on=due)
    assert score_of(office.record()) < before
    office.step("inspector", matter, "pass", **TWO)
    assert office.state(matter) == "passed"
    assert score_of(office.record()) == before


def notify(office: Office, matter: str, days: int, document_no: str, **more: str) -> None:
    """The notice, served on paper on the day it is dated, so many days ago."""
    served = {"served_on": office.ago(days), "service_proof": "送达回证 1 号，王校长签收"}
    papers = {"on": office.ago(days), "document_no": document_no, **served}
    office.step("reviewer", matter, "notify", **papers, **more)


def penalised(office: Office) -> str:
    """A penalty case from filing to finality, decided about two years ago."""
    case = office.open(
        "reviewer", "penalty", on=office.ago(800), case_no="甬教立〔2024〕1号", **TWO
    )
    office.step("inspector", case, "investigate", on=office.ago(795), **TWO)
    money = {"code": "F05", "kinds": "罚款", "fine_yuan": "50000"}
    notify(office, case, 790, "甬教罚告〔2024〕1号", **money)
    return case


def test_a_penalty_and_its_listing_stand_in_the_next_edition_until_the_repair(
    office: Office, settings: Settings
) -> None:
    case = penalised(office)
    own = office.page("institution")
    own.goto(f"{office.url}/my/matters/{case}/")
    expect(own.locator("main")).to_contain_text("陈述申辩")
    office.step("inspector", case, "ask_hearing", on=office.ago(789), reason="对金额有异议")
    office.step(
        "reviewer",
        case,
        "call_hearing",
        on=office.ago(785),
        served_on=office.ago(785),
        service_proof="送达回证〔2024〕2号，王校长签收",
        document_no="甬教听告〔2024〕1号",
        due_on=office.ago(770),
    )
    office.step("head", case, "hold_hearing", on=office.ago(770), reason="双方到场")
    office.step("reviewer2", case, "review", on=office.ago(768), reason="事实清楚")
    office.step(
        "head", case, "discuss", on=office.ago(767), document_no="会议纪要 1 号", reason="同意"
    )
    decision = {"document_no": "甬教罚〔2024〕1号", "organ": "海曙区教育局", "code": "F05", **TWO}
    money = {"kinds": "罚款", "fine_yuan": "60000"}
    page = office.page("head")
    page.goto(f"{office.url}/desk/matters/{case}/?do=decide")
    fill(page, {"on": office.ago(765), **decision, **money})
    page.locator(f'form[action$="/{case}/decide"] button.go').click()
    expect(page.locator(".note.alert")).to_contain_text("第四十五条")  # never harder than told
    office.step(
        "head", case, "decide", on=office.ago(765), **decision, kinds="罚款", fine_yuan="40000"
    )
    office.step("inspector", case, "serve", on=office.ago(763), document_no="送达回证 1", **BOTH)
    office.step("reviewer", case, "finalise", on=office.ago(570))
    assert office.state(case) == "final"

    listing = office.open(
        "inspector",
        "listing",
        on=office.ago(560),
        list="black",
        ground="F05",
        decision=case,
        statement="抽逃办学资金，情节严重",
        article="《民办教育促进法》第六十二条",
        months="36",
    )
    notify(office, listing, 558, "甬教信告〔2025〕1号")
    office.step("inspector", listing, "hear", on=office.ago(540), reason="听取了陈述申辩")
    office.step("reviewer2", listing, "review", on=office.ago(538), reason="依据充分")
    papers = {"document_no": "甬教信〔2025〕1号", "organ": "海曙区教育局", **TWO}
    office.step("head", listing, "decide", on=office.ago(536), **papers)
    office.step("inspector", listing, "serve", on=office.ago(535), document_no="回证 2", **BOTH)
    assert office.state(listing) == "effective"

    _, folder = released(settings, -1)
    entry = entry_of(folder, office.own)
    assert entry["rating"]["status"] == "black"
    public = office.browser.new_context(viewport=PHONE).new_page()
    public.goto(f"{office.url}/i/{office.own}/")
    expect(public.locator("main")).to_contain_text("甬教信〔2025〕1号")
    expect(public.locator("main")).to_contain_text("黑名单")
    sound(public)

    repaired(office, listing)
    assert office.state(listing) == "ended"
    _, later = released(settings, 1)
    assert entry_of(later, office.own)["rating"]["status"] != "black"
    told = json.loads((later / "changes.json").read_bytes())["changes"]
    (moved,) = [one for one in told if one["institution"] == office.own]
    assert moved["before"].startswith("black")
    public.goto(f"{office.url}/editions/{later.name}/")
    expect(public.locator("main")).to_contain_text(entry["name"])
    sound(public)


def repaired(office: Office, listing: str) -> None:
    """The institution asks with its two papers; another grants it."""
    own = office.page("institution")
    own.goto(f"{office.url}/my/repair/?about={listing}")
    own.locator(f'input[name="about"][value="{listing}"]').check()
    press(own, own.get_by_role("button", name="下一步"))
    own.locator("#proof").fill("罚款已经缴清，抽逃的资金已经全部退回")
    press(own, own.get_by_role("button", name="下一步"))
    own.locator("#signer").fill("王建国")
    own.locator("#promised").check()
    press(own, own.get_by_role("button", name="下一步"))
    sound(own)
    own.get_by_role("button", name="提交信用修复申请").click()
    own.wait_for_url("**/my/receipts/*/")
    with reading(office.register) as session:
        (matter,) = queries.matters(session, kinds=("repair",), institution=office.own)
    office.step("inspector", matter.id, "accept")
    office.step("head", matter.id, "grant", document_no="甬教修〔2026〕1号", reason="已经履行")


def entry_of(folder: Path, institution: str) -> dict[str, Any]:
    for line in (folder / "entries.jsonl").read_bytes().splitlines():
        found: dict[str, Any] = json.loads(line)
        if found["institution"] == institution:
            return found
    raise AssertionError(institution)


def test_an_objection_upheld_undoes_the_record_and_names_the_editions_it_made_wrong(
    office: Office, settings: Settings
) -> None:
    page, before = office.page("inspector"), score_of(office.record())
    page.goto(f"{office.url}/desk/visits/new?institution={office.own}")
    before_last = office.today.replace(day=1) - timedelta(days=1)
    last = (before_last.replace(day=1) - timedelta(days=5)).isoformat()
    fill(page, {"seen_on": last, "second_officer": "陈露"})
    mark(page, "XF-1", "不符合")
    page.locator("#statement-XF-1").fill("二楼通道堆放课桌")
    page.get_by_label("机构在场人已经签字").check()
    page.get_by_role("button", name="保存并送出").click()
    page.wait_for_url("**/desk/visits/JC*/")
    sound(page)
    with reading(office.register) as session:
        found = queries.matters(session, kinds=("finding",), institution=office.own)
    (matter,) = [one.id for one in found if one.state == "discovered"]
    office.step("inspector", matter, "hear", on=last, reason="没有异议")
    office.step("reviewer", matter, "confirm", on=last)
    _, folder = released(settings, -1)
    assert matter in {one["record"] for one in entry_of(folder, office.own)["rating"]["reasons"]}

    own = office.page("institution")
    own.goto(f"{office.url}/my/matters/{matter}/objection/")
    own.locator("#text").fill("检查的不是本机构")
    own.get_by_role("button", name="提交异议").click()
    own.wait_for_url("**/my/receipts/*/")
    own.goto(f"{office.url}/my/")
    expect(own.locator("main")).to_contain_text("异议中")
    sound(own)
    with reading(office.register) as session:
        (objection,) = queries.matters(session, kinds=("objection",), institution=office.own)
    office.step("inspector", objection.id, "accept")
    office.step("head", objection.id, "uphold", reason="查的是隔壁的机构")
    if office.state(objection.id) != "undone":
        office.step(
            "head", objection.id, "undo", document_no="甬教撤〔2026〕1号", reason="认定有误"
        )
    assert office.state(matter) == "annulled"
    assert score_of(office.record()) == before
    wrong = command(settings, "recheck", office.own, status=1)
    assert folder.name in wrong
    with reading(office.register) as session:
        (owed,) = queries.matters(session, kinds=("withdrawal",), institution=office.own)
    assert owed.open
    assert owed.due_on is not None
    assert owed.due_on <= office.today + timedelta(days=14)  # three working days, holidays apart
    _, later = released(settings, 1)
    records = {one["record"] for one in entry_of(later, office.own)["rating"]["reasons"]}
    assert matter not in records
    # The edition that printed it prints it still, until it is withdrawn there.
    assert office.state(owed.id) == "owing"
    paper = ("--reason", "认定有误", "--document", "甬教撤〔2026〕1号")
    command(settings, "withdraw", office.own, *paper, "--by", "publisher")
    assert office.state(owed.id) == "recalled"
