"""What is no TOML is named with its line and its remedy, and every value is found on its line."""

import tomllib

import pytest

from scoring import PolicyError, load_policy
from scoring.loading.lines import Lines
from tests.scoring.mistakes import problems

# ↵ is a line's end, ‴ three quotes.
SYNTAX_MISTAKES = r"""
id = "T ⇒ 1 | 引号没有成对
id = 'T ⇒ 1 | 引号没有成对
a = 1 ↵ a = 2 ⇒ 2 | 同一项写了两次
a = 1 ↵ [b] ↵ [b] ⇒ 3 | 并列的多条用双方括号
a = [1] ↵ [[a]] ⇒ 2 | 合到一处
a = “好” ⇒ 1 | 英文半角引号
a = 是 ⇒ 1 | 是或否写 true 或 false
a = 2026-02-30 ⇒ 1 | 没有这一天
a = 1 ↵ 说明文字 ⇒ 2 | 行首加 #
a = 1 b = 2 ⇒ 1 | 一行只写一项
a = 1 ↵ [b ⇒ 2 | 方括号没有收尾
[[b] ⇒ 1 | 双方括号没有收尾
a = [1, ↵ 2 ⇒ 2 | 方括号没有收尾
a = { b = 1 ⇒ 1 | 花括号没有收尾
a = ["x", ↵ b = 1 ⇒ 2 | 前一行的括号没有收尾
a = "\q" ⇒ 1 | 反斜杠
a = '''x ↵ b = 1 ↵ ⇒ 1 | 引号没有成对
a = '''x ↵ ‴ y ⇒ 1 | 引号没有成对
a = '''x''' ↵ b = '''y ↵ c = 1 ⇒ 2 | 引号没有成对
a = ‴x‴ ↵ b = ‴y ↵ c = 1 ⇒ 2 | 引号没有成对
a = ‴x ↵ \‴ ↵ b = 1 ⇒ 1 | 引号没有成对
a = ‴x‴" ↵ b = 'y' # ''' ↵ c = "y ⇒ 3 | 引号没有成对
a = '''x'''' ↵ b = "y\"'''" ↵ c = [1, ⇒ 3 | 前一行的括号没有收尾
a = ‴x‴ ↵ b = [1 ⇒ 2 | 方括号没有收尾
"""


@pytest.mark.parametrize("row", SYNTAX_MISTAKES.strip().split("\n"))
def test_what_is_no_toml_is_named_with_its_line_and_its_remedy(row: str) -> None:
    text, _, expected = row.partition(" ⇒ ")
    line, _, remedy = expected.partition(" | ")
    (found,) = problems(text.replace(" ↵ ", "\n").replace("‴", '"""'))
    assert (found.place, found.line) == ("TOML 格式", int(line))
    assert remedy in found.sentence


@pytest.mark.parametrize(
    ("raw", "line", "remedy"),
    [
        (b"", 1, "缺少这一项"),
        (b"a = 1\nb = '\xff'\n", 2, "另存为 UTF-8"),
        (b"a = 1\nb = 0." + b"1" * 5000, 2, "没有名称是“b”"),
        (b"a = 1\nb = " + b"1" * 5000, 2, "数字太长"),
        (b"\nb = " + b"1" * 5000 + b"\nc = 1\n", 2, "数字太长"),
        (b"a = 1\nb = " + b"[" * 5000, 2, "套得太深"),
        (b"a = 1\nb = " + b"[" * 5000 + b"\nc = 1\n", 2, "套得太深"),
        (b"a = 1\nb = " + b"{a=" * 5000, 2, "套得太深"),
        (b"\na = [1\n\n\n", 2, "方括号没有收尾"),
        (b"\xef\xbb\xbf# BOM\r\nid = 1\r\n", 2, "应当是文字"),
    ],
)
def test_bytes_of_every_kind_are_answered(raw: bytes, line: int, remedy: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(raw)
    assert any(one.line == line and remedy in one.sentence for one in caught.value.problems)


def test_a_remedy_is_given_for_words_of_a_reader_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object, **__: object) -> None:
        raise tomllib.TOMLDecodeError("Something new (at line 3, column 1)")

    monkeypatch.setattr(tomllib, "loads", read)
    (found,) = problems("a = 1")
    assert (found.line, found.sentence) == (
        3,
        "这一行不合 TOML 的写法，请改正",
    )


LAYOUT = [
    "# [scale] in a comment = [",
    "\"id\" = '''",
    "[[bands]]",
    "a = \"''' # ]]",
    "scale.base = 1",
    "scale.'made of' = 'x'",
    'scale . "floor" = 2',
    "",
    "[ unrated ] # table",
    r'title = "\"[x]\" # no comment"',
    "[[unrated.classes]]",
    "grade = '\"'",
    "[[unrated.classes]]",
    'grade = ""',
    "codes = [ # one ]",
    '  "a", # two',
    "  [1, 2.5], 1979-05-27 07:32:00,",
    "  { b = [",
    "    3 ], c = 4 },",
    "]",
    "[white.deep]",
    "more = 1",
    "[[unrated.classes.again]]",
    'several = """',
    r'x = 1 \"""" # ]"""""',
    "last = true",
]


def test_every_value_is_found_on_its_line_however_it_is_laid_out() -> None:
    text = "\n".join(LAYOUT)
    assert tomllib.loads(text)["unrated"]["classes"][1]["again"][0]["last"] is True
    lines = Lines(text)
    for path, part in {
        ("id",): '"id"',
        ("scale",): "scale.base",
        ("scale", "base"): "scale.base",
        ("scale", "made of"): "scale.'made of'",
        ("scale", "floor"): 'scale . "floor"',
        ("unrated",): "[ unrated ]",
        ("unrated", "title"): "title =",
        ("unrated", "classes", 0): "[[unrated.classes]]",
        ("unrated", "classes", 0, "grade"): "grade = '\"'",
        ("unrated", "classes", 1, "grade"): 'grade = ""',
        ("unrated", "classes", 1, "codes", 0): '  "a"',
        ("unrated", "classes", 1, "codes", 1, 1): "  [1, 2.5]",
        ("unrated", "classes", 1, "codes", 2): "  [1, 2.5]",
        ("unrated", "classes", 1, "codes", 3, "b"): "  { b",
        ("unrated", "classes", 1, "codes", 3, "b", 0): "    3 ]",
        ("unrated", "classes", 1, "codes", 3, "c"): "    3 ]",
        ("white",): "[white.deep]",
        ("white", "deep", "more"): "more = 1",
        ("white", "deep", "missing"): "[white.deep]",
        ("unrated", "classes", 1, "again", 0, "several"): "several",
        ("unrated", "classes", 1, "again", 0, "last"): "last",
        ("missing", "altogether"): "# [scale]",
    }.items():
        assert LAYOUT[lines.of(path) - 1].startswith(part), path


def test_an_empty_line_at_the_beginning_is_a_line() -> None:
    assert Lines("\na = 1").of(("a",)) == 2


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("since = 2026/01/01", "日期请写成 2026-01-31"),
        ("since = 2026-1-1", "日期请写成 2026-01-31"),
        ("since = 2026-01-1", "日期请写成 2026-01-31"),
        ("since = 2026年1月1日", "日期请写成 2026-01-31"),
        ("since = 2026-13-01", "没有这一天"),
        ("# 说明：起始日 ↵ since = 2026-1-1", "日期请写成 2026-01-31"),
        ("# 说明：起始日 ↵ since ＝ 2026-01-01", "有中文标点"),
        ('a = { document = "办法"， article = "一" }', "有中文标点"),
        ('a = ["一"、"二"]', "有中文标点"),
        ("a ＝ 1", "有中文标点"),
        ('a = "一，二', "引号没有成对"),
        ('a = ["一", "二" # 说明，文字', "方括号没有收尾"),
    ],
)
def test_the_slips_of_chinese_writers_are_named(written: str, remedy: str) -> None:
    lines = ['id = "T"', *written.split(" ↵ "), ""]
    (problem,) = problems("\n".join(lines))
    assert remedy in problem.sentence
    assert problem.line in (len(lines) - 1, len(lines))
