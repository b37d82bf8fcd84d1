"""What handbooks and README tell people to type or to look for is there: commands, options, settings, words on a page."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import config.commands  # noqa: F401 registers them
from config.cli import xinyong
from publisher.site.help import HANDBOOKS

ROOT = Path(__file__).resolve().parents[2]
HELP = ROOT / "publisher/pages/help"
BOOKS = {one.key: (HELP / f"{one.key}.html").read_text("utf-8") for one in HANDBOOKS}
README = (ROOT / "README.md").read_text("utf-8")
INSTALLER = (ROOT / "config/install/install.sh").read_text("utf-8")
SHOWN = "\n".join(
    path.read_text("utf-8")
    for room in ("registry", "publisher", "config")
    for path in sorted((ROOT / room).rglob("*"))
    if path.suffix in (".html", ".py", ".js") and HELP not in path.parents
)
COMMAND = re.compile(r"(?:\./run|xinyong)(?: --city \S+?)? ([a-z]+)((?: [^\s`“”。，：；）<]+)*)")


def options_of(command: click.Command) -> Iterator[str]:
    """Every option of a command and of those below it."""
    for one in command.params:
        yield from one.opts
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from options_of(below)


def told(text: str) -> Iterator[tuple[str, list[str]]]:
    """The commands a text names, each with its options."""
    for name, rest in COMMAND.findall(re.sub(r"(systemctl|journalctl)[ a-z-]*", "", text)):
        yield name, re.findall(r"--[a-z][a-z-]*", rest)


def wrong(text: str) -> list[str]:
    """What a text tells to type and no command takes."""
    found = []
    for name, options in told(text):
        if name in ("install", "uninstall"):
            there = set(re.findall(r"(--[a-z-]+)\)", INSTALLER))
        elif name == "test":
            continue
        elif name in xinyong.commands:
            there = {*options_of(xinyong.commands[name]), "--help"}
        else:
            found.append(name)
            continue
        found += [f"{name} {one}" for one in options if one not in there]
    return found


@pytest.mark.parametrize("key", BOOKS)
def test_a_handbook_names_no_command_and_no_option_that_is_not_there(key: str) -> None:
    assert wrong(BOOKS[key]) == []


def test_readme_names_no_option_that_is_not_there() -> None:
    plain, fenced = re.sub(r"(?s)```.*?```", "", README), re.findall(r"(?s)```sh\n(.*?)```", README)
    spans = [
        one for one in re.findall(r"`([^`]+)`", plain) if one.startswith(("xinyong ", "./run "))
    ]
    assert len(spans) > 40
    typed = re.sub(r"(?m)^#.*$|[][]", " ", "\n".join([*spans, *fenced]))
    assert wrong(typed) == []


def test_what_is_not_there_is_seen() -> None:
    assert wrong("执行 sudo xinyong --city a docter，再执行 ./run install --hosts x") == [
        "docter",
        "install --hosts",
    ]
    assert wrong("xinyong user invite x --name y --rule z") == ["user --rule"]


@pytest.mark.parametrize("key", BOOKS)
def test_the_words_a_handbook_quotes_stand_on_a_page(key: str) -> None:
    """Of a sentence with a number in it (几) the parts around it; a task of the handbook may be quoted too."""
    tasks = re.findall(r'task\("t-\d+", "([^"]+)"\)', BOOKS[key])
    missing = [
        part
        for said in re.findall(r"“([^”]+)”", BOOKS[key])
        for part in re.split("[几：]", said)
        if part not in SHOWN and not any(one.startswith(part) for one in tasks)
    ]
    assert missing == []


def test_what_is_edited_is_examined_before_the_service_starts_anew() -> None:
    edits = re.compile(r"(?:city\.toml：|city\.toml 里写|写一个文件)(.*)systemctl restart xinyong")
    between = edits.findall(BOOKS["administrator"])
    assert len(between) == 3
    assert all("先执行 sudo xinyong doctor" in one for one in between)


def test_the_administrators_handbook_names_settings_figures_and_folders_that_are_there() -> None:
    book = BOOKS["administrator"]
    settings = set(re.findall(r"XINYONG_[A-Z_]+", book))
    assert settings
    assert {one for one in settings if f"`{one}`" not in README} == set()
    measures = (ROOT / "config/metrics.py").read_text("utf-8")
    figures = set(re.findall(r"xinyong_([a-z_]+)", book))
    assert figures
    assert {
        one for one in figures if f'"{one}"' not in measures and f"xinyong_{one}" not in measures
    } == set()
    for place in set(re.findall(r"/(?:etc|opt|var/lib|var/log)/xinyong", book)):
        assert place in INSTALLER
