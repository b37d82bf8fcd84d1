"""The bytes of a TOML file become a tree of values with their lines, or problems with their remedies."""

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from scoring.errors import PolicyError, Problem
from scoring.loading.lines import Lines
from scoring.loading.slips import TWICE, alone, remedy
from scoring.loading.values import shown

# So many mistakes are told at once.
_AT_ONCE = 50
# A comment or a text that ends; three quotes that are left open a text that does not, and are a group.
_OPENING = re.compile(
    r"#[^\n]*|\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|(\"{3}|'{3})|\"(?:\\.|[^\"\\])*\"|'[^']*'",
    re.DOTALL,
)
_LONG_NUMBER = re.compile(r"[0-9_]{4000}")
_ID = re.compile(r"^[ \t]*id[ \t]*=", re.MULTILINE)


def parse(raw: bytes) -> tuple[dict[str, object], Lines]:
    """The tree of a TOML file and the lines of its values; raises PolicyError for what is not TOML."""
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        sentence = "文件不是 UTF-8 编码，请在编辑器里另存为 UTF-8"
        raise PolicyError([_problem(line, sentence)]) from None
    tree = _tree(text)
    if isinstance(tree, Problem):
        raise PolicyError([tree, *_more(text, tree)])
    return tree, Lines(text)


def _tree(text: str) -> dict[str, object] | Problem:
    """The tree of a text, or the first mistake in it."""
    lines = text.split("\n")
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as wrong:
        line = _line(str(wrong), text)
        said = remedy(str(wrong), "".join(lines[line - 1 : line]))
        ids = [text.count("\n", 0, one.start()) + 1 for one in _ID.finditer(text)]
        if said.startswith(TWICE) and len(ids) > 1:
            said = "一个文件只写一版办法：请把第二版另存为一个文件"
            line = ids[1]
    except RecursionError:
        line = max(range(len(lines)), key=lambda n: len(re.findall(r"[\[{]", lines[n]))) + 1
        said = "括号套得太深，请拆开"
    except ValueError:
        # The interpreter turns no text of more than some thousand digits into a number.
        found = _LONG_NUMBER.search(text)
        line = text.count("\n", 0, found.start() if found else 0) + 1
        said = "数字太长，请改正"
    return _problem(line, said, "".join(lines[line - 1 : line]).strip())


def _more(text: str, wrong: Problem) -> Iterator[Problem]:
    """The mistakes after one, each in a line without which the others can be read."""
    lines = text.split("\n")
    for _ in range(_AT_ONCE):
        at = wrong.line or 1
        if at > len(lines) or not alone(lines[at - 1], wrong.sentence):
            return
        lines[at - 1] = ""
        tree = _tree("\n".join(lines))
        if not isinstance(tree, Problem) or (tree.line or 1) <= at:
            return
        yield (wrong := tree)


def _problem(line: int, sentence: str, written: str = "") -> Problem:
    value = shown(written) if written else ""
    return Problem(place="TOML 格式", sentence=sentence, line=line, value=value)


def _decimal(text: str) -> Decimal:
    """A TOML float exactly as written; one beyond all bounds is refused later, with its place."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("Infinity")


def _line(said: str, text: str) -> int:
    found = re.search(r"at line (\d+)", said)
    if found:
        return int(found[1])
    # At the end of the file: where a text of several lines is still open, its opening is meant.
    openings = (one.start() for one in _OPENING.finditer(text) if one[1])
    return text.count("\n", 0, next(openings, len(text.rstrip("\n")))) + 1
