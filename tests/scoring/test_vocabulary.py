"""`config/policy/README.md` names the whole vocabulary and nothing else, and its examples load."""

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from msgspec import NODEFAULT, Struct, inspect

from scoring import Policy, PolicyError, load_policy
from scoring.rating import Reference
from tests.scoring.test_cases import SCHEMES

ROOT = Path(__file__).parents[2]
README = (ROOT / "config/policy/README.md").read_text("utf-8")
BLOCK = re.compile(r"^( *)```toml( refused)?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
MINIMAL = {
    "id": 'id = "MINIMAL"\n',
    "title": 'title = "最小的办法"\n',
    "since": "since = 2026-01-01\n",
    "reference": 'reference = { document = "某办法", article = "第一条" }\n',
    "scale": '[scale]\nmade_of = "standing"\nbase = 100\n',
    "bands": '[[bands]]\ngrade = "A"\nfrom = 90\n[[bands]]\ngrade = "B"\nfrom = 60\nbelow = 90\n'
    '[[bands]]\ngrade = "D"\nbelow = 60\n',
    "indicators": '[[indicators]]\ncode = "X"\ntitle = "一项"\npoints = 5\n'
    'reference = { document = "某办法", article = "第二条" }\n',
}


def structs(kind: inspect.Type, heading: str) -> Iterator[tuple[str, type[Struct]]]:
    """Every struct of the vocabulary with the heading of its section; a reference has one of its own."""
    if isinstance(kind, inspect.UnionType):
        kind = next(one for one in kind.types if isinstance(one, inspect.StructType))
    if isinstance(kind, inspect.VarTupleType):
        kind, heading = kind.item_type, f"[{heading}]"
    if not isinstance(kind, inspect.StructType):
        return
    yield heading, kind.cls
    path = heading.strip("[]")
    for field in kind.fields:
        if kind.cls is not Reference and field.name not in ("reference", "also"):
            with_path = f"[{path}.{field.encode_name}]" if path else f"[{field.encode_name}]"
            if holds_struct(field.type):
                yield from structs(field.type, with_path)


def holds_struct(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.UnionType):
        return any(holds_struct(one) for one in kind.types)
    if isinstance(kind, inspect.VarTupleType):
        return holds_struct(kind.item_type)
    return isinstance(kind, inspect.StructType)


# Words of a list of choices that no published scheme known to us asks for.
NOT_ASKED_FOR = {
    "classes": {"accident", "employer", "credit"},
    "results": {"不合格"},
    "severities": {"轻微", "一般"},
}
STRUCTS = dict(structs(inspect.type_info(Policy), "")) | {"reference": Reference}


def words(kind: inspect.Type) -> set[str]:
    """The words of a closed set, wherever it stands in a type; the empty one is a default."""
    if isinstance(kind, inspect.LiteralType):
        return {str(one) for one in kind.values} - {""}
    if isinstance(kind, inspect.UnionType):
        return set().union(*(words(one) for one in kind.types))
    return words(kind.item_type) if isinstance(kind, inspect.VarTupleType) else set()


def section(heading: str) -> str:
    title = f"`{heading}`" if heading else "The file"
    found = re.search(rf"^## {re.escape(title)} .*?(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title}"
    return found.group()


def rows(text: str) -> dict[str, list[str]]:
    """The rows of a section's first table by the name in their first column."""
    table = re.search(r"^\| Name \|.*?\n\n", f"{text}\n\n", re.MULTILINE | re.DOTALL)
    assert table, text[:80]
    cells = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in table.group().strip().splitlines()[2:]
    ]
    return {row[0].strip("`"): row[1:] for row in cells}


def default_of(field: msgspec.structs.FieldInfo) -> str:
    """A field's default as the README writes it."""
    if field.default is NODEFAULT:
        return "required"
    value = field.default
    if value is None:
        return "none"
    if value == ():
        return "`[]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Struct):
        return "its defaults"
    return f"`{value}`" if isinstance(value, int | Decimal) else f'`"{value}"`'


@pytest.mark.parametrize("heading", STRUCTS, ids=lambda one: one or "file")
def test_each_table_names_every_field_with_its_default_and_no_other(heading: str) -> None:
    told = rows(section(heading))
    fields = {one.encode_name: one for one in msgspec.structs.fields(STRUCTS[heading])}
    assert list(told) == list(fields)
    for name, (chinese, meaning, default, refused) in told.items():
        assert default == default_of(fields[name]), name
        assert re.search(r"[\u4e00-\u9fff]", chinese), name
        assert meaning, name
        assert refused, name


@pytest.mark.parametrize("heading", STRUCTS, ids=lambda one: one or "file")
def test_each_section_names_every_word_of_its_closed_sets(heading: str) -> None:
    text = section(heading)
    for field in inspect.type_info(STRUCTS[heading]).fields:  # type: ignore[attr-defined] # a struct
        for word in words(field.type):
            assert f'`"{word}"`' in text, (field.encode_name, word)


def test_a_name_in_code_is_a_name_of_the_vocabulary() -> None:
    names = {one.encode_name for kind in STRUCTS.values() for one in msgspec.structs.fields(kind)}
    closed = {
        word
        for kind in STRUCTS.values()
        for one in inspect.type_info(kind).fields  # type: ignore[attr-defined] # a struct
        for word in words(one.type)
    }
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    for said in re.findall(r"`([a-z_]+)`", prose):
        assert said in names | {"false", "true"}, said
    for said in re.findall(r"`([a-z_]+) = [^`]*`", prose):
        assert said in names, said
    for said in re.findall(r'`"([^"`]+)"`', prose):
        assert said in closed | {"N", "S"}, said


def whole(block: str) -> bytes:
    """A block as a policy: what it leaves out is taken from the minimal one."""
    given = tomllib.loads(block)
    if "id" in given:
        return block.encode()
    head = [MINIMAL[name] for name in ("id", "title", "since", "reference") if name not in given]
    rest = [MINIMAL[name] for name in ("scale", "bands") if name not in given]
    # One fault without a cap, so that every grade can be reached.
    rest += [MINIMAL["indicators"].replace('"X"', '"Z"' if "indicators" in given else '"X"')]
    return "\n".join([*head, block, *rest]).encode()


def blocks(*, refused: bool) -> list[object]:
    return [
        pytest.param(found.group(3), id=f"line {README[: found.start()].count(chr(10)) + 1}")
        for found in BLOCK.finditer(README)
        if bool(found.group(2)) is refused
    ]


@pytest.mark.parametrize("block", blocks(refused=False))
def test_an_example_loads(block: str) -> None:
    load_policy(whole(block))


@pytest.mark.parametrize("block", blocks(refused=True))
def test_an_example_of_what_is_refused_is_refused(block: str) -> None:
    with pytest.raises(PolicyError):
        load_policy(whole(block))


def test_every_block_is_an_example_and_every_section_has_one() -> None:
    assert len(blocks(refused=False)) + len(blocks(refused=True)) == README.count("```toml")
    for heading in STRUCTS:
        if heading != "reference" and heading != "[unrated]":
            assert "```toml" in section(heading), heading


def held(value: object) -> Iterator[tuple[type[Struct], msgspec.structs.FieldInfo, object]]:
    """Every field of every struct below a value that has another value than its default."""
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, Struct):
            for field in msgspec.structs.fields(type(one)):
                below = getattr(one, field.name)
                if below != field.default:
                    yield type(one), field, below
                    yield from held(below)


def test_every_notion_is_used_by_a_scheme_that_has_cases() -> None:
    used: dict[tuple[type[Struct], str], set[object]] = {}
    for path in SCHEMES:
        for kind, field, value in held(load_policy(path.read_bytes())):
            values = value if isinstance(value, tuple) else (value,)
            used.setdefault((kind, field.encode_name), set()).update(
                one for one in values if isinstance(one, str)
            )
    for kind in STRUCTS.values():
        for info in inspect.type_info(kind).fields:  # type: ignore[attr-defined] # a struct
            name = kind, info.encode_name
            assert name in used or name == (Reference, "url"), name
            unsaid = words(info.type) - used.get(name, set())
            if isinstance(info.default, str):
                unsaid -= {info.default}
            assert unsaid <= NOT_ASKED_FOR.get(info.encode_name, set()), (name, unsaid)


def test_the_checks_of_this_file_would_find_a_missing_word() -> None:
    assert "gate" in rows(section("[[indicators]]"))
    assert {"F", "O", "P", "J", "PJ"} <= set().union(
        *(words(one.type) for one in inspect.type_info(STRUCTS["[[indicators]]"]).fields)  # type: ignore[attr-defined] # a struct
    )
    assert set(STRUCTS) == {
        "",
        "reference",
        "[scale]",
        "[[bands]]",
        "[[indicators]]",
        "[[groups]]",
        "[unrated]",
        "[[unrated.classes]]",
        "[cycle]",
        "[[unknown]]",
        "[[white]]",
    }
