"""Strings as hostile as they come, through every text field: kept as they are, and harmless."""

import json
import re
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from config.demo.build import build_demo
from config.settings import Settings, demo_settings, load_settings
from registry.forms.fields import _CONTROL
from tests.conftest import served
from tests.flows.portal_city import Browsers, Matters, fields, matters_of, seq_of

HOSTILE = Path(__file__).parents[1] / "data/hostile_strings.json"
LONG = 1500


def strings() -> Iterator[str]:
    for part in json.loads(HOSTILE.read_text("ascii")):
        for one in part["strings"]:
            # A browser can send no lone half of a pair.
            plain = one.encode("utf-8", "replace").decode()
            if plain.strip() and len(plain) <= LONG:
                yield plain


def kept_as(text: str) -> str:
    """What a form keeps of a text: the blanks at its ends are no part of it."""
    return text.strip().strip("\u3000\ufeff")


def bundles() -> Iterator[str]:
    """All of them that a form takes, in texts as long as a form takes."""
    bundle = ""
    for one in strings():
        if _CONTROL.search(one):
            continue
        if len(bundle) + len(one) > LONG:
            yield kept_as(bundle)
            bundle = ""
        bundle += f"[{one}]\n"
    yield kept_as(bundle)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = demo_settings(load_settings(None, {"XINYONG_DATA": str(tmp_path_factory.mktemp("hs"))}))
    build_demo(made, 7, lambda *_: None, size=60, periods=("2026-11",))
    return made


@pytest.fixture(scope="module")
def city(settings: Settings) -> Matters:
    return matters_of(settings)


@pytest.fixture(scope="module")
def browser(settings: Settings, city: Matters) -> Iterator[Browsers]:
    environ = {"XINYONG_DATA": str(settings.data), "XINYONG_DATABASE": settings.database}
    with served("--no-schedule", **environ) as url:
        made = Browsers(url)
        with made.stack:
            yield made


def shown(page: httpx.Response) -> str:
    assert page.status_code == 200, page.text
    # Nothing typed has become a tag: the page has the scripts and pictures it has without it, none.
    assert not re.search(r"<(script|iframe|object|embed|style)\b", page.text)
    assert not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', page.text))
    return unescape(page.text).replace("\r\n", "\n")


def letter(client: httpx.Client, seq: str, name: str) -> None:
    answer = client.get(f"/my/receipts/{seq}/{name}.pdf")
    assert answer.status_code == 200, answer.text
    done = subprocess.run(["pdfinfo", "-"], input=answer.content, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_texts_are_kept_as_they_are_on_pages_in_letters_and_in_the_ledger(
    browser: Browsers, city: Matters
) -> None:
    own = browser("institution")
    path = f"/my/matters/{city.notified}/defence/"
    for text in bundles():
        done = own.post(path, data=fields(own.get(path).text) | {"text": text, "act": "save"})
        seq = seq_of(done)
        assert text in shown(done)
        assert own.get(f"/my/receipts/{seq}/text.txt").text == text
        letter(own, seq, "letter")
    program = own.post(path, data={"text": "", "act": "save"}, headers={"Accept": "*/*"})
    assert program.status_code == 422


def test_a_text_with_control_signs_is_refused_and_stays_in_the_form(
    browser: Browsers, city: Matters
) -> None:
    own = browser("institution")
    path = f"/my/matters/{city.finding}/reply/"
    for text in ("\0", "\x07", "\x1b[31m", "\x7f", "\x85", "\r"):
        answer = own.post(path, data={"text": f"甲{text}乙"})
        assert answer.status_code == 422
        assert "控制字符" in answer.text


def test_every_other_field_and_the_name_of_a_file_does_no_harm(
    browser: Browsers, city: Matters
) -> None:
    own, reviewer = browser("institution"), browser("reviewer")
    first = fields(own.get("/my/repair/").text) | {"about": city.final, "act": "on"}
    for text in strings():
        if _CONTROL.search(text):
            continue
        said = kept_as(text)[:60].strip()
        if not said:
            continue
        asked = own.post("/my/data/staff/", data={"name": said, "post": said, "reason": said})
        assert said in shown(asked)
        step = own.post("/my/repair/", data=first | {"step": "2", "proof": said, "signer": said})
        assert step.status_code == 422  # nobody has promised yet
        assert step.text.count("<form") == 2
        if len(said) > 40:
            letter(own, seq_of(asked), "letter")
    assert shown(reviewer.get("/desk/changes/"))
    assert shown(own.get("/my/data/"))
    picture = bytes.fromhex("89504e470d0a1a0a")
    path = f"/my/matters/{city.notified}/defence/"
    form = fields(own.get(path).text) | {"text": "文件名", "act": "save"}
    for name in ("../../etc/passwd", '"><script>alert(1)</script>.png', "a\\b.png", "名.png" * 90):
        files = [("files", (name, picture, "image/png"))]
        answer = own.post(path, data=form, files=files)
        assert answer.status_code == 422  # a broken picture, whatever its name
        assert "<script>" not in answer.text
