"""A policy with mistakes is refused: each mistake with its line, its place, its value and the remedy."""

from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from scoring import Policy, PolicyError, load_policy
from scoring.loading.checks import bands, caps, indicators, scale, unrated, white
from scoring.loading.checks.rule import Rule
from tests.scoring.exemplars import HERE
from tests.scoring.mistakes import (
    INSPECTION_EDGES,
    INSPECTION_MISTAKES,
    MEASURES_EDGES,
    MEASURES_MISTAKES,
    STANDING_EDGES,
    STANDING_MISTAKES,
    Mistake,
    changed,
    line_of,
    mistakes,
    problems,
)
from tests.scoring.no_toml import SLIPS, SYNTAX_MISTAKES, slip, syntax
from tests.scoring.sound import INSPECTION, MEASURES, REFERENCE, SCHEMES, STANDING

MISTAKES = [
    *mistakes(STANDING, STANDING_MISTAKES),
    *mistakes(INSPECTION, INSPECTION_MISTAKES),
    *mistakes(MEASURES, MEASURES_MISTAKES),
]


def told() -> str:
    """Every mistake of the tables with the problems it is told as."""
    texts = [(one.words, one.text) for one in MISTAKES]
    texts += [(row, syntax(row)) for row in SYNTAX_MISTAKES.strip().splitlines()]
    texts += [(row, slip(row)) for row in SLIPS.strip().splitlines()]
    return "\n".join(
        "".join([f"{words}\n", *(f"  {one}\n" for one in problems(text))]) for words, text in texts
    )


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.words)
def test_a_mistake_is_named_with_its_line_its_place_and_its_remedy(mistake: Mistake) -> None:
    found = problems(mistake.text)
    meant = [one for one in found if one.place == mistake.place and mistake.remedy in one.sentence]
    assert [one.line for one in meant] == [mistake.line], found
    assert all("请" in one.sentence for one in found)
    assert not mistake.alone or len(found) == 1, found


EDGES = [
    *((STANDING, row) for row in STANDING_EDGES.strip().splitlines()),
    *((INSPECTION, row) for row in INSPECTION_EDGES.strip().splitlines()),
    *((MEASURES, row) for row in MEASURES_EDGES.strip().splitlines()),
]


@pytest.mark.parametrize(("text", "row"), EDGES, ids=[row for _, row in EDGES])
def test_what_lies_on_an_edge_is_no_mistake(text: str, row: str) -> None:
    for change in row.split(" ； "):
        text, _ = changed(text, change)
    assert load_policy(text.encode())


@pytest.mark.parametrize(
    ("change", "value"), [('id = "T-1" ⇒ ∅', ""), ("months = 11 ⇒ months = 0", "0")]
)
def test_what_stands_there_is_shown_and_nothing_where_nothing_does(change: str, value: str) -> None:
    text, _ = changed(STANDING, change)
    assert [one.value for one in problems(text)] == [value]


def test_a_text_longer_than_anybody_reads_is_refused() -> None:
    assert load_policy(STANDING.replace('title = "逃匿"', f'title = "{"长" * 1000}"').encode())
    (found,) = problems(STANDING.replace('title = "逃匿"', f'title = "{"长" * 1001}"'))
    assert (found.place, found.sentence) == (
        "indicators[4] L03 · title",
        "太长：至多 1000 个字，请缩短",
    )


def test_a_table_under_a_wrong_name_is_no_cause_for_other_complaints() -> None:
    text = STANDING.replace("[[indicators]]", "[[indicator]]")
    assert [one.place for one in problems(text)] == ["indicator"]


@pytest.mark.parametrize(
    "kept", ["first_days = 180", "months_without_inspection = 24", "needs_licence = true"]
)
def test_a_veto_may_go_before_any_one_reason_for_no_grade(kept: str) -> None:
    text = STANDING.replace("first_days = 180\nmonths_without_inspection = 24", kept)
    special = text[text.index("[[unrated.classes]]") : text.index("[[bands]]")]
    record = f'[[indicators]]\ncode = "L05"\ntitle = "托管"\npoints = 0\n{REFERENCE}\n'
    assert load_policy(text.replace(special, "").replace(record, "").encode())


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f'"{"长" * 40}"', f"“{'长' * 40}”"),
        (f'"{"长" * 41}"', f"“{'长' * 40}…”"),
        ("true", "true"),
        ("[1, 2]", "2 项的列表"),
        ("[]", "空的列表"),
        ("{ a = 1 }", ""),
        ("1000000000000000", "1000000000000000"),
        ("-1000000000000001", "很长的整数"),
        ("2026-01-31", "2026-01-31"),
        (f"0.{'1' * 38}", f"0.{'1' * 38}"),
        (f"0.{'1' * 39}", f"0.{'1' * 38}…"),
    ],
)
def test_what_stands_at_a_mistake_is_shown_in_short(written: str, shown: str) -> None:
    (found,) = problems(STANDING.replace("points = 20", f"points = {written}"))
    assert found.value == shown


def test_the_only_grade_of_a_scheme_may_lead_to_a_list() -> None:
    one = 'proposes = "watch"\nproposes_months = 6'
    text = (
        INSPECTION[: INSPECTION.index("[[bands]]")] + INSPECTION[INSPECTION.index("[[unknown]]") :]
    )
    assert load_policy(f'{text}[[bands]]\ngrade = "在册"\n{one}\n'.encode())


def test_every_mistake_is_told_in_the_words_that_are_frozen() -> None:
    """The file is compared whole: look at each difference before taking it over."""
    assert told() == (HERE / "frozen/mistakes.txt").read_text("utf-8")


def test_the_ends_of_lines_of_another_system_change_no_word() -> None:
    for one in MISTAKES:
        assert problems(one.text.replace("\n", "\r\n")) == problems(one.text), one.words


def test_every_rule_has_a_mistake_that_breaks_it() -> None:
    tables = [
        value
        for part in (bands, caps, indicators, scale, unrated, white)
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
    text = STANDING.replace("points = 20", "points = 0.1").replace("cap = 41", "cap = 1e2")
    policy = load_policy(text.replace("floor = 0", "floor = -0.0").encode())
    rule = policy.by_code["L01"]
    assert str(rule.points) == "0.1"
    assert str(rule.cap) == "100"
    assert str(policy.scale.floor) == "0"


FIELDS = """
id since until reference scale scale.base scale.floor scale.made_of scale.measures scale.year_begins_month
scale.fresh_after_listing bands groups unrated unrated.first_days unrated.classes cycle cycle.pending white
"""
VALUES = """
1 | 1.5 | -0.0 | "x" | true | 2026-01-01 | 2026-01-01T00:00:00Z | 07:32:00 | [] | ["a"] | [1] | [[]]
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
        f"  第 {line} 行 indicators[1] L01 · points（现在是 false）：应当是数，如 5 或者 0.5，不加引号，请改正"
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
    assert load_policy(text.replace("https://", "http://").encode())
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
    bare = text.replace("[[bands]]", "[[x.bands]]").replace("[scale]", "bands = []\n[scale]")
    (found,) = [one for one in problems(bare) if one.place == "bands"]
    assert (found.line, found.sentence) == (
        line_of(bare, "bands = []"),
        "至少要有一个等级，请补上 [[bands]]",
    )
