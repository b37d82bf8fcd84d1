"""At the door of somebody the lists do not hold: from the search that finds nothing to the office and back."""

import html
import re
import time
from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest

from config.demo.build import PASSWORD
from config.register import open_register
from config.settings import Settings
from registry import acts, queries
from registry.accounts import create_account
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import AccountForm
from registry.procedure import KINDS
from tests.flows.test_complaints import HTML, open_city, wrong
from tests.flows.test_desk import Browsers
from tests.flows.test_site import entries

__all__ = ["open_city"]
SIGN = "天天向上<b>托管"
DOOR = {
    "jurisdiction": "330203",
    "address": "海曙区孙家巷 8 号二楼",
    "text": "收了二十个孩子，没有证照",
}


@pytest.fixture
def browser(open_city: tuple[Settings, str]) -> Iterator[Browsers]:
    made = Browsers(open_city[1])
    with made.stack:
        yield made


def form(client: httpx.Client, **said: str) -> dict[str, str]:
    text = client.get("/report/unregistered/").text
    ticket = re.search(r'name="ticket" value="([^"]+)"', text)
    assert ticket
    return {"ticket": ticket[1], "website": "", "named": SIGN, "contact": "", **DOOR, **said}


@pytest.mark.parametrize(("query", "field"), [(SIGN, "named"), ("孙家巷无名弄88号", "address")])
def test_a_search_that_finds_nothing_leads_to_the_form_with_what_was_typed(
    open_city: tuple[Settings, str], query: str, field: str
) -> None:
    _, url = open_city
    with httpx.Client(base_url=url, headers=HTML) as client:
        found = client.get("/search/", params={"q": query}).text
        assert "登记库里没有这家" in found
        link = re.search(r'href="([^"]*report/unregistered/[^"]*)"', found)
        assert link
        page = client.get(f"/search/{html.unescape(link[1])}")
        box = re.search(rf'<input[^>]*name="{field}"[^>]*>', page.text)
        assert box
        assert f'value="{html.escape(query)}"' in box[0]


def test_a_report_reaches_the_district_and_who_it_is_is_found_out(
    open_city: tuple[Settings, str], browser: Browsers, demo: Settings
) -> None:
    settings, url = open_city
    with httpx.Client(base_url=url, headers=HTML) as client:
        filled = form(client, contact="13900000000")
        time.sleep(4.1)
        taken = client.post("/report/unregistered/", data=filled)
        assert taken.status_code == 201
        assert html.escape(SIGN) in taken.text
        number, secret = re.findall(r'<dd class="code">([^<]+)</dd>', taken.text)
        assert "已经提交过" in wrong(client.post("/report/unregistered/", data=filled))
        asked = client.post("/receipt/", data={"number": number, "secret": secret})
        assert "已登记，等待决定是否受理" in asked.text
    engine = open_register(settings)
    with reading(engine) as session:
        line = queries.matter(session, number).line
        local = next(
            one
            for one in entries(demo)
            if one.jurisdiction == "330203" and one.institution != line.institution
        ).institution
    engine.dispose()
    assert (line.institution, line.jurisdiction, line.state) == ("", "330203", "received")
    assert line.owner
    assert line.due_on is not None
    desk = browser("inspector")
    assert html.escape(SIGN) in desk.get(f"/desk/clocks/?kind={line.kind}").text
    page = desk.get(f"/desk/matters/{number}/?do=identify").text
    assert html.escape(DOOR["address"]) in page
    assert "13900000000" not in page
    link = re.search(r'href="[./]*(/desk/institutions/new\?[^"]+)"', page)
    assert link
    sheet = desk.get(html.unescape(link[1]))
    assert f'value="{html.escape(SIGN)}"' in sheet.text
    refused = desk.post(
        f"/desk/matters/{number}/identify", data={"institution": "NB-0000-0", "reason": "x"}
    )
    assert refused.status_code == 422
    assert "没有这个编号" in refused.text
    said = {"institution": local.lower(), "reason": "到现场看了执照"}
    known = desk.post(f"/desk/matters/{number}/identify", data=said)
    assert known.status_code == 200
    assert f"desk/i/{local}/" in known.text
    assert number in desk.get(f"/desk/i/{local}/").text


def neighbour(settings: Settings, browser: Browsers) -> httpx.Client:
    """An inspector of one other district, signed in."""
    sheet = {"id": "far", "name": "远", "password": PASSWORD, "role": "inspector"}
    form = read_form(AccountForm, {**sheet, "jurisdiction": "330225"})
    by = acts.Actor(account="system", role="administrator")
    engine = open_register(settings)
    with writing(engine) as session:
        create_account(session, form, by=by, now=datetime.now(settings.zone))
    engine.dispose()
    return browser("far")


def test_the_office_takes_one_in_by_telephone_too(
    open_city: tuple[Settings, str], browser: Browsers
) -> None:
    desk = browser("inspector")
    sheet = desk.get("/desk/open/complaint/", params={"named": SIGN})
    assert "没有登记的机构" in sheet.text
    said = {"named": SIGN, "on": "2026-11-20", "text": "电话举报", "channel": "电话"}
    refused = desk.post("/desk/open/complaint", data=said)
    assert refused.status_code == 422
    assert "请选择所在区域" in refused.text
    assert "电话举报" in refused.text
    opened = desk.post("/desk/open/complaint", data={**said, **DOOR, "text": "电话举报"})
    assert opened.status_code == 200
    assert KINDS["complaint"] in opened.text
    assert browser("reviewer").get("/desk/open/penalty/").status_code == 404
    place = str(opened.url.path)
    # Somebody of another district neither sees it nor takes one in for this one.
    abroad = neighbour(open_city[0], browser)
    assert abroad.get(place).status_code == 403
    assert abroad.post("/desk/open/complaint", data={**said, **DOOR}).status_code == 403
    far = {"jurisdiction": "330225", "address": "象山县丹城街道 1 号"}
    assert abroad.post("/desk/open/complaint", data={**said, **far}).status_code == 200


def test_every_mistake_is_told_at_once(open_city: tuple[Settings, str]) -> None:
    _, url = open_city
    with httpx.Client(base_url=url, headers=HTML) as client:
        bad = {"jurisdiction": "<x>", "address": "x", "text": "短", "named": "长" * 201}
        answer = client.post("/report/unregistered/", data=form(client, **bad))
        assert answer.status_code == 422
        told = wrong(answer)
        for one in ("请选择那个地址在哪个区域", "请写清地址", "至少十个字", "最多 200 个字"):
            assert one in told
        assert "长" * 201 in answer.text  # nothing typed is lost
        trapped = client.post("/report/unregistered/", data=form(client, website="http://x"))
        assert "请空着" in wrong(trapped)
        abroad = {"Origin": "https://evil.example"}
        assert (
            client.post("/report/unregistered/", data=form(client), headers=abroad).status_code
            == 403
        )


def test_a_node_without_the_register_says_whom_to_tell(site: str) -> None:
    answer = httpx.get(f"{site}/report/unregistered/?name={SIGN}", headers=HTML)
    assert "<form" not in answer.text.split("<main")[1]
    assert "宁波市海曙区教育局" in answer.text
    assert httpx.post(f"{site}/report/unregistered/", data=DOOR, headers=HTML).status_code == 404
