"""Contacts and the staff display on their whole way: typed by the institution, compared by the office, released,
read by the public, gone with who leaves, and gone without a trace with a withdrawn entry."""

import re
import time
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from sqlalchemy import Engine

from config.demo.build import _issue
from config.register import open_register
from config.settings import Settings
from publisher.edition import read_edition
from publisher.verify import verify
from tests.conftest import demo_city, served
from tests.flows.portal_city import Browsers
from tests.flows.publishing_city import without_papers

CERTIFICATE = "20183302032000123"
TEACHER = {
    "name": "邬独一无二",
    "post": "教师",
    "subject": "美术",
    "qualification": "小学美术",
    "certificate": CERTIFICATE,
    "since": "2026-10-05",
}
HOSTILE = (
    '<img src=x onerror="alert(1)">',
    "=HYPERLINK(1)",
    "'; DROP TABLE staff;--",
    "ﷺ 田中さん 😍",
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("own")
    with without_papers(), demo_city(request, folder, 7, 12, "2026-10") as made:
        yield made


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    made = open_register(settings)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def browser(settings: Settings) -> Iterator[Browsers]:
    environ = {"XINYONG_DATA": str(settings.data), "XINYONG_DATABASE": settings.database}
    with served("--no-schedule", **environ) as url:
        made = Browsers(url)
        with made.stack:
            yield made


def approved(own: httpx.Client, reviewer: httpx.Client, kind: str, data: dict[str, str]) -> str:
    """Asks for a change and has it approved; gives what the office saw before it did."""
    asked = own.post(f"/my/data/{kind}/", data=data)
    assert asked.status_code == 200, asked.text
    board = reviewer.get("/desk/changes/").text
    (matter,) = re.findall(r'id="h-(BG[\d-]+)"', board)
    assert reviewer.post(f"/desk/changes/{matter}/apply", data={}).status_code == 200
    return unescape(board)


def row_of(own: httpx.Client, kind: str, said: str) -> str:
    page = unescape(own.get("/my/data/").text)
    (part,) = [one for one in page.split('<div class="reason">') if f"<dd>{said}</dd>" in one]
    return str(re.findall(rf"/my/data/{kind}/\?row=(\d+)", part)[0])


def own_id(own: httpx.Client) -> str:
    found = re.search(r'class="code">(NB[^<]+)<', own.get("/my/data/").text)
    assert found
    return found[1]


def verified(settings: Settings, name: str) -> None:
    found = verify(settings.editions / name, settings.keys / "bureau.pub")
    assert found.problems == ()


def test_what_an_institution_shows_goes_its_whole_way(
    browser: Browsers, settings: Settings, engine: Engine
) -> None:
    own, reviewer, public = browser("institution"), browser("reviewer"), browser()
    id = own_id(own)
    wrong = own.post("/my/data/contact/", data={"kind": "consult", "text": "13800001111"})
    assert wrong.status_code == 422
    assert "手机号属于个人信息" in wrong.text
    assert 'value="13800001111"' in wrong.text
    wrong = own.post("/my/data/staff/", data={**TEACHER, "certificate": "330203198001010018"})
    assert wrong.status_code == 422
    assert "不要填身份证号" in wrong.text
    telephone = {"kind": "consult", "text": "（0574）8199 0001", "public": "yes"}
    seen = approved(own, reviewer, "contact", telephone)
    assert "0574-81990001" in seen
    approved(own, reviewer, "contact", {"kind": "phone", "text": "13800001111"})
    site = {"kind": "website", "text": "https://yong.example/?a=1&b=2", "public": "yes"}
    approved(own, reviewer, "contact", site)
    assert CERTIFICATE in approved(own, reviewer, "staff", TEACHER)
    for one in HOSTILE:
        approved(own, reviewer, "staff", {"name": one, "post": one, "since": "2026-10-05"})
    before = (settings.editions / "2026-10/entries.jsonl").read_bytes()
    _issue(engine, settings, "2026-11", papers=False)
    verified(settings, "2026-11")
    page = public.get(f"/i/{id}/").text
    text = unescape(page)
    for said in ("0574-81990001", "2018*********0123", TEACHER["name"], "小学美术", *HOSTILE):
        assert said in text
    assert 'href="tel:057481990001"' in page
    assert 'href="https://yong.example/?a=1&amp;b=2" rel="nofollow noopener external"' in page
    assert "<img src=x" not in page
    for secret in ("13800001111", CERTIFICATE):
        assert secret not in text
    entry = public.get(f"/api/v1/institutions/{id}").json()["entry"]
    assert {"kind": "consult", "text": "0574-81990001"} in entry["contacts"]
    assert entry["staff"][-len(HOSTILE) - 1]["certificate"] == "2018*********0123"
    past = unescape(public.get(f"/i/{id}/", params={"as_of": "2026-10-20"}).text)
    assert TEACHER["name"] not in past
    assert (settings.editions / "2026-10/entries.jsonl").read_bytes() == before
    csv = (settings.editions / "2026-11/list.csv").read_text("utf-8-sig")
    assert "0574-81990001" in csv


def test_a_cover_is_approved_only_by_whoever_says_to_have_seen_the_policy(
    browser: Browsers,
) -> None:
    own, reviewer = browser("institution"), browser("reviewer")
    cover = {
        "cover_class": "premises",
        "insurer": "人保",
        "policy_no": "PICC-2026-7788",
        "sum_fen": "1000000",
        "since": "2026-10-01",
        "until": "2027-09-30",
    }
    assert own.post("/my/data/cover/", data=cover).status_code == 200
    board = reviewer.get("/desk/changes/").text
    (matter,) = re.findall(r'id="h-(BG[\d-]+)"', board)
    assert f'id="policy_checked-{matter}"' in board
    refused = reviewer.post(f"/desk/changes/{matter}/apply", data={})
    assert refused.status_code == 422
    assert "请先对照保单核对：保费已缴" in unescape(refused.text)
    assert '<a href="#policy_checked">' in refused.text
    assert 'id="policy_checked"' in refused.text
    assert "<dd>PICC-2026-7788</dd>" not in own.get("/my/data/").text
    ticked = reviewer.post(f"/desk/changes/{matter}/apply", data={"policy_checked": "yes"})
    assert ticked.status_code == 200
    assert "<dd>PICC-2026-7788</dd>" in own.get("/my/data/").text


def test_whoever_leaves_is_not_in_the_next_edition(
    browser: Browsers, settings: Settings, engine: Engine
) -> None:
    own, reviewer, public = browser("institution"), browser("reviewer"), browser()
    id = own_id(own)
    row = row_of(own, "staff", TEACHER["name"])
    left = {**TEACHER, "row": row, "until": "2026-11-15", "reason": "离职"}
    seen = approved(own, reviewer, "staff", left)
    assert "2026-11-15" in seen
    assert "已改" in seen
    _issue(engine, settings, "2026-12", papers=False)
    verified(settings, "2026-12")
    page = unescape(public.get(f"/i/{id}/").text)
    assert TEACHER["name"] not in page
    assert HOSTILE[0] in page
    assert TEACHER["name"] in unescape(public.get(f"/i/{id}/?as_of=2026-11-20").text)


def test_a_withdrawn_entry_takes_them_out_of_every_file(
    settings: Settings, browser: Browsers
) -> None:
    newest = read_edition(settings.editions / "2026-12")
    entry = next(one for one in newest.entries if _has(one.staff))
    names = ("2026-11", "2026-12")
    publisher, signer = browser("publisher"), browser("signer")
    asked = {"institution": entry.institution, "reason": "决定撤销", "organ": "宁波市教育局"}
    asked |= {"document_no": "甬教〔2026〕1号"} | {f"edition-{one}": "1" for one in names}
    page = publisher.post("/desk/withdrawals/", data=asked).url.path
    seen = signer.get(page).text.partition('name="seen" value="')[2][:64]
    assert signer.post(f"{page}confirm", data={"seen": seen, "checked": "1"}).status_code == 200
    for _ in range(600):
        if publisher.get(f"{page}progress.json").json()["state"] == "done":
            break
        time.sleep(0.1)
    secrets = ("81990001", "yong.example", TEACHER["name"], "DROP TABLE staff")
    for name in names:
        verified(settings, name)
        for file in (settings.editions / name).rglob("*"):
            raw = file.read_bytes() if file.is_file() else b""
            assert not [one for one in secrets if one.encode() in raw], file


def _has(staff: object) -> bool:
    return any(one.name == HOSTILE[0] for one in staff or ())  # type: ignore[attr-defined]
