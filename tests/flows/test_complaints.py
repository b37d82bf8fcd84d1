"""A complaint from the public becomes a matter of the register, with a receipt, and no flood of them does."""

import re
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from litestar.datastructures import FormMultiDict

from config.register import open_register
from config.settings import Settings, demo_settings, load_settings
from publisher.site.complaints import Complaint, Counter, Receipt, typed_in
from registry import acts, queries
from registry.acts.owners import people_for
from registry.database import writing
from registry.forms import StepSheet
from tests.conftest import served
from tests.flows.test_site import entries

HTML = {"Accept": "text/html"}
TEXT = "交了三个月的钱，机构关门了，电话没有人接，要求退费。<script>"


@pytest.fixture(scope="module")
def open_city(
    demo: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, str]]:
    """A copy of the demo city, with its register, served."""
    data = tmp_path_factory.mktemp("complaints") / "var"
    shutil.copytree(demo.data, data, symlinks=True)
    settings = demo_settings(load_settings(None, {"XINYONG_DATA": str(data)}))
    with served("--no-schedule", XINYONG_DATA=str(data)) as url:
        yield settings, url


def form(client: httpx.Client, id: str) -> dict[str, str]:
    """The form as it is given out, filled in by somebody who takes their time."""
    text = client.get(f"/report/?i={id}").text
    ticket = re.search(r'name="ticket" value="([^"]+)"', text)
    assert ticket
    return {
        "ticket": ticket[1],
        "kind": "complaint",
        "institution": id,
        "text": TEXT,
        "website": "",
    }


def wrong(answer: httpx.Response) -> str:
    found = re.search(r'role="alert".*?</ul>', answer.text, re.DOTALL)
    return re.sub("<[^>]+>", "", found[0]) if found else ""


def test_a_complaint_is_a_matter_with_an_owner_a_clock_and_a_receipt(
    open_city: tuple[Settings, str], demo: Settings
) -> None:
    settings, url = open_city
    id = entries(demo)[0].institution
    with httpx.Client(base_url=url, headers=HTML) as client:
        # As a phone writes it, and with a line end as a word processor leaves it.
        filled = {**form(client, id), "contact": "13900000000"}
        filled |= {"institution": id.replace("-", "").lower(), "text": f"{TEXT}\x0b谢谢"}
        hasty = client.post("/report/", data=filled)
        assert hasty.status_code == 422
        assert "太快" in wrong(hasty)
        assert "要求退费" in hasty.text  # nothing typed is lost
        assert "<script>" not in hasty.text
        time.sleep(4.1)
        unseen = client.post("/report/", data={**filled, "text": f"{TEXT}\x01"})
        assert unseen.status_code == 422  # and the form is as good as before
        taken = client.post("/report/", data=filled)
        assert taken.status_code == 201
        assert taken.headers["Cache-Control"] == "no-store"
        number, secret = re.findall(r'<dd class="code">([^<]+)</dd>', taken.text)
        again = client.post("/report/", data=filled)
        assert "已经提交过" in wrong(again)
        asked = client.post("/receipt/", data={"number": number, "secret": secret})
        assert "已登记，等待决定是否受理" in asked.text
        for guess in (
            {"number": number, "secret": "TS2222222222"},
            {"number": "TS1", "secret": secret},
        ):
            refused = client.post("/receipt/", data=guess)
            assert refused.status_code == 404
            assert "查询码不对" in refused.text
    engine = open_register(settings)
    with writing(engine) as session:
        line = queries.matter(session, number).line
        assert (line.institution, line.kind, line.state) == (id, "complaint", "received")
        owners = people_for(session, id, ("inspector",), acts_now(settings))
        assert line.owner == owners[0]
        assert line.due_on is not None
        entries_of = queries.ledger_entries(session, institution=id, act="complaint.receive")
        assert not any("13900000000" in one.body or "退费" in one.body for one in entries_of)
        reviewer = acts.Actor(account="system", role="reviewer", name="审核", strong=True)
        step = StepSheet(
            on=acts_now(settings).date(), reason="属于市场监管部门", organ="市场监管局"
        )
        acts.take_step(session, number, "refer", step, by=reviewer, now=acts_now(settings))
    engine.dispose()
    answer = httpx.post(f"{url}/receipt/", data={"number": number, "secret": secret}, headers=HTML)
    assert "市场监管局 属于市场监管部门" in answer.text
    assert "已经办完" in answer.text


def acts_now(settings: Settings) -> datetime:
    return datetime.now(settings.zone)


def test_every_mistake_in_a_form_is_told_at_once_and_nothing_is_taken(
    open_city: tuple[Settings, str], demo: Settings
) -> None:
    _, url = open_city
    with httpx.Client(base_url=url, headers=HTML) as client:
        for changed, told in {
            (("institution", ""), ("text", "短")): ("机构编号", "至少十个字"),
            (("institution", "NB-0000-0"), ("kind", "bribe")): ("没有编号“NB-0000-0”", "请选一项"),
            (("contact", "9" * 201),): ("最多 200 个字",),
            (("website", "http://spam.example"),): ("请空着",),
            (("ticket", "1.2.3"),): ("表单不完整",),
            (("ticket", "99999999999999999999.x.y"),): ("表单不完整",),
        }.items():
            answer = client.post(
                "/report/", data={**form(client, entries(demo)[0].institution), **dict(changed)}
            )
            assert answer.status_code == 422
            for one in told:
                assert one in wrong(answer), changed


def test_a_node_without_the_register_says_where_to_turn(site: str, demo: Settings) -> None:
    id = entries(demo)[0].institution
    text = httpx.get(f"{site}/report/?i={id}", headers=HTML).text
    assert "<form" not in text.split("<main")[1]
    assert "宁波市海曙区教育局" in text
    assert httpx.post(f"{site}/report/", data={"text": TEXT}, headers=HTML).status_code == 404
    answer = httpx.post(f"{site}/receipt/", data={"number": "TS1", "secret": "x"}, headers=HTML)
    assert answer.status_code == 404
    assert "不接收投诉" in answer.text


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 26, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


def counter(clock: Hand, key: bytes = b"k") -> Counter:
    """A counter that only looks at tickets."""

    def take(complaint: Complaint) -> Receipt:
        return Receipt(number="", secret="", due_on=None)

    return Counter(take=take, course=lambda number, secret: None, now=clock, key=key)


def test_a_ticket_is_good_once_for_six_hours_and_only_with_its_signature() -> None:
    clock = Hand()
    first, other = counter(clock), counter(clock)
    start = clock.at
    ticket = first.ticket()
    for seconds, said in ((0, "太快"), (3.9, "太快"), (6 * 3600 + 1, "太久")):
        clock.at = start + timedelta(seconds=seconds)
        assert said in first.check(ticket)
    clock.at = start + timedelta(seconds=5)
    forged = ticket[:-1] + ("0" if ticket[-1] != "0" else "1")
    assert "不完整" in first.check(forged)
    assert first.check(ticket) == ""
    assert "已经提交过" in first.check(ticket)
    assert other.check(ticket) == ""  # another node of the same city takes it
    assert "不完整" in counter(clock, b"x").check(first.ticket())


def test_what_is_remembered_of_tickets_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.site.complaints.REMEMBERED", 10)
    clock = Hand()
    made = counter(clock)
    tickets = [made.ticket() for _ in range(50)]
    clock.at += timedelta(seconds=10)
    assert [made.check(one) for one in tickets] == [""] * 50
    assert len(made.used) == 10


def test_an_end_of_a_line_is_one_sign_however_it_is_sent() -> None:
    sent = FormMultiDict([("text", "第一行\r\n第二行\u2028第三行\n")])
    assert typed_in(sent, ("text",)) == {"text": "第一行\n第二行\n第三行"}
