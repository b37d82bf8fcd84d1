"""The newest demo edition before the checkers of others: green as it was released, red as soon as it is spoiled.

Frictionless, CSV on the Web and the signatures of papers have their own tests beside this; here stand the pages
(the Nu Html Checker), the feeds (RFC 4287's schema, by jing), the papers (poppler and qpdf) and the linked data,
all of one real edition.
"""

import json
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from config.settings import Settings
from publisher.verify import verify
from tests.publisher.test_described import csvw, frictionless

ROOT = Path(__file__).parents[2]
CHECKER = ROOT / "node_modules/vnu-jar/build/dist/vnu.jar"
JING = "nu.validator.vendor.thaiopensource.relaxng.util.Driver"


@pytest.fixture(scope="module")
def released(demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the newest edition."""
    folder = tmp_path_factory.mktemp("released") / "edition"
    shutil.copytree((demo.editions / "current").resolve(), folder)
    return folder


@pytest.fixture
def spoiled(released: Path, tmp_path: Path) -> Path:
    """A copy to be spoiled: the small files, and one paper of each size."""
    folder = tmp_path / "edition"
    shutil.copytree(released, folder, ignore=shutil.ignore_patterns("pdf", "register.sqlite"))
    return folder


def told(*words: object) -> str:
    done = subprocess.run([str(one) for one in words], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def pages(folder: Path) -> list[str]:
    """What the Nu Html Checker finds in every page of an edition."""
    said = told("java", "-jar", CHECKER, "--skip-non-html", "--format", "json", folder)
    return [one["message"] for one in json.loads(said)["messages"]]


def feeds(folder: Path) -> list[str]:
    """What jing finds in every feed of an edition."""
    schema = ROOT / "tests/data/atom.rng"
    found = sorted(folder.rglob("*.atom"))
    assert found
    return told("java", "-cp", CHECKER, JING, schema, *found).splitlines()


def papers(folder: Path) -> list[str]:
    """What poppler and qpdf find in every paper of an edition."""
    found = sorted(folder.rglob("*.pdf"))
    assert found
    return [f"{path.name}: {one}" for path in found for one in paper(path)]


def paper(path: Path) -> list[str]:
    problems = []
    signed = told("pdfsig", path)
    if "Signature is Valid" not in signed or "Total document signed" not in signed:
        problems.append("signature")
    if "No syntax or stream encoding errors" not in told("qpdf", "--check", path):
        problems.append("syntax")
    about = told("pdfinfo", path)
    if not re.search(r"Title: +\S", about) or not re.search(r"Tagged: +yes", about):
        problems.append("title or tags")
    fonts = [line.split()[-5:-2] for line in told("pdffonts", path).splitlines()[2:]]
    if not fonts or fonts != [["yes"] * 3] * len(fonts):
        problems.append("fonts")
    tags = re.findall(r"^ *([A-Z]\w*)(?: \(\w+\))?(?::|$)", told("pdfinfo", "-struct", path), re.M)
    return problems + order(tags)


def order(tags: list[str]) -> list[str]:
    """One title first, no heading without a table, no cell outside a row of a table."""
    wanted = [one for one in tags if one in ("H1", "H2", "Table", "TR", "TH", "TD")]
    problems = [] if wanted[:1] == ["H1"] and wanted.count("H1") == 1 else ["no one title first"]
    for before, one in pairwise(wanted):
        if before == "H2" and one not in ("Table", "H2"):
            problems.append("a heading without its table")
        if before == "Table" and one != "TR":
            problems.append("a table without rows")
    return problems


def linked(folder: Path) -> list[str]:
    """What a JSON-LD processor misses: an institution of the list that does not stand in the graph."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rdflib import RDF, Graph, URIRef

        graph = Graph().parse(folder / "list.jsonld", format="json-ld")
    status, kind = URIRef("urn:xinyong:term:status"), "https://schema.org/EducationalOrganization"
    standing = {
        str(graph.value(one, URIRef("https://schema.org/identifier")))
        for one in graph.subjects(RDF.type, URIRef(kind))
        if graph.value(one, status)
    }
    rows = json.loads((folder / "list.json").read_bytes())["institutions"]
    return sorted({one["institution"] for one in rows} - standing)


CHECKS: tuple[Callable[[Path], list[str]], ...] = (pages, feeds, papers, linked, frictionless)


@pytest.mark.parametrize("check", CHECKS)
def test_the_newest_edition_is_as_the_standards_ask(
    check: Callable[[Path], list[str]], released: Path
) -> None:
    assert check(released) == []


def test_csv_on_the_web_agrees(released: Path) -> None:
    assert csvw(released)


def unclosed(folder: Path) -> None:
    change(folder / "index.html", "</main>", "")


def undated(folder: Path) -> None:
    change(folder / "feed.atom", "<updated>", "<updated>am ")


def flipped(folder: Path) -> None:
    raw = bytearray((folder / "white.pdf").read_bytes())
    raw[len(raw) // 3] ^= 1
    (folder / "white.pdf").write_bytes(raw)


def unsigned(folder: Path) -> None:
    length = json.loads((folder / "papers.json").read_bytes())["black.pdf"]["length"]
    (folder / "black.pdf").write_bytes((folder / "black.pdf").read_bytes()[:length])


def untyped(folder: Path) -> None:
    change(folder / "list.jsonld", '"schema:EducationalOrganization"', '"schema:Nothing"')


def other_list(folder: Path) -> None:
    change(folder / "list.csv", "白名单", "绿名单")


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        (pages, unclosed),
        (feeds, undated),
        (papers, flipped),
        (papers, unsigned),
        (linked, untyped),
        (frictionless, other_list),
    ],
)
def test_a_spoiled_edition_is_found(
    check: Callable[[Path], list[str]], spoil: Callable[[Path], None], spoiled: Path
) -> None:
    spoil(spoiled)
    assert check(spoiled)


def test_a_paper_without_its_order_is_found() -> None:
    assert order(["Document", "H1", "H2", "Table", "TR", "TH", "TR", "TH", "TD"]) == []
    assert order(["H2", "H1"])
    assert order(["H1", "H2", "P", "TD"])
    assert order(["H1", "Table", "TD"])


def test_a_spoiled_paper_stops_the_edition(released: Path, demo: Settings, tmp_path: Path) -> None:
    folder = tmp_path / released.name
    shutil.copytree(released, folder)
    assert not [one for one in verify(folder, demo.keys / "bureau.pub").problems if "pdf" in one]
    flipped(folder)
    problems = verify(folder, demo.keys / "bureau.pub").problems
    assert "文件 white.pdf 被改动" in problems
    assert "white.pdf 签名之前的内容与 papers.json 所记的不符" in problems


def test_a_stranger_compares_two_renderings_without_our_software(released: Path) -> None:
    named = json.loads((released / "papers.json").read_bytes())
    assert set(named) == {path.relative_to(released).as_posix() for path in released.rglob("*.pdf")}
    script = 'head -c "$1" "$2" | sha256sum | cut -c1-64'
    for name, one in sorted(named.items())[:3]:
        said = told("sh", "-c", script, "-", one["length"], released / name)
        assert said.strip() == one["sha256"]
