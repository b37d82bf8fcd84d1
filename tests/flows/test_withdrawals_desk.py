"""Withdrawals at the desk over HTTP: owed, asked for, seen, agreed to by another, carried out, once."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pyotp
import pytest
import uvicorn

from config import app, steady
from config.key_files import vault_of
from config.recalls import Recalls, carry_waiting
from config.settings import DEMO_MARK, load_settings
from publisher.edition import is_withdrawn, read_edition
from registry import queries
from registry.access import Actor
from registry.accounts import account_row, second
from registry.database import reading, writing
from tests.flows.past_city import ANNULLED, BEFORE, PRINTED, Office, office
from tests.flows.small_city import PASSWORD, account
from tests.flows.withdrawals import checked, shows

__all__ = ["office"]
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated inferred style")
SHOWN = PRINTED[:2]
PAPER, ORGAN = "甬政复〔2027〕1号", "宁波市人民政府"
REASON = "原处罚决定已被依法撤销"
KEEPER = Actor(account="keeper", role="administrator", name="登记员")
PROGRAM = {"Accept": "application/json"}


class Then(datetime):
    """The clock of the desk stands at the day of the annulment."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return ANNULLED.astimezone(tz)


OPEN: list[httpx.Client] = []


class Desk:
    """A browser, signed in."""

    def __init__(self, url: str, who: str) -> None:
        self.client = httpx.Client(base_url=url, headers={"Accept": "text/html"}, timeout=60)
        OPEN.append(self.client)
        answer = self.client.post("/sign-in", data={"account": who, "password": PASSWORD})
        assert answer.status_code in (200, 303), answer.text

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, path: str, status: int = 303, **data: str) -> httpx.Response:
        answer = self.client.post(path, data=data)
        assert answer.status_code == status, answer.text
        return answer

    def ask(self, institution: str, *editions: str, status: int = 303, **said: str) -> str:
        """Asks for a withdrawal; gives where its page is, or the page that came back."""
        form = {"institution": institution, "reason": REASON, "document_no": PAPER, "organ": ORGAN}
        ticks = {f"edition-{one}": "1" for one in editions}
        answer = self.post("/desk/withdrawals/", status, **(form | ticks | said))
        return f"/{answer.headers['location'].lstrip('./')}" if status == 303 else answer.text

    def agree(self, path: str, status: int = 303, **said: str) -> str:
        """Agrees to what the page shows."""
        seen = self.get(path).partition('name="seen" value="')[2][:64]
        return self.post(f"{path}confirm", status, seen=seen, checked="1", **said).text

    def finished(self, path: str) -> dict[str, Any]:
        """How far it is once it goes no further."""
        for _ in range(600):
            told: dict[str, Any] = self.client.get(f"{path}progress.json", headers=PROGRAM).json()
            if told["state"] != "confirmed" or told["note"]:
                return told
            time.sleep(0.1)
        raise AssertionError(told)


@contextmanager
def desk(office: Office) -> Iterator[str]:
    """The city's desk, served on the day of the annulment."""
    environ = {"XINYONG_DATA": str(office.settings.data)}
    settings = load_settings(None, environ | {"XINYONG_DATABASE": office.settings.database})
    with writing(office.engine) as session:
        for who, role in (
            ("publisher", "publisher"),
            ("signer", "publisher"),
            ("boss", "head"),
            ("auditor", "auditor"),
        ):
            account(session, ANNULLED, who, role=role)
    with pytest.MonkeyPatch.context() as patch:
        for one in (app, steady):
            patch.setattr(one, "datetime", Then)
        made = app.settings_app(settings, schedule=False)
        server = uvicorn.Server(uvicorn.Config(made, port=0, log_config=None, lifespan="on"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            while OPEN:
                OPEN.pop().close()
            server.should_exit = True
            for one in (thread, *threading.enumerate()):
                if one is thread or one.name == "withdrawals":
                    one.join()
            made.state.office.engine.dispose()


@pytest.fixture
def url(office: Office) -> Iterator[str]:
    (office.settings.data / DEMO_MARK).write_text("test")
    office.release(BEFORE, *SHOWN)
    office.annul()
    with desk(office) as found:
        yield found


def acts_of(office: Office) -> list[str]:
    with reading(office.engine) as session:
        entries = queries.ledger_entries(session, limit=200)
    return [one.act for one in entries if "_withdraw" in one.act or one.act == "withdraw_entry"][
        ::-1
    ]


def test_what_is_owed_is_withdrawn_by_its_owner_once_it_was_undone_by_another(
    office: Office, url: str
) -> None:
    publisher = Desk(url, "publisher")
    listed = publisher.get("/desk/withdrawals/")
    assert "应当撤回" in listed
    assert "2027-01-26" in listed  # three working days after the 21st
    form = publisher.get(f"/desk/withdrawals/new?institution={office.punished}")
    assert form.count("已撤销</b>") == len(SHOWN)
    assert form.count("checked><span>撤回") == len(SHOWN)
    path = publisher.ask(office.punished, *SHOWN)
    assert publisher.ask(office.punished, *SHOWN) == path  # a double click
    sheet = publisher.get(path)
    assert f"2027年1月21日撤回。{REASON}。" in sheet.replace("\u2009", "")
    assert "entries.jsonl" in sheet
    assert "赵局长" in sheet or "zhao" in sheet
    assert "有变动" in publisher.post(f"{path}confirm", 422, seen="0" * 64, checked="1").text
    seen = sheet.partition('name="seen" value="')[2][:64]
    assert "打钩" in publisher.post(f"{path}confirm", 422, seen=seen).text
    assert all(shows(office, name) for name in SHOWN)
    publisher.agree(path)
    publisher.post(f"{path}confirm", seen=seen, checked="1")  # a double click
    told = publisher.finished(path)
    assert (told["state"], told["editions"]) == ("done", dict.fromkeys(SHOWN, False))
    for name in SHOWN:
        assert checked(office, name).problems == ()
        assert not shows(office, name)
    (grave,) = filter(is_withdrawn, read_edition(office.settings.editions / SHOWN[0]).lines)
    assert REASON.encode() in grave
    assert acts_of(office) == [
        "ask_withdrawal",
        "confirm_withdrawal",
        "withdraw_entry",
        "withdraw_entry",
        "finish_withdrawal",
    ]
    with reading(office.engine) as session:
        assert not queries.matters(session, kinds=("withdrawal",), open_only=True)
    assert "都已撤下" in publisher.get(path)
    assert "没有应当撤回" in publisher.get("/desk/withdrawals/")


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_every_mistake_of_a_request_is_named_at_once(office: Office, url: str) -> None:
    publisher = Desk(url, "publisher")
    wrong = {"reason": "", "own_reason": "家长13805741234反映", "document_no": "", "organ": ""}
    page = publisher.ask(office.punished, "2020-01", status=422, **wrong)
    for said in ("有 4 处要改", "手机号码（13**********）", "“文号”", "“2020-01”", "机关"):
        assert said in page
    assert page.count("13805741234") == 1  # in the field it was typed into
    sheet = {"institution": office.punished, "edition-2020-01": "1", **wrong}
    answer = publisher.client.post("/desk/withdrawals/", data=sheet, headers=PROGRAM)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    told = {one["field"]: one for one in answer.json()["errors"]}
    assert set(told) == {"reason", "document_no", "organ", "editions"}
    assert "13805741234" not in answer.text
    offence = queries_title(office)
    page = publisher.ask(office.punished, *SHOWN, status=422, own_reason=f"{offence}不成立")
    assert "不写原来的违法事实" in page
    assert "没有这个编号" in publisher.ask("NB-0000-0", *SHOWN, status=422)
    assert acts_of(office) == []


def queries_title(office: Office) -> str:
    """The title of what the punished institution was punished for."""
    found = Recalls(office.settings, office.engine, lambda: ANNULLED).printed(
        office.punished, ANNULLED
    )
    return found[0].records[0].title


def test_what_nobody_undid_is_taken_back_by_two(office: Office, url: str) -> None:
    publisher, signer = Desk(url, "publisher"), Desk(url, "signer")
    auditor = Desk(url, "auditor")
    path = publisher.ask(office.other, BEFORE, reason="登记有误，原记录已更正")
    assert "要由另一人同意" in publisher.get(path)
    assert "不能由您同意" in publisher.agree(path, 422)
    assert "不能同意" in auditor.get(path)
    auditor.post(f"{path}confirm", 403)
    other = publisher.ask(office.other, SHOWN[0], status=409)
    assert "等人同意" in other
    assert acts_of(office) == ["ask_withdrawal"]
    signer.post(f"{path}decline", 422)
    signer.post(f"{path}decline", reason="没有依据")
    assert "没有依据" in publisher.get(path)
    signer.post(f"{path}confirm", 409, seen="", checked="1")
    path = publisher.ask(office.other, BEFORE, reason="登记有误，原记录已更正")
    Desk(url, "boss").agree(path)
    assert publisher.finished(path)["state"] == "done"
    gone = read_edition(office.settings.editions / BEFORE)
    assert office.other not in {one.institution for one in gone.entries}
    assert office.other in {
        one.institution for one in read_edition(office.settings.editions / SHOWN[0]).entries
    }


def test_what_a_crash_or_a_harmed_folder_left_is_named_and_finished(
    office: Office, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Desk(url, "publisher")
    path = publisher.ask(office.punished, *SHOWN)
    harmed = office.settings.editions / SHOWN[1] / "policy.toml"
    whole = harmed.read_bytes()
    harmed.write_bytes(whole + b"\n")
    monkeypatch.setattr(Recalls, "_work", lambda _: None)  # the process died at once
    publisher.agree(path)
    page = publisher.get(path)
    assert page.count("还列着") == 2
    assert "接着办" in page
    monkeypatch.undo()
    publisher.post(f"{path}confirm")
    told = publisher.finished(path)
    assert told["state"] == "confirmed"
    assert "policy.toml 被改动" in told["note"]
    assert told["editions"] == {SHOWN[0]: False, SHOWN[1]: True}
    assert "policy.toml" in publisher.get(path)
    harmed.write_bytes(whole)
    carry_waiting(office.engine, office.settings, ANNULLED)  # as each minute of the clock
    assert publisher.finished(path)["state"] == "done"
    assert not any(shows(office, name) for name in SHOWN)
    assert acts_of(office).count("finish_withdrawal") == 1


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_a_real_city_asks_for_the_code_once_more(office: Office) -> None:
    office.release(BEFORE, *SHOWN)
    office.annul()
    secret = pyotp.random_base32()
    codes = pyotp.TOTP(secret)
    with desk(office) as url:
        with writing(office.engine) as session:
            row = account_row(session, "publisher")
            vault = vault_of(office.settings, office.engine)
            second.enrol(session, row, secret, 0, vault, by=KEEPER, now=ANNULLED)
        publisher = Desk(url, "publisher")
        publisher.post("/sign-in/second", otp=codes.at(ANNULLED - timedelta(seconds=30)))
        path = publisher.ask(office.punished, *SHOWN)
        assert "动态口令" in publisher.get(path)
        publisher.agree(path, 422, otp="000000")
        assert all(shows(office, name) for name in SHOWN)
        publisher.agree(path, otp=codes.at(ANNULLED))
        told = publisher.finished(path)
        assert (told["state"], told["note"]) == ("done", "")
