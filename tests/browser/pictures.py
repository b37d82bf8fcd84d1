"""The pictures in the handbooks: taken of the running demo city, and taken again when a page has changed.

`python -m tests.browser.pictures` takes them all anew. The test beside compares the words a page frames its
content with (headings, labels, buttons, sections) with those of the day of its picture.
"""

import io
import json
import re
import tempfile
from hashlib import sha256
from pathlib import Path

from msgspec import Struct
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from config.demo.build import PASSWORD
from publisher.pages.render import STATIC
from tests.conftest import built, served

FOLDER = STATIC / "help"
LIST = FOLDER / "pictures.json"
SIZE = {"width": 900, "height": 640}
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FRAME = "h1, h2, label, main button, .nav a, main .btn"
COLOURS = 32


class Picture(Struct, frozen=True, kw_only=True):
    """A picture: its name in the handbooks, the page, and who looks at it."""

    name: str
    path: str
    account: str = ""


PICTURES = (
    Picture(name="landing", path="/"),
    Picture(name="matters", path="/my/matters/", account="institution"),
    Picture(name="field", path="/desk/field/", account="inspector"),
    Picture(name="gate", path="/desk/gate/", account="publisher"),
    Picture(name="operations", path="/desk/operations/", account="administrator"),
    Picture(name="accounts", path="/desk/accounts/", account="administrator"),
)


def opened(browser: Browser, url: str, picture: Picture) -> Page:
    """The page of a picture, as the person sees it."""
    page = browser.new_context(viewport=SIZE, locale="zh-CN").new_page()  # type: ignore[arg-type]
    if picture.account:
        page.goto(f"{url}/sign-in/")
        page.fill("input[name=account]", picture.account)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button")
    page.goto(f"{url}{picture.path}")
    return page


def framed(page: Page) -> str:
    """A digest of the words that frame a page's content, without numbers, which change from day to day."""
    words = page.locator(FRAME).all_inner_texts()
    return sha256(re.sub(r"[\d,.-]+", "0", "\n".join(words)).encode()).hexdigest()[:16]


def take(page: Page) -> bytes:
    """The picture as a small PNG."""
    shot = Image.open(io.BytesIO(page.screenshot()))
    small = io.BytesIO()
    shot.convert("RGB").quantize(COLOURS).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Takes every picture anew."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        built(Path(folder))
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        known = {}
        with served("--no-schedule", XINYONG_DATA=folder) as url:
            for one in PICTURES:
                page = opened(browser, url, one)
                (FOLDER / f"{one.name}.png").write_bytes(take(page))
                known[one.name] = framed(page)
                page.context.close()
        browser.close()
    LIST.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", "ascii")


if __name__ == "__main__":
    main()
