"""An inspector records a finding, a reviewer confirms it, the institution sees it, and it counts."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from html import unescape
from pathlib import Path

import httpx
import pytest

from config import month
from config.demo.build import PASSWORD
from config.register import open_register
from config.settings import Settings
from registry import acts, queries
from registry.database import reading, writing
from registry.forms import InspectionSheet
from tests.conftest import demo_city, served
from tests.registry import people as p

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A demo city of its own on each engine, for these tests change it."""
    folder = tmp_path_factory.mktemp("desk")
    with demo_city(request, folder, 5, 60, "2026-11") as made:
        yield made


@pytest.fixture(scope="module")
def url(settings: Settings) -> Iterator[str]:
    environ = {"XINYONG_DATA": str(settings.data), "XINYONG_DATABASE": settings.database}
    with served("--no-schedule", **environ) as address:
        yield address


class Browsers:
    """Browsers of their own, each signed in as one person, all closed at the end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stack = ExitStack()

    def __call__(self, account: str = "") -> httpx.Client:
        made = httpx.Client(base_url=self.url, headers=HTML, follow_redirects=True)
        self.stack.enter_context(made)
        if account:
            answer = made.post("/sign-in", data={"account": account, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
        return made


@pytest.fixture
def browser(url: str) -> Iterator[Browsers]:
    made = Browsers(url)
    with made.stack:
        yield made


def rated(settings: Settings) -> tuple[str, str]:
    """An institution that has a grade today, and the institution account's own."""
    engine = open_register(settings)
    with reading(engine) as session:
        lines = queries.institutions(session, datetime.now(settings.zone).date(), limit=60)
    engine.dispose()
    active = [one for one in lines if one.status == "active"]
    visited(settings, active[0].id)
    return active[0].id, active[1].id


def visited(settings: Settings, id: str) -> None:
    """An inspector was there today, so that the institution has a grade in whatever year this runs."""
    engine = open_register(settings)
    now = datetime.now(settings.zone)
    sheet = InspectionSheet(
        key=f"today:{id}",
        institution=id,
        kind="日常检查",
        on=now.date(),
        first_officer="甲",
        second_officer="乙",
    )
    with writing(engine) as session:
        by = acts.Actor(account="system", role="inspector")
        acts.record_inspection(session, sheet, by=by, now=now)
    engine.dispose()


def sheet(client: httpx.Client, institution: str, **more: str) -> dict[str, str]:
    text = client.get(f"/desk/visits/new?institution={institution}").text
    key = re.search(r'name="key" value="([^"]+)"', text)
    day = re.search(r'name="seen_on" type="date" value="([^"]+)"', text)
    assert key
    assert day
    filled = {
        "institution": institution,
        "key": key[1],
        "seen_on": day[1],
        "kind": "双随机检查",
        "first_officer": "周敏",
        "second_officer": "陈露",
        "code-x1": "S01",
        "extent-x1": "1",
        "statement-x1": "二楼疏散通道堆放课桌",
        "signed": "yes",
        "another": "yes",  # the tests of a day visit the same place
        "act": "save",
    }
    return filled | more


def test_a_finding_goes_from_the_desk_into_the_next_edition_and_onto_its_page(
    browser: Browsers, settings: Settings
) -> None:
    id, _ = rated(settings)
    now = datetime.now(settings.zone)
    period = f"{now.year + now.month // 12}-{now.month % 12 + 1:02d}"
    engine = open_register(settings)
    before = {one.institution: one for one in month.frozen(engine, settings, period).entries}[id]

    inspector = browser("inspector")
    form = sheet(inspector, id)
    preview = inspector.post("/desk/visits", data=form | {"act": "preview"})
    assert "陈述申辩、确认后才计分" in preview.text
    saved = inspector.post("/desk/visits", data=form)
    again = inspector.post("/desk/visits", data=form)
    assert saved.url == again.url  # sent twice, recorded once
    matter = re.findall(r"desk/matters/(WT[\d-]+)/", saved.text)[0]
    saved = inspector.get(f"/desk/matters/{matter}/")
    assert "确认" not in re.findall(r"<h2 id=\"a-\w+\">(.+?)</h2>", saved.text)
    steps = f"/desk/matters/{matter}"
    day = {"on": form["seen_on"]}
    empty = inspector.post(f"{steps}/hear", data=day)
    assert empty.status_code == 422
    assert "理由" in empty.text
    inspector.post(f"{steps}/hear", data=day | {"reason": "在场人称已通知清理"})
    assert inspector.post(f"{steps}/confirm", data=day).status_code == 403
    reviewer = browser("reviewer")
    confirmed = reviewer.post(f"{steps}/confirm", data=day)
    assert confirmed.status_code == 200
    assert "已确认" in confirmed.text

    after = {one.institution: one for one in month.frozen(engine, settings, period).entries}[id]
    assert before.rating.score is not None
    assert after.rating.score == before.rating.score - 5
    month.prepare_month(engine, settings, period, by="publisher", now=now)
    month.approve_month(
        engine, settings, period, by="signer", now=now, unheard="一个月的变动，来不及逐家听取"
    )
    month.release_month(engine, settings, period, by="publisher", now=now)
    engine.dispose()
    text = browser().get(f"/i/{id}/").text
    assert "二楼疏散通道堆放课桌" in text
    assert matter not in before.rating.reasons
    assert any(one.record == matter for one in after.rating.reasons)


def test_every_wrong_field_is_named_at_once_and_nothing_typed_is_lost(
    browser: Browsers, settings: Settings
) -> None:
    inspector = browser("inspector")
    form = sheet(
        inspector, rated(settings)[0], **{"code-x1": "", "second_officer": "", "extent-x1": "0"}
    )
    answer = inspector.post("/desk/visits", data=form)
    assert answer.status_code == 422
    for field in ("code-x1", "second_officer", "extent-x1"):
        assert f'id="e-{field}"' in answer.text
    assert "二楼疏散通道堆放课桌" in answer.text
    program = inspector.post(
        "/desk/visits", data=form | {"institution": "NB-0000-0"}, headers={"Accept": "*/*"}
    )
    assert program.headers["Content-Type"].startswith("application/problem+json")


def test_what_was_typed_survives_the_end_of_a_session(
    browser: Browsers, settings: Settings
) -> None:
    inspector = browser("inspector")
    form = sheet(inspector, rated(settings)[0], **{"statement-x1": "会话中断前写下的"})
    inspector.cookies.clear()
    asked = inspector.post("/desk/visits", data=form)
    assert asked.status_code == 401
    assert "您填的内容还在" in asked.text
    kept = re.search(r'name="kept" value="([^"]*)"', asked.text)
    path = re.search(r'name="path" value="([^"]*)"', asked.text)
    assert kept
    assert path
    back = {"kept": unescape(kept[1]), "path": unescape(path[1])}
    words = {"account": "inspector", "password": PASSWORD}
    going_on = inspector.post("/sign-in", data=words | back)
    assert "会话中断前写下的" in going_on.text
    assert inspector.post("/desk/visits", data=form).status_code == 200


def test_an_institution_sees_its_own_rating_with_reasons_and_no_others(
    browser: Browsers, settings: Settings
) -> None:
    own = browser("institution")
    text = own.get("/my/").text
    engine = open_register(settings)
    now = datetime.now(settings.zone)
    with reading(engine) as session:
        from registry.accounts import accounts

        person = next(one for one in accounts(session, now) if one.account == "institution")
        file = queries.credit_file(session, person.institution, now.date())
    engine.dispose()
    assert file.name in text
    assert "没有记录，不扣分" in text
    boxes = re.findall(r'name="do" value="([^"]+)"', text)
    if boxes:
        again = own.get("/my/", params={"do": boxes}).text
        assert "勾选的都做到" in again
        assert again.count("checked") == len(boxes)
    assert own.get("/desk/").status_code == 403
    assert own.get(f"/desk/i/{file.institution}/").status_code == 403
    assert browser("inspector").get("/my/").status_code == 403


def test_nobody_gets_in_without_a_password_and_another_site_posts_nothing(
    browser: Browsers, settings: Settings
) -> None:
    stranger = browser()
    for path in ("/desk/", "/my/", "/desk/institutions/", "/desk/matters/WT1/"):
        answer = stranger.get(path)
        assert answer.status_code == 401
        assert 'name="password"' in answer.text
    wrong = stranger.post("/sign-in", data={"account": "inspector", "password": "wrong-password"})
    assert wrong.status_code == 403
    assert "账户名或密码不对" in wrong.text
    inspector = browser("inspector")
    form = sheet(inspector, rated(settings)[0])
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        assert inspector.post("/desk/visits", data=form, headers=headers).status_code == 403
    inspector.post("/sign-out")
    assert inspector.get("/desk/").status_code == 401


def test_a_path_to_another_site_is_not_followed_after_signing_in(url: str) -> None:
    words = {"account": "inspector", "password": PASSWORD}
    for path in ("https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example"):
        answer = httpx.post(f"{url}/sign-in", data=words | {"path": path}, headers=HTML)
        assert answer.status_code == 303
        assert "elsewhere" not in answer.headers["Location"]


def test_the_file_of_the_register_is_out_of_reach(browser: Browsers, settings: Settings) -> None:
    file = Path(settings.database.removeprefix("sqlite:///"))
    assert file.exists() or settings.schema
    assert browser().get("/register.db").status_code == 404


def test_what_the_policy_would_have_listed_is_offered_until_a_case_is_open(
    browser: Browsers, settings: Settings
) -> None:
    engine = open_register(settings)
    with writing(engine) as session:
        fault = {"code": "F05", "seen_on": "2026-03-02", "statement": "卷款后停止办学"}
        id = p.institution(session, name="宁波市海曙区停办培训学校")
        finding = p.finding(session, id, **fault)
        p.step(session, finding, "hear", p.WANG, "2026-03-05", reason="未提出陈述申辩")
        p.step(session, finding, "confirm", p.LI, "2026-03-10", reason="属实")
        decision = p.penalty(session, id, finding)
    engine.dispose()
    visited(settings, id)
    inspector, page = browser("inspector"), f"/desk/i/{id}/"
    offered = inspector.get(page).text
    assert "按办法可以提出列入黑名单。" in offered
    assert "提出列入</a>" not in browser("head").get(page).text  # who decides does not propose
    link = unescape(re.findall(r'href="[./]*(desk/open/listing/[^"]+)"', offered)[-1])
    form = inspector.get(f"/{link}").text
    assert f'name="decision" value="{decision}"' in form.replace('type="text" ', "")
    assert '<option value="black" selected>' in form
    sheet = {"institution": id, "on": "2026-11-20", "list": "black", "decision": decision}
    sheet |= {
        "ground": "卷款跑路",
        "statement": "经决定处罚",
        "article": "第十七条",
        "months": "12",
    }
    opened = inspector.post("/desk/open/listing", data=sheet)
    assert "/desk/matters/" in str(opened.url), opened.text
    assert "要研究是否列入名单" not in inspector.get(page).text
