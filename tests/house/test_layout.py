"""The house rules a machine can check: sizes, locks, words, arrows and what README must name."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("scoring", "registry", "publisher", "config")


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "versions" not in path.parts:
                yield path


@pytest.mark.parametrize("path", list(sources(*ROOMS)), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_is_at_most_400_lines_and_says_what_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "a module needs a docstring"


def test_no_file_is_named_after_nothing() -> None:
    names = {path.stem for path in sources(*ROOMS)}
    assert not names & {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_no_host_and_every_package_has_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text("ascii")
    assert "://" not in text
    assert set(re.findall(r"--[a-z-]+", text)) == {"--hash"}
    packages = re.split(r"\n(?=\S)", text.strip())
    assert packages
    assert all("--hash=sha256:" in package for package in packages)


def test_the_lock_of_the_page_checker_names_no_host_and_has_its_digests() -> None:
    text = (ROOT / "package-lock.json").read_text("utf-8")
    assert "://" not in text
    packages = {name: one for name, one in json.loads(text)["packages"].items() if name}
    assert packages
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())


def test_the_arrows_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_readme_names_every_command() -> None:
    from config.cli import commands

    readme = (ROOT / "README.md").read_text("utf-8")
    missing = [name for name in commands() if f"`xinyong {name}" not in readme]
    assert not missing, f"README does not name: {missing}"


def test_readme_names_no_command_that_is_not_there() -> None:
    from config.cli import commands

    readme = (ROOT / "README.md").read_text("utf-8")
    assert set(re.findall(r"`xinyong ([a-z]+)", readme)) == set(commands())
