"""A phone with no signal and the office behind it: a real browser against a real server that can be cut and killed."""

import contextlib
import io
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from os import environ as ENVIRON
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from sqlalchemy import Engine
from sqlalchemy import text as sql

from config.demo.build import PASSWORD
from config.register import open_register
from config.settings import Settings
from registry import queries
from registry.database import reading
from registry.ledger import check
from tests.browser.test_pages import QUIET, sound
from tests.conftest import demo_city

ROOT = Path(__file__).parents[2]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """A demo city of its own on each engine."""
    with demo_city(request, tmp_path / "data", 3, 12, "2026-11") as made:
        yield made


@pytest.fixture
def register(settings: Settings) -> Iterator[Engine]:
    engine = open_register(settings)
    yield engine
    engine.dispose()


class Server:
    """`xinyong serve` on one port, killed and started as often as a test likes."""

    def __init__(self, settings: Settings) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            **ENVIRON,
            "PYTHONPATH": str(ROOT),
            "XINYONG_DATA": str(settings.data),
            "XINYONG_DATABASE": settings.database,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = [sys.executable, "-m", "config", "serve", "--no-schedule", "--port", str(self.port)]
        self.process = subprocess.Popen(words, env=self.env, cwd=ROOT, stdout=subprocess.DEVNULL)
        for _ in range(300):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/sign-in")
                return
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    made = Server(settings)
    made.start()
    yield made
    made.kill()


class Phone:
    """A browser with a memory of its own that can be killed and started again."""

    def __init__(self, kind: Any, folder: Path) -> None:
        self.kind, self.folder = kind, folder
        self.context: BrowserContext | None = None

    def start(self, *, offline: bool = False) -> BrowserContext:
        self.stop()
        self.context = self.kind.launch_persistent_context(
            self.folder, executable_path="/usr/bin/chromium", args=QUIET, viewport=PHONE
        )
        self.context.set_offline(offline)
        return self.context

    def stop(self) -> None:
        if self.context:
            self.context.close()
            self.context = None


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Phone]:
    with sync_playwright() as playwright:
        made = Phone(playwright.chromium, tmp_path / "phone")
        yield made
        made.stop()


def photo(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (shade, 90, 40)).save(out, "JPEG")
    return out.getvalue()


def sign_in(page: Page, account: str = "inspector") -> None:
    page.get_by_label("账户名").fill(account)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def opened(context: BrowserContext, server: Server) -> Page:
    """The page, signed in and with everything taken along."""
    page = context.new_page()
    page.goto(f"{server.url}/desk/field/")
    sign_in(page)
    page.wait_for_url("**/desk/field/")
    expect(page.locator("#along")).to_contain_text("家机构的资料")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # from now on the worker answers
    sound(page)
    expect(page.locator("#along")).to_contain_text("家机构的资料")
    return page


def begin(page: Page, word: str, second: str = "陈露") -> None:
    page.get_by_label("名称、地址或者编号").fill(word)
    page.locator("#found button").first.click()
    page.get_by_label("检查人员二", exact=True).fill(second)


def mark(page: Page, item: str, answer: str) -> None:
    page.locator(f"#answer-{item} label", has_text=re.compile(f"^{answer}$")).click()


def saved(page: Page) -> None:
    page.get_by_label("机构在场人已经签字").check()
    page.get_by_role("button", name="保存并送出").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("外出检查")


def waiting(page: Page, many: int) -> None:
    expect(page.locator("#box > li")).to_have_count(many)


def sent(page: Page) -> None:
    expect(page.locator("#net")).to_have_text("已全部送出")


def recorded(register: Engine) -> list[queries.Visited]:
    """The visits from phones, each with what belongs to it; the ledger whole."""
    with reading(register) as session:
        assert check(session) == []
        rows = session.connection().execute(
            sql("SELECT id FROM inspection WHERE key LIKE '________-____-4%' ORDER BY id")
        )
        return [queries.visit(session, row.id) for row in rows.all()]


def institution(register: Engine) -> str:
    with reading(register) as session:
        lines = queries.institutions(session, datetime(2026, 11, 26).date())  # noqa: DTZ001
    return next(one.id for one in lines if one.status == "active")


def filled(page: Page, place: str) -> None:
    """A visit with a fault, its photo, and a signature drawn on the screen."""
    begin(page, place)
    mark(page, "XF-1", "不符合")
    page.locator("#statement-XF-1").fill("二楼通道堆放课桌 <b>&\"'")
    page.locator("#answer-XF-1 summary").click()
    page.locator("#files-XF-1").set_input_files(
        {"name": "通道.jpg", "mimeType": "image/jpeg", "buffer": photo(1)}
    )
    expect(page.locator("#answer-XF-1 .kept")).to_contain_text("通道.jpg")
    mark(page, "ZZ-1", "符合")
    pad = page.locator("[data-sign=sign-place] canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 80, steps=5)
    page.mouse.up()
    sound(page)
