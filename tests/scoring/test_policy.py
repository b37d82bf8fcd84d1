"""A policy with mistakes is refused: each mistake with its line, its place, its value and the remedy."""

import tomllib
from datetime import date
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

import config.commands  # noqa: F401 registers them
from scoring import Policy, PolicyError, Problem, check_versions, in_force, load_policy
from scoring.loading.checks import bands, indicators, scale, unrated, white
from scoring.loading.checks.rule import Rule
from scoring.loading.lines import Lines
from scoring.policy import Scale
from scoring.rating import Reference
from tests.scoring.mistakes import (
    INSPECTION_MISTAKES,
    MEASURES_MISTAKES,
    STANDING_MISTAKES,
    Mistake,
    mistakes,
)
from tests.scoring.sound import INSPECTION, MEASURES, REFERENCE, STANDING

ROOT = Path(__file__).resolve().parents[2]
SCHEMES = sorted(
    [
        *ROOT.glob("config/policy/*.toml"),
        *ROOT.glob("tests/cities/*/policy/*.toml"),
        *ROOT.glob("tests/scoring/authorities/*/policy*.toml"),
        *ROOT.glob("tests/scoring/policies/*.toml"),
    ]
)


def problems(text: str) -> list[Problem]:
    with pytest.raises(PolicyError) as caught:
        load_policy(text.encode())
    return caught.value.problems


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


MISTAKES = [
    *mistakes(STANDING, STANDING_MISTAKES),
    *mistakes(INSPECTION, INSPECTION_MISTAKES),
    *mistakes(MEASURES, MEASURES_MISTAKES),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.words)
def test_a_mistake_is_named_with_its_line_its_place_and_its_remedy(mistake: Mistake) -> None:
    found = problems(mistake.text)
    meant = [one for one in found if one.place == mistake.place and mistake.remedy in one.sentence]
    assert [one.line for one in meant] == [mistake.line], found
    assert all("请" in one.sentence for one in found)
    assert not mistake.alone or len(found) == 1, found


def test_every_rule_has_a_mistake_that_breaks_it() -> None:
    tables = [
        value
        for part in (bands, indicators, scale, unrated, white)
        for value in vars(part).values()
        if isinstance(value, tuple)
    ]
    rules = {rule.remedy for table in tables for rule in table if isinstance(rule, Rule)}
    assert rules <= {one.sentence for mistake in MISTAKES for one in problems(mistake.text)}


@pytest.mark.parametrize("path", SCHEMES, ids=lambda one: f"{one.parent.name} {one.stem}")
def test_a_published_scheme_is_read_as_msgspec_reads_it(path: Path) -> None:
    raw = path.read_bytes()
    policy = load_policy(raw)
    assert structs.replace(policy, digest="") == msgspec.toml.decode(raw, type=Policy)
    assert policy.digest == sha256(raw).hexdigest()


@pytest.mark.parametrize("text", [STANDING, INSPECTION, MEASURES])
def test_the_policies_of_these_tests_have_no_mistake_until_one_is_made(text: str) -> None:
    assert load_policy(text.encode())


def test_a_number_is_what_is_written_and_not_what_a_float_makes_of_it() -> None:
    text = STANDING.replace("points = 20", "points = 0.1").replace("cap = 41", 'cap = " 1e2 "')
    rule = load_policy(text.encode()).by_code["L01"]
    assert str(rule.points) == "0.1"
    assert str(rule.cap) == "100"


FIELDS = """
id since until reference scale scale.base scale.floor scale.made_of scale.measures scale.year_begins_month
scale.fresh_after_listing bands groups unrated unrated.first_days unrated.classes cycle cycle.pending white
"""
VALUES = """
1 | 1.5 | -0.0 | "1.50" | "x" | true | 2026-01-01 | 2026-01-01T00:00:00Z | 07:32:00 | [] | ["a"] | [1] | [[]]
| {} | { a = 1 } | "standing" | 12345678
"""


@pytest.mark.parametrize("field", FIELDS.split())
def test_a_kind_of_value_is_accepted_where_msgspec_accepts_it(field: str) -> None:
    for value in VALUES.split("|"):
        raw = f"{field} = {value.strip()}"
        with pytest.raises(msgspec.ValidationError) as caught:
            msgspec.toml.decode(raw, type=Policy)
        accepted = f"`$.{field}" not in str(caught.value)
        wrong = ("应当是", "只能写", "请写 true", "没有名称", "缺少")
        refused = [one for one in problems(raw) if one.place.startswith(field)]
        assert accepted is not any(one.sentence.startswith(wrong) for one in refused), value


def test_every_mistake_is_named_at_once_and_in_order_of_lines() -> None:
    text = STANDING
    for old, new in {
        'id = "T-1"': "id = 1",
        "since = 2026-01-01": "sinse = 2026-01-01",
        "base = 100": 'base = "hundred"',
        'record = "L05"': 'record = "L99"',
        "from = 60": "from = 61",
        "cap = 15": "cap = 1",
        "points = 20": "points = false",
        'title = "隐患（旧）"': 'title = ""',
        "grows_by = 5": "",
        'grades = ["A"]': 'grades = ["Z"]',
    }.items():
        text = text.replace(old, new, 1)
    found = problems(text)
    assert [one.place for one in found] == [
        "id",
        "since",
        "sinse",
        "scale.base",
        "unrated.classes[1] M · record",
        "bands[3] C · below",
        "groups[1] “安全” · cap",
        "indicators[1] L01 · points",
        "indicators[2] L02 · title",
        "indicators[5] L04 · grows_by",
        "indicators[6] L05 · points",
        "white[7] grade · grades",
    ]
    with pytest.raises(PolicyError) as caught:
        load_policy(text.encode())
    said = str(caught.value).split("\n")
    assert said[0] == "评分办法有 12 处要改："
    line = line_of(text, "points = false")
    assert (
        f"  第 {line} 行 indicators[1] L01 · points（现在是 false）：应当是数，如 5 或者 0.5，请改正"
        in said
    )


@pytest.mark.parametrize("text", [STANDING, INSPECTION, MEASURES])
def test_what_cannot_be_read_hides_nothing_else_and_misleads_nobody(text: str) -> None:
    """Each value in turn is of no kind at all: the only problems are its own and what rests on it."""
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        key, equals, _ = line.partition(" = ")
        if not equals:
            continue
        found = problems("\n".join([*lines[: number - 1], f"{key} = 07:32:00", *lines[number:]]))
        assert number in [one.line for one in found]
        assert all("没有" not in one.sentence or one.line == number for one in found), found


def test_an_address_is_one_that_can_be_opened_and_what_may_be_empty_may() -> None:
    given = 'reference = { document = "办法", article = "第一条", url = "https://example.cn/1" }'
    text = STANDING.replace(REFERENCE, given, 1).replace('gate = "O"', 'gate = "O"\ngroup = ""')
    assert load_policy(text.encode()).reference.url == "https://example.cn/1"
    (found,) = problems(text.replace("https://", "javascript:"))
    assert (found.place, found.sentence) == ("reference.url", "网址请以 https:// 或 http:// 开头")


def test_a_grade_no_score_leads_to_needs_a_veto_that_does() -> None:
    """Where every record is a veto, the score is always the base."""
    text = STANDING[: STANDING.index("[unrated]")].replace("bonus_at_most = 5\n", "")
    text += f"""
        [[bands]]
        grade = "A"
        from = 60
        [[bands]]
        grade = "B"
        below = 60
        [[indicators]]
        code = "V"
        title = "否决"
        points = 0
        limits_grade_to = "B"
        {REFERENCE}
    """
    assert load_policy(text.encode())
    (found,) = problems(text.replace('limits_grade_to = "B"', 'black_proposal = true\ngate = "P"'))
    assert found.sentence == "分数最低是 100，到不了这一级，请改正或删去这一级"
    assert problems(
        text.replace("[[bands]]", "[[x.bands]]").replace("[scale]", "bands = []\n[scale]")
    )


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
        (b"a = 1\nb = " + b"[" * 5000, 2, "套得太深"),
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
        "不是合法的 TOML（Something new (at line 3, column 1)），请改正",
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


def version(since: str, until: str = "", name: str = "") -> Policy:
    return Policy(
        id=name or since,
        title="",
        since=date.fromisoformat(since),
        until=date.fromisoformat(until) if until else None,
        reference=Reference(document="", article=""),
        scale=Scale(made_of="standing"),
        bands=(),
    )


OLD, NEW = version("2024-01-01", "2025-01-01"), version("2025-01-01")


def test_on_every_day_exactly_one_version_is_in_force() -> None:
    assert check_versions([NEW, OLD]) == []
    assert in_force([OLD, NEW], date(2024, 12, 31)) is OLD
    assert in_force([OLD, NEW], date(2025, 1, 1)) is NEW
    for day, versions in ((date(2023, 1, 1), [OLD, NEW]), (date(2026, 5, 1), [NEW, NEW])):
        with pytest.raises(PolicyError):
            in_force(versions, day)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([], ""),
        (
            [OLD, version("2025-01-02")],
            "2024-01-01、2025-01-02：2025-01-01 到 2025-01-01 没有一版施行",
        ),
        (
            [version("2024-12-01"), OLD],
            "2024-01-01、2024-12-01：2024-12-01 到 2024-12-31 两版同时施行："
            "请给前一版写 until = 2024-12-01，或者改后一版的 since",
        ),
        (
            [version("2024-01-01", name="乙"), version("2024-01-01", "2025-01-01", name="甲")],
            "甲、乙：2024-01-01 到 2024-12-31 两版同时施行",
        ),
        ([version("2024-01-01"), NEW], "2024-01-01、2025-01-01：2025-01-01 起两版同时施行"),
        # What lies within another version does not make the other one end.
        (
            [
                version("2024-01-01", "2026-01-01"),
                version("2024-05-01", "2024-06-01"),
                version("2026-01-01"),
            ],
            "2024-01-01、2024-05-01：2024-05-01 到 2024-05-31 两版同时施行",
        ),
        (
            [OLD, version("2025-01-01", name="2024-01-01")],
            "2024-01-01、2024-01-01（现在是 2024-01-01）：编号用了 2 次",
        ),
    ],
)
def test_a_gap_or_an_overlap_is_named_with_its_days(versions: list[Policy], expected: str) -> None:
    found = check_versions(versions)
    assert len(found) == bool(expected)
    assert all(expected in str(one) for one in found)


def test_of_versions_that_end_together_the_first_is_named_before_a_gap() -> None:
    whole, late = version("2024-01-01", "2026-01-01"), version("2025-01-01", "2026-01-01")
    found = check_versions([whole, late, version("2026-02-01")])
    assert [one.place for one in found] == ["2024-01-01、2025-01-01", "2024-01-01、2026-02-01"]


def test_what_a_day_is_to_be_warned_of_is_said_when_asked() -> None:
    ended = [OLD, version("2025-01-01", "2026-01-01")]
    names = ["a.toml", "b.toml"]
    assert check_versions(ended, names=names) == []
    assert check_versions([], date(2025, 3, 1)) == []
    assert check_versions([OLD, NEW], date(2024, 1, 1)) == []
    (warned,) = check_versions(ended, date(2025, 3, 1), names)
    assert str(warned).startswith("b.toml：2026-01-01 起没有一版施行")
    assert check_versions([OLD, NEW], date(2025, 3, 1), names) == []
    (early,) = check_versions([OLD, NEW], date(2023, 3, 1), names)
    assert str(early).startswith("a.toml：第一版 2024-01-01 才施行")


def test_a_code_that_a_later_version_has_lost_is_named() -> None:
    earlier = load_policy(STANDING.encode())
    later = msgspec.structs.replace(
        earlier,
        id="T-2",
        since=date(2027, 1, 1),
        until=None,
        indicators=tuple(one for one in earlier.indicators if one.code not in ("L01", "J01")),
    )
    (problem,) = check_versions([later, earlier])
    assert problem.place == "T-2"
    assert problem.value == "L01、J01"
    assert "没有前一版 T-1 的编码 L01、J01" in problem.sentence
    assert "until = 2027-01-01" in problem.sentence
    kept = msgspec.structs.replace(later, indicators=earlier.indicators)
    assert check_versions([earlier, kept]) == []
    measured = msgspec.structs.replace(
        later, scale=msgspec.structs.replace(later.scale, made_of="measures")
    )
    assert check_versions([earlier, measured]) == []


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("since = 2026/01/01", "日期请写成 2026-01-31"),
        ("since = 2026-1-1", "日期请写成 2026-01-31"),
        ("since = 2026-01-1", "日期请写成 2026-01-31"),
        ("since = 2026年1月1日", "日期请写成 2026-01-31"),
        ("since = 2026-13-01", "没有这一天"),
        ('a = { document = "办法"， article = "一" }', "有中文标点"),
        ('a = ["一"、"二"]', "有中文标点"),
        ("a ＝ 1", "有中文标点"),
        ('a = "一，二', "引号没有成对"),
        ('a = ["一", "二" # 说明，文字', "方括号没有收尾"),
    ],
)
def test_the_slips_of_chinese_writers_are_named(written: str, remedy: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(f'id = "T"\n{written}\n'.encode())
    (problem,) = caught.value.problems
    assert remedy in problem.sentence
    assert problem.line in (2, 3)
