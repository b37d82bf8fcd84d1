"""What hostile ledgers brought in, wherever it is shown: desk, portal, exports, letters, the released edition."""

import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from config import month
from config.intake import take_in_file
from config.register import open_register
from config.settings import Settings
from publisher.verify import verify
from registry import queries
from registry.database import reading
from registry.importing import FORMS
from tests.conftest import demo_city, served
from tests.flows.portal_city import Browsers
from tests.flows.publishing_city import without_papers
from tests.registry.ledgers import FORMATS, kept_as, map_of, sound, written

PERIOD = "2026-12"
SIGNS = (
    '<script>alert("甲")</script>',
    '"><img src=x onerror=alert(1)>',
    "=cmd|' /C calc'!A0",
    "+SUM(1+1)",
    "@SUM(1)",
    "-2+3",
    "＝1+1",
    "{{ 7*7 }}${7*7}",
    "'; DROP TABLE institution;--",
    "ﷺ田中さん😍 Ṱ̺̺̕o͞",
    "‮التجربة",
    "%s%n$(touch /tmp/x)`id`",
)
# The fields of each kind that hold words, and which of the signs each row has is its number.
FIELDS = {
    "inspections": ("place", "note", "kind"),
    "findings": ("statement", "note", "article", "document_no"),
    "covers": ("insurer", "policy_no", "insured_name"),
    "licences": ("number", "organ", "scope"),
    "custody-accounts": ("bank",),
    "custody-reports": ("bank",),
    "annual-inspections": ("document_no",),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("ledgers")
    with without_papers(), demo_city(request, folder, 7, 12, "2026-11") as made:
        yield made


@pytest.fixture(scope="module")
def browser(settings: Settings) -> Iterator[Browsers]:
    environ = {"XINYONG_DATA": str(settings.data), "XINYONG_DATABASE": settings.database}
    with served("--no-schedule", **environ) as url:
        made = Browsers(url)
        with made.stack:
            yield made


@pytest.fixture(scope="module")
def own(browser: Browsers) -> str:
    found = re.search(r'class="code">(NB[^<]+)<', browser("institution").get("/my/data/").text)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def taken(settings: Settings, own: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Every ledger is taken in, each as another kind of file; twice changes nothing. Gives a new one's number."""
    folder = tmp_path_factory.mktemp("files")
    for number, kind in enumerate(("institutions", *FIELDS)):
        form = FORMATS[number % len(FORMATS)]
        rows = list(_rows(kind, own))
        file = written(folder / f"{kind}.{form}", kind, rows)
        for times in range(2):
            done = take_in_file(settings, kind, file, report=lambda *_: None)
            assert [one.sentence for one in done.problems] == []
            assert (done.new, done.known) == ((0, len(rows)) if times else (len(rows), 0)), kind
    return own


def _rows(kind: str, own: str) -> Iterator[dict[str, str]]:
    for number, said in enumerate(SIGNS):
        row = sound(kind, 9000 + 7 * number, own)  # in autumn 2025
        if kind == "institutions":
            yield {**row, "name": f"{said}学校", "address": said, "legal_representative": said}
        else:
            yield {**row, **dict.fromkeys(FIELDS[kind], said)}


def shown(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text[-2000:]
    assert not re.search(r"<script>alert|<img src=x|onerror=alert\(1\)>", answer.text)
    return unescape(answer.text)


def test_they_are_shown_as_they_are_on_the_desk_and_in_the_portal(
    browser: Browsers, taken: str
) -> None:
    inspector = browser("auditor")
    record = shown(inspector.get(f"/desk/i/{taken}/"))
    portal = shown(browser("institution").get("/my/data/"))
    for one in SIGNS:
        assert one in record, one
        assert one in portal, (
            one
        )  # the insurer and the policy's number are the institution's own data
    for page in ("/desk/", "/desk/institutions/", "/desk/duties/", "/desk/ledger/"):
        shown(inspector.get(page))
    shown(browser("reviewer").get("/desk/clocks/"))


def test_no_export_is_a_formula_and_json_says_what_was_written(
    settings: Settings, browser: Browsers, taken: str
) -> None:
    engine = open_register(settings)
    at = month.moment_of(settings, PERIOD)
    month.prepare_month(engine, settings, PERIOD, by="publisher", now=at)
    with reading(engine) as session:
        draft = queries.edition_draft(session, PERIOD, 0)
    assert draft is not None
    signer = browser("signer")
    for one in draft.violations:  # a dozen institutions more than before, under such names
        assert one.acceptable, one
        said = {"violation": one.digest, "reason": "核对过，确实如此"}
        answer = signer.post(f"/desk/gate/{PERIOD}/accept", data=said)
        assert answer.status_code == 200, answer.text[-2000:]
    edition = month.approve_month(
        engine, settings, PERIOD, by="signer", now=at, unheard="名单按期公布，不能等"
    )
    folder = month.release_month(engine, settings, PERIOD, by="publisher", now=at)
    engine.dispose()
    assert verify(folder, settings.keys / "bureau.pub").problems == ()
    entry = next(one for one in edition.entries if one.institution == taken)
    assert {one.insurer for one in entry.facts.covers} >= {kept_as(one, "insurer") for one in SIGNS}
    public = browser()
    page = shown(public.get(f"/i/{taken}/"))
    assert SIGNS[0] in page or entry.name in page
    answer = public.get(f"/api/v1/institutions/{taken}").json()["entry"]
    assert {one["number"] for one in answer["facts"]["licences"]} >= set(SIGNS)
    listing = (folder / "list.csv").read_text("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(listing)) for cell in row]
    assert not [one for one in cells if one.lstrip(" \u3000").startswith(tuple("=+-@＝＋－＠"))]
    names = {one["name"] for one in json.loads((folder / "list.json").read_bytes())["institutions"]}
    assert {kept_as(f"{one}学校", "name") for one in SIGNS} <= names
    for entry in edition.entries:
        shown(public.get(f"/i/{entry.institution}/"))
    auditor = browser("auditor")
    for path in ("/desk/ledger/export", "/desk/duties/export"):
        export = auditor.get(path)
        assert export.status_code == 200
        rows = list(csv.reader(io.StringIO(export.text.lstrip("\ufeff"))))
        assert len(rows) > 1
        assert not [one for row in rows for one in row if one.startswith(tuple("=+@＝＋＠\t"))]
        assert not [one for row in rows for one in row if re.match(r"-\D|-\d.*[^\d.]", one)]


def test_papers_and_letters_are_whole(browser: Browsers, taken: str, tmp_path: Path) -> None:
    client = browser("institution")
    for name in ("certificate", "notice"):
        answer = client.get(f"/my/papers/{name}.pdf")
        assert answer.status_code == 200, answer.text
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(answer.content)
        done = subprocess.run(["pdfinfo", file], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


def test_every_kind_is_tried_here() -> None:
    assert {"institutions", *FIELDS} == set(FORMS)
    for kind, fields in FIELDS.items():
        assert set(fields) <= set(map_of(kind).columns)
