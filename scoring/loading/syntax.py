"""The bytes of a TOML file become a tree of values with their lines, or one problem with its remedy."""

import re
import tomllib
from decimal import Decimal, InvalidOperation

from scoring.errors import PolicyError, Problem
from scoring.loading.lines import Lines

_QUOTES = "引号没有成对：请用英文半角引号，在同一行里收尾"
_TWICE = "同一项写了两次，请只留一次"
_SPLIT = "这一项前面已经用别的写法写过，请合到一处；并列的多条用双方括号，如 [[indicators]]"
_ESCAPE = "反斜杠后面不合规定：请把反斜杠写成两个，或者改用单引号"
_HIDDEN = "有看不见的控制字符，请删去"
_BRACKET = "方括号没有收尾，请在这里或者前一行补上 ]"
# What the reader of the standard library says, the longer words first.
_REMEDIES = {
    "Cannot overwrite": _TWICE,
    "Duplicate inline table key": _TWICE,
    "Cannot declare": f"{_TWICE}；并列的多条用双方括号，如 [[indicators]]",
    "Cannot mutate": _SPLIT,
    "Cannot redefine": _SPLIT,
    r"Illegal character '\n'": _QUOTES,
    "Illegal character": _HIDDEN,
    "Found invalid character": _HIDDEN,
    "Unterminated string": _QUOTES,
    "Unescaped": _ESCAPE,
    "Invalid hex value": _ESCAPE,
    "Escaped character": _ESCAPE,
    "Invalid value": "这里的值不合格式，请改正：文字加英文半角引号，日期写成 2026-01-31，是或否写 true 或 false；"
    "或者前一行的括号没有收尾",
    "Invalid statement": "这一行既不是“名称 = 值”也不是表头：请改正，说明文字请在行首加 #",
    "Invalid initial character": "名称只用英文字母、数字和下划线，请改正",
    "Invalid date": "没有这一天，请改正日期",
    "Expected '='": "名称后面要有英文半角的等号和值，请补上",
    "Expected newline": "一行只写一项：请把后面的内容移到下一行，或者在它前面加 #",
    "Expected ']]'": "表头的双方括号没有收尾，请补上 ]]",
    "Expected ']'": _BRACKET,
    "Expected": _QUOTES,
    "Unclosed array": _BRACKET,
    "Unclosed inline table": "花括号没有收尾，请在这里或者前一行补上 }",
}
_MARKS = "这一行有中文标点：逗号、顿号、等号、引号和括号都请改用英文半角的，文字加英文半角引号"
_TEXTS = re.compile(r""""[^"]*("|$)|'[^']*('|$)""")
_DAY = re.compile(r"=\s*\d{4}\s*(?:[/.年]\s*\d{1,2}|-\d(?!\d)|-\d\d-\d(?!\d))")
_NO_DAY = re.compile(r"=\s*\d{4}-\d\d-\d\d\s*(#|$)")
# A comment or a text that ends; three quotes that are left open a text that does not, and are a group.
_OPENING = re.compile(
    r"#[^\n]*|\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|(\"{3}|'{3})|\"(?:\\.|[^\"\\])*\"|'[^']*'",
    re.DOTALL,
)
_LONG_NUMBER = re.compile(r"[0-9_]{4000}")


def parse(raw: bytes) -> tuple[dict[str, object], Lines]:
    """The tree of a TOML file and the lines of its values; raises PolicyError for what is not TOML."""
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        raise _refused(line, "文件不是 UTF-8 编码，请在编辑器里另存为 UTF-8") from None
    try:
        return tomllib.loads(text, parse_float=_decimal), Lines(text)
    except tomllib.TOMLDecodeError as wrong:
        line = _line(str(wrong), text)
        raise _refused(line, _slip(text, line) or _remedy(str(wrong))) from None
    except RecursionError:
        lines = text.split("\n")
        deepest = max(range(len(lines)), key=lambda n: len(re.findall(r"[\[{]", lines[n])))
        raise _refused(deepest + 1, "括号套得太深，请拆开") from None
    except ValueError:
        # The interpreter turns no text of more than some thousand digits into a number.
        found = _LONG_NUMBER.search(text)
        line = text.count("\n", 0, found.start() if found else 0) + 1
        raise _refused(line, "数字太长，请改正") from None


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


def _slip(text: str, line: int) -> str:
    """What Chinese writers slip into on this line, which the reader of the standard library cannot name."""
    bare = _TEXTS.sub("", "".join(text.split("\n")[line - 1 : line]))
    if _NO_DAY.search(bare):
        return _REMEDIES["Invalid date"]
    if _DAY.search(bare):
        return "日期请写成 2026-01-31：四位年、两位月、两位日，中间用英文半角的连字符"
    return _MARKS if re.search(r"[，、：；＝“”‘’【】｛｝]", bare.partition("#")[0]) else ""


def _remedy(said: str) -> str:
    known = (remedy for start, remedy in _REMEDIES.items() if said.startswith(start))
    return next(known, "这一行不合 TOML 的写法，请改正")


def _refused(line: int, sentence: str) -> PolicyError:
    return PolicyError([Problem(place="TOML 格式", sentence=sentence, line=line)])
