"""What is wrong in a line that is no TOML: what its reader says, and the slips of those who write Chinese."""

import re
import tomllib
from datetime import date

_QUOTES = "引号没有成对：请用英文半角引号，在同一行里收尾"
TWICE = "同一项写了两次，请只留一次"
_HEADER = f"{TWICE}；并列的多条用双方括号，如 [[indicators]]"
_SPLIT = "这一项前面已经用别的写法写过，请合到一处；并列的多条用双方括号，如 [[indicators]]"
_ESCAPE = "反斜杠后面不合规定：请把反斜杠写成两个，或者改用单引号"
_HIDDEN = "有看不见的控制字符，请删去"
_BRACKET = "方括号没有收尾，请在这里或者前一行补上 ]"
# What the reader of the standard library says, the longer words first.
_REMEDIES = {
    "Cannot overwrite": TWICE,
    "Duplicate inline table key": TWICE,
    "Cannot declare": _HEADER,
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
_WIDE = "这一行有全角的数字、字母或者符号：请改用英文半角的"
_BLANKS = "这一行有看不见的字符，或者全角、不换行的空格：请删去，空格用英文半角的"
_DATE = "日期请写成 2026-01-31：四位年、两位月、两位日，中间用英文半角的连字符"
_NUMBER = (
    "数只写数字和小数点，如 80、0.5：单位、百分号、分数线、千分位逗号和开头的 0 请删去，小数点前后都要有数字，"
    "说明文字前面加 #"
)
_ONE_LINE = "花括号里的各项要写在同一行，请合到一行"
_TEXTS = re.compile(r""""[^"]*("|$)|'[^']*('|$)""")
_DAY = re.compile(r"=\s*\d{4}\s*(?:[/.年]\s*\d{1,2}|-\d(?!\d)|-\d\d-\d(?!\d))", re.ASCII)
_SOME_DAY = re.compile(r"=\s*(\d{4}-\d\d-\d\d)\s*$", re.ASCII)
_CHINESE = re.compile(r"[，、。：；＝“”‘’【】｛｝（）]")
_FULL_WIDTH = re.compile(r"[\uff01-\uff5e]")
_ODD_BLANK = re.compile(r"[^\S \t]|[\u200b-\u200f\u2060\ufeff\x00-\x08]")
# What begins as a number directly after the equals sign, and what follows it.
_SOME_NUMBER = re.compile(r"=\s*([+-]?\.?\d\S*)\s*(.*)", re.ASCII)
_SOUND_NUMBER = re.compile(r"[+-]?(0|[1-9](_?\d)*)(\.\d(_?\d)*)?(e[+-]?\d+)?|\d{4}-.*", re.A | re.I)
_HEADS = ("[", "【", "［")


def remedy(said: str, line: str) -> str:
    """What to do about a line, by what stands there, else by what the reader of TOML says."""
    known = (sentence for start, sentence in _REMEDIES.items() if said.startswith(start))
    sentence = _slip(_bare(line)) or next(known, "这一行不合 TOML 的写法，请改正")
    return _HEADER if sentence == TWICE and line.strip().startswith(_HEADS) else sentence


def alone(line: str, sentence: str) -> bool:
    """Whether a mistake lies in this line alone: without it the others mean what they meant."""
    bare = _bare(line)
    if line.strip().startswith(_HEADS) or "'''" in line or '"""' in line:
        return False
    if any(bare.count(one) != bare.count(other) for one, other in ("[]", "{}")):
        return False
    return sentence == TWICE or not _is_sound(line)


def _is_sound(line: str) -> bool:
    try:
        tomllib.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _bare(line: str) -> str:
    """A line without its texts and its comment."""
    return _TEXTS.sub("", line).partition("#")[0]


def _slip(bare: str) -> str:
    """What Chinese writers slip into, which the reader of the standard library cannot name."""
    slips = (
        (_is_no_day(bare), _REMEDIES["Invalid date"]),
        (_DAY.search(bare), _DATE),
        (_CHINESE.search(bare), _MARKS),
        (_FULL_WIDTH.search(bare), _WIDE),
        (_ODD_BLANK.search(bare), _BLANKS),
        (_is_no_number(bare), _NUMBER),
        ("{" in bare and "}" not in bare and bare.rstrip().endswith(("{", ",")), _ONE_LINE),
    )
    return next((sentence for there, sentence in slips if there), "")


def _is_no_day(bare: str) -> bool:
    found = _SOME_DAY.search(bare)
    if found is None:
        return False
    try:
        date.fromisoformat(found[1])
    except ValueError:
        return True
    return False


def _is_no_number(bare: str) -> bool:
    found = _SOME_NUMBER.search(bare)
    if found is None:
        return False
    # Where a second name follows, two things stand in one line.
    return not _SOUND_NUMBER.fullmatch(found[1]) or (bool(found[2]) and "=" not in found[2])
