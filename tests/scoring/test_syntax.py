"""What is no TOML is named with its line and its remedy, and every value is found on its line."""

import tomllib

import pytest

from scoring import PolicyError, load_policy
from scoring.loading.lines import Lines
from tests.scoring.mistakes import problems
from tests.scoring.no_toml import SLIPS, SYNTAX_MISTAKES, slip, syntax


@pytest.mark.parametrize("row", SYNTAX_MISTAKES.strip().split("\n"))
def test_what_is_no_toml_is_named_with_its_line_and_its_remedy(row: str) -> None:
    line, _, remedy = row.partition(" ⇒ ")[2].partition(" | ")
    (found,) = problems(syntax(row))
    assert (found.place, found.line) == ("TOML 格式", int(line))
    assert remedy in found.sentence


@pytest.mark.parametrize(
    ("raw", "line", "remedy"),
    [
        (b"", 1, "缺少这一项，请补上"),
        (b"a = 1\nb = '\xff'\n", 2, "文件不是 UTF-8 编码，请在编辑器里另存为 UTF-8"),
        (b"\n\na = '\xff'", 3, "文件不是 UTF-8 编码，请在编辑器里另存为 UTF-8"),
        (b"a = 1\nb = " + b"1" * 5000, 2, "数字太长，请改正"),
        (b"\nb = " + b"1" * 5000 + b"\nc = 1\n", 2, "数字太长，请改正"),
        (b"a = 1\nb = " + b"[" * 5000, 2, "括号套得太深，请拆开"),
        (b"a = 1\nb = " + b"[" * 5000 + b"\nc = 1\n", 2, "括号套得太深，请拆开"),
        (b"a = 1\nb = " + b"{a=" * 5000, 2, "括号套得太深，请拆开"),
        (b"\na = [1\n\n\n", 2, "方括号没有收尾，请在这里或者前一行补上 ]"),
        (b"\xef\xbb\xbf# BOM\r\nid = 1\r\n", 2, "应当是文字，请加英文半角引号"),
    ],
)
def test_bytes_of_every_kind_are_answered(raw: bytes, line: int, remedy: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(raw)
    assert (line, remedy) in [(one.line, one.sentence) for one in caught.value.problems]


def test_bytes_that_are_no_text_are_not_shown() -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(b"a = 1\nb = '\xff'\n")
    assert [(one.place, one.line, one.value) for one in caught.value.problems] == [
        ("TOML 格式", 2, "")
    ]


def told(text: str) -> list[tuple[int | None, str]]:
    """The lines of the problems of a text, and what stands there."""
    return [(one.line, one.value) for one in problems(text)]


def test_every_line_that_is_no_toml_is_told_at_once_with_what_stands_in_it() -> None:
    text = "a = ８\nb = 1\nc = 2026/1/1\n[d]\nsome words\ne = 1\ne = 2\nf = 80%\n"
    assert told(text) == [
        (1, "“a = ８”"),
        (3, "“c = 2026/1/1”"),
        (5, "“some words”"),
        (7, "“e = 2”"),
        (8, "“f = 80%”"),
    ]


@pytest.mark.parametrize(
    "first",
    [
        "[a",
        "【a】",
        "a = [1, x",
        "a = { b = x",
        "a = " + "'" * 3 + "x",
        'a = """\\q',
        "a = [" + "[" * 5000,
    ],
)
def test_a_line_on_which_others_rest_is_told_alone(first: str) -> None:
    assert [one.line for one in problems(f"{first}\nb = 80%\n")] == [1]


def test_where_the_mistake_may_lie_before_a_line_no_more_is_told() -> None:
    assert [one.line for one in problems("a = [1,\nb = 2\nc = 80%\n")] == [2]


def test_no_more_mistakes_are_told_than_anybody_reads() -> None:
    assert len(problems("a = 80%\n" * 200)) == 51


@pytest.mark.parametrize("empty", ["", "\n", "\n\n"])
def test_two_versions_in_one_file_are_told_apart(empty: str) -> None:
    text = empty + 'id = "1"\ntitle = "a"\n[scale]\nbase = 1\nid = "2"\nbase = 2\n'
    found = problems(text)[0]
    assert (found.line, found.sentence) == (
        5 + len(empty),
        "一个文件只写一版办法：请把第二版另存为一个文件",
    )


def test_a_long_fraction_is_a_number() -> None:
    found = problems("a = 1\nb = 0." + "1" * 5000)
    assert [one.line for one in found if one.sentence.startswith("没有名称是“b”的项")] == [2]


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


@pytest.mark.parametrize("row", SLIPS.strip().split("\n"))
def test_the_slips_of_chinese_writers_are_named(row: str) -> None:
    text = slip(row)
    (problem,) = problems(text)
    assert row.partition(" ⇒ ")[2] in problem.sentence
    assert problem.line in (text.count("\n"), text.count("\n") + 1)


@pytest.mark.parametrize("row", [*SYNTAX_MISTAKES.strip().split("\n"), *SLIPS.strip().split("\n")])
def test_with_the_ends_of_lines_of_another_system_the_same_is_told(row: str) -> None:
    text = slip(row)
    assert problems(text.replace("\n", "\r\n")) == problems(text)
