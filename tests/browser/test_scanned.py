"""The codes on papers and on the public page, read from a picture as a telephone reads them."""

import base64
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from config.demo.build import _issue
from config.register import open_register
from config.settings import Settings, demo_settings, load_settings
from tests.browser.pictures import QUIET
from tests.conftest import served
from tests.flows.portal_city import Browsers
from tests.flows.publishing_city import without_papers

KINDS = {"certificate": ("C", "信用状况证明"), "notice": ("D", "信用公示牌")}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    from config.demo.build import build_demo

    data = tmp_path_factory.mktemp("scanned")
    made = demo_settings(load_settings(None, {"XINYONG_DATA": str(data)}))
    with without_papers():
        build_demo(made, 7, lambda *_: None, size=12, periods=("2026-10",))
    return made


@pytest.fixture(scope="module")
def people(settings: Settings) -> Iterator[Browsers]:
    with served("--no-schedule", XINYONG_DATA=str(settings.data)) as url:
        made = Browsers(url)
        with made.stack:
            yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield made
        made.close()


def read(picture: Path) -> str:
    """What a reader of codes sees in a picture; there is one code in it."""
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (picture, done.stderr)
    (said,) = done.stdout.splitlines()
    return said


def scanned(client: httpx.Client, kind: str, folder: Path, dots: int) -> str:
    """What the code of a paper says, printed at so many dots per inch and photographed without colour."""
    answer = client.get(f"/my/papers/{kind}.pdf")
    assert answer.status_code == 200, answer.text
    (folder / f"{kind}.pdf").write_bytes(answer.content)
    picture = folder / f"{kind}-{dots}"
    words = ["pdftoppm", "-r", str(dots), "-gray", "-singlefile", "-png"]
    subprocess.run([*words, folder / f"{kind}.pdf", picture], check=True)
    return read(picture.with_suffix(".png"))


def checked_offline(folder: Path, code: str, key: Path) -> str:
    """README's three lines, as they stand there; gives what the code claims."""
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    found = re.search(r"```sh\n(\(tr -d .*?)```", readme, re.DOTALL)
    assert found
    (folder / "code.txt").write_text(code)
    (folder / "bureau.pub").write_bytes(key.read_bytes())
    done = subprocess.run(
        ["sh", "-ec", found[1]], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "Signature Verified Successfully\n"), done.stderr
    return (folder / "claim.json").read_text("utf-8")


@pytest.fixture(scope="module")
def codes(
    people: Browsers, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What the code of each paper says, once the papers are printed from the first edition."""
    folder = tmp_path_factory.mktemp("printed")
    return {kind: scanned(people("institution"), kind, folder, 150) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_printed_code_leads_to_what_the_paper_says(
    people: Browsers, codes: dict[str, str], settings: Settings, tmp_path: Path, kind: str
) -> None:
    letter, word = KINDS[kind]
    public, own = people(), people("institution")
    # A bad printer, read by the same reader, says the same: nothing of it depends on the day's second.
    assert scanned(own, kind, tmp_path, 100) == codes[kind]
    address = urlsplit(codes[kind])
    assert codes[kind].startswith(f"{people.url}/verify/?p=")
    page = public.get(codes[kind]).text
    assert f"<h1>这张{word}是本局出具的，也是最新的</h1>" in page
    (code,) = parse_qs(address.query)["p"]
    claim = checked_offline(tmp_path, code, settings.editions / "bureau.pub")
    found = re.search(r'class="code">(NB[^<]+)<', own.get("/my/data/").text)
    assert found
    assert f'"{letter}"' in claim
    assert f'"{found[1]}"' in claim
    assert '"2026-10"' in claim
    assert found[1] in page


def test_a_code_with_one_sign_changed_is_not_the_bureaus(
    people: Browsers, codes: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    address, code = codes["certificate"].split("?p=")
    other = "B" if code[20] != "B" else "C"
    forged = f"{code[:20]}{other}{code[21:]}"
    assert len(base64.b32decode(forged + "=" * (-len(forged) % 8))) > 64
    page = people().get(f"{address}?p={forged}").text
    assert "<h1>不是本局出具</h1>" in page or "<h1>这个核验码读不出来</h1>" in page
    with pytest.raises(AssertionError):
        checked_offline(tmp_path, forged, settings.editions / "bureau.pub")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_public_pages_code_leads_back_to_the_page(
    people: Browsers, browser: Browser, tmp_path: Path, width: int
) -> None:
    own = re.search(r'class="code">(NB[^<]+)<', people("institution").get("/my/data/").text)
    assert own
    address = f"{people.url}/i/{own[1]}/"
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    code = page.locator("img.qr")
    code.scroll_into_view_if_needed()
    code.evaluate("picture => picture.decode()")
    page.screenshot(path=tmp_path / "page.png")
    page.close()
    assert read(tmp_path / "page.png") == address
    answer = people().get(read(tmp_path / "page.png"))
    assert answer.status_code == 200
    assert own[1] in answer.text


def test_a_paper_that_was_overtaken_says_so_when_it_is_scanned(
    people: Browsers, codes: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    engine = open_register(settings)
    _issue(engine, settings, "2026-11", papers=False)
    engine.dispose()
    for kind, (_, word) in KINDS.items():
        page = people().get(codes[kind]).text
        assert f"<h1>这张{word}已经不是最新的</h1>" in page
        assert "2026-10" in page
        assert "2026-11" in page
        fresh = scanned(people("institution"), kind, tmp_path, 150)
        assert fresh != codes[kind]
        assert f"<h1>这张{word}是本局出具的，也是最新的</h1>" in people().get(fresh).text
        # Without a network the signature still holds: what has come since is told online alone.
        old = parse_qs(urlsplit(codes[kind]).query)["p"][0]
        assert '"2026-10"' in checked_offline(tmp_path, old, settings.editions / "bureau.pub")
