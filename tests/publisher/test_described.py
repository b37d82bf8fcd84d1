"""The data says what it is, in two standards; independent checkers agree, and see it when it is not so."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.data import COLUMNS, OF_EDITION, render_csv
from publisher.described import render_csvw, render_data_package
from tests.publisher.test_release import edition


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    whole = edition()
    for render in (render_csv, render_data_package, render_csvw):
        render(whole, tmp_path)
    return tmp_path


def spoil(folder: Path, old: str, new: str) -> None:
    file = folder / "list.csv"
    text = file.read_bytes().decode()
    assert old in text
    file.write_bytes(text.replace(old, new, 1).encode())


def frictionless(folder: Path) -> list[str]:
    """The names of what the data package's own checker finds."""
    script = (
        "import json, sys, warnings; warnings.simplefilter('ignore')\n"
        "from frictionless import Package\n"
        "report = Package(sys.argv[1]).validate()\n"
        "found = [one[0] for one in report.flatten(['type'])]\n"
        "print(json.dumps(found + [one.type for one in report.errors]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, folder / "datapackage.json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(set(json.loads(done.stdout.splitlines()[-1])))


def csvw(folder: Path) -> bool:
    """Whether W3C's tabular metadata describes the list beside it."""
    checker = Path(sys.executable).with_name("csvwvalidate")
    done = subprocess.run(
        [checker, folder / "list.csv-metadata.json"], capture_output=True, text=True, check=False
    )
    return done.returncode == 0 and "FAIL" not in done.stdout


def test_the_data_package_is_valid(folder: Path) -> None:
    assert frictionless(folder) == []
    package = json.loads((folder / "datapackage.json").read_bytes())
    fields = package["resources"][0]["schema"]["fields"]
    assert [one["name"] for one in fields] == [*COLUMNS.values(), *OF_EDITION.values()]
    assert all(one["description"] for one in fields)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("白名单", "绿名单", "constraint-error"),
        ("2026-10-", "2026年10-", "type-error"),
        ("\r\n", "\r\n\r\n", "blank-row"),
    ],
)
def test_a_list_that_is_not_so_is_found(folder: Path, old: str, new: str, error: str) -> None:
    spoil(folder, old, new)
    assert error in frictionless(folder)


def test_two_lines_of_one_institution_are_found(folder: Path) -> None:
    first = (folder / "list.csv").read_text("utf-8-sig").splitlines()[1].split(",")[0]
    second = (folder / "list.csv").read_text("utf-8-sig").splitlines()[2].split(",")[0]
    spoil(folder, second, first)
    assert {"primary-key", "unique-error"} & set(frictionless(folder))
    assert not csvw(folder)


def test_the_tabular_metadata_is_valid(folder: Path) -> None:
    assert csvw(folder)


@pytest.mark.parametrize(("old", "new"), [("白名单", "绿名单"), ("机构编号", "编号")])
def test_tabular_metadata_finds_what_is_not_so(folder: Path, old: str, new: str) -> None:
    spoil(folder, old, new)
    assert not csvw(folder)


def test_the_same_edition_is_described_in_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    shutil.copy(folder / "list.csv", again)
    render_data_package(edition(), again)
    render_csvw(edition(), again)
    for name in ("datapackage.json", "list.csv-metadata.json"):
        assert (again / name).read_bytes() == (folder / name).read_bytes()
