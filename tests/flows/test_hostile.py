"""Names as hostile as they come go the whole way: ledger, register, edition, papers, pages, search."""

import csv
import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from config import month
from config.intake import take_in_file
from config.register import OPERATOR, open_register
from config.settings import load_settings
from publisher.grams import normalise
from publisher.verify import verify
from registry.accounts import create_account
from registry.database import writing
from registry.forms import AccountForm
from tests.conftest import served

HOSTILE = Path(__file__).parents[1] / "data/hostile_strings.json"
PERIOD = "2026-11"


def test_every_name_that_is_taken_in_is_published_as_it_is_and_does_no_harm(
    tmp_path: Path,
) -> None:
    settings = load_settings(None, {"XINYONG_DATA": str(tmp_path / "data")})
    now = month.moment_of(settings, PERIOD)
    engine = open_register(settings)
    with writing(engine) as session:
        for account in ("clerk", "head"):
            form = AccountForm(id=account, name="甲", password="x" * 12, role="publisher")
            create_account(session, form, by=OPERATOR, now=now)
    strings = [one for part in json.loads(HOSTILE.read_text("ascii")) for one in part["strings"]]
    file = tmp_path / "ledger.csv"
    with file.open("w", encoding="utf-8", newline="", errors="replace") as out:
        writer = csv.writer(out)
        writer.writerow(("机构名称", "区县", "办学地址", "设立日期"))
        for number, text in enumerate(strings):
            one = text.replace("\0", "").replace("\r", " ").replace("\n", " ")
            writer.writerow((one, "330203", f"{number}号 {one[:50]}", "2020-01-01"))
    outcome = take_in_file(
        settings, "institutions", file, by="clerk", accept_valid=True, report=lambda *_: None
    )
    assert outcome.new > 60
    assert outcome.new + len({one.row for one in outcome.problems}) == len(strings)
    month.prepare_month(engine, settings, PERIOD, by="clerk", now=now)
    edition = month.approve_month(engine, settings, PERIOD, by="head", now=now)
    folder = month.release_month(engine, settings, PERIOD, by="clerk", now=now)
    engine.dispose()
    assert verify(folder, settings.keys / "bureau.pub").problems == ()
    with served("--public", settings.editions) as url, httpx.Client(base_url=url) as client:
        client.headers["Accept"] = "text/html"
        for entry in edition.entries:
            page = client.get(f"/i/{entry.institution}/")
            assert page.status_code == 200
            assert entry.name in unescape(page.text.replace("<wbr>", ""))
            offered = client.get("/widget/", params={"id": entry.institution}).text
            assert _copied(offered) == [f"{entry.name}的信用状态"] * 2, entry.name
            if normalise(entry.name):
                found = client.get("/search/", params={"q": entry.name[:100]})
                assert found.status_code == 200
        listing = (folder / "list.csv").read_text("utf-8-sig")
        for row in csv.reader(listing.splitlines()[1:]):
            assert not row[1].startswith(("=", "+", "-", "@"))


def _copied(page: str) -> list[str]:
    """What an institution's own page would say of the picture and the frame, copied there as they are offered."""
    found: list[str] = []

    class Copied(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag in ("a", "img", "iframe"), tag
            found.extend(str(value) for key, value in attrs if key in ("alt", "title"))

    for lines in re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL):
        Copied().feed(unescape(lines))
    return found


@pytest.mark.parametrize("period", ["", "2026", "2026-00", "2026-13", "../2026-11", "2026-11\n"])
def test_a_period_that_is_no_month_is_refused(period: str) -> None:
    with pytest.raises(month.WrongPeriod, match="请写"):
        month.issue_of(load_settings(), period)
