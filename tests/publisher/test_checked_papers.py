"""What is said of a paper, and on it, while an alert runs or a decision is disputed."""

from datetime import date, timedelta
from pathlib import Path
from subprocess import run

import httpx
from msgspec import structs

from publisher.claim import Claim, Kind, code_of
from publisher.edition import Entry
from publisher.papers import ROOM, Standing, standing_paper
from publisher.signing import create_key, sign
from publisher.site.store import OpenEdition
from tests.conftest import served
from tests.publisher.test_plates import BLACK, ON, alert, entry, white
from tests.publisher.test_search import opened

LATER = ON + timedelta(days=365 * 40)  # the site's today is the machine's


def said_of(one: Entry, home: Path) -> str:
    """The page to which the code of its door notice leads."""
    edition = opened([one], home / "editions")
    create_key(home / "editions")
    claim = Claim(
        kind="notice",
        institution=one.institution,
        edition=edition.name,
        grade=one.rating.grade,
        status=one.rating.status,
        on=ON,
    )
    code = code_of(claim, lambda content: sign(content, home / "editions/bureau.key"))
    with served("--public", home / "editions", XINYONG_DATA="/nowhere") as url:
        return httpx.get(f"{url}/verify/", params={"p": code}).text


def test_whoever_scans_a_paper_reads_of_a_running_alert_first(tmp_path: Path) -> None:
    text = said_of(entry(white(), alerts=(alert(LATER),)), tmp_path)
    assert "是本局出具的，也是最新的" in text
    assert "风险提示：校区已关门" in text
    assert "它现在正常经营。以风险提示为准。" in text
    assert text.index("风险提示：") < text.index("纸上写的和现在的")


def test_whoever_scans_a_paper_reads_of_no_alert_that_is_over(tmp_path: Path) -> None:
    assert "风险提示" not in said_of(entry(white(), alerts=(alert(ON),)), tmp_path)


def test_whoever_scans_a_paper_reads_that_a_listing_is_disputed_and_not_to_pay(
    tmp_path: Path,
) -> None:
    early = date(2023, 12, 1)
    listing = structs.replace(BLACK, decided_on=early, effective_on=early, disputed=True)
    text = said_of(entry(white(listings=(listing,))), tmp_path)
    assert "有异议，正在复核" in text
    assert "请不要向它交费" in text


def read_off(kind: Kind, one: Entry, edition: OpenEdition) -> str:
    """What stands on the paper, without blanks."""
    source = Standing(manifest=edition.manifest, digest="0" * 64, entry=one, place="", next_on="")
    made = standing_paper(kind, source, ON, "https://example.test/c/", lambda _: b"x" * 64)
    pages = run(["pdftotext", "-", "-"], input=made, capture_output=True, check=True).stdout
    assert pages.count(b"\f") == 1, "one page"
    return "".join(pages.decode().split())


def test_a_paper_tells_of_an_alert_that_runs_when_it_is_printed(tmp_path: Path) -> None:
    kinds: tuple[Kind, ...] = ("notice", "certificate")
    long = structs.replace(alert(LATER), text="长" * 500)
    for number, one in enumerate((alert(LATER), long)):
        edition = opened([entry(white(), alerts=(one,))], tmp_path / str(number))
        for kind in kinds:
            said = read_off(kind, entry(white(), alerts=(one,)), edition)
            assert f"风险提示：{one.text[:ROOM]}" in said
            assert ("全文请扫码" in said) == (len(one.text) > ROOM)
        assert "以风险提示为准" in said
    over = structs.replace(alert(ON), until=ON - timedelta(days=1))
    edition = opened([entry(white())], tmp_path / "over")
    for kind in kinds:
        assert "风险提示" not in read_off(kind, entry(white(), alerts=(over,)), edition)
