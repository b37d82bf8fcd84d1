"""What an engine that spreads schemas may not do: none of it is used but what `registry/SHARDING.md` names."""

import re
from pathlib import Path

import pytest
from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

import registry.tables  # noqa: F401 fills the metadata
from registry.grants import APPEND_ONLY

ROOT = Path(__file__).parents[2]
SAID = (ROOT / "registry/SHARDING.md").read_text("utf-8")
SOURCE = {
    path: path.read_text("utf-8")
    for room in ("registry", "config")
    for path in sorted((ROOT / room).rglob("*.py"))
}
# Words of SQL that are not used, as they stand in statements and in SQLAlchemy's calls.
NOT_USED = {
    "rules": r"CREATE (OR REPLACE )?RULE\b",
    "views": r"CREATE (OR REPLACE )?(MATERIALIZED )?VIEW\b",
    "temporary tables": r"CREATE TEMP|prefixes=\[\"TEMP",
    "notifications": r"\b(LISTEN|NOTIFY|pg_notify)\b",
    "deferrable constraints": r"DEFERRABLE|deferrable=|SET CONSTRAINTS",
    "row locks": r"FOR (NO KEY )?(UPDATE|SHARE) (OF|NOWAIT|SKIP)|with_for_update",
    "partitions": r"PARTITION BY (RANGE|LIST|HASH)",
    "exclusion": r"EXCLUDE USING|ExcludeConstraint",
    "cascades of truncation": r"TRUNCATE .* CASCADE",
    "merging": r"\bMERGE INTO\b",
}


@pytest.mark.parametrize("what", NOT_USED)
def test_what_is_said_not_to_be_used_is_not(what: str) -> None:
    found = [str(path) for path, text in SOURCE.items() if re.search(NOT_USED[what], text)]
    assert found == []


def test_every_trigger_function_and_lock_is_named_with_what_else_guards_it() -> None:
    whole = "\n".join(SOURCE.values())
    postgres = (ROOT / "registry/migrations/versions/2026-11-24_first.py").read_text("utf-8")
    postgres = postgres.split("POSTGRESQL = ", 1)[1]
    named = set(re.findall(r"CREATE TRIGGER (\w+)", postgres))
    named |= set(re.findall(r"CREATE FUNCTION (\w+)", postgres))
    named |= set(re.findall(r"\b(pg_(?:try_)?advisory_(?:xact_)?lock)\b", whole))
    named |= set(re.findall(r"\b(pg_export_snapshot)\b", whole))
    assert len(named) >= 7
    assert {one for one in named if one not in SAID} == set()
    later = {
        str(path)
        for path, text in SOURCE.items()
        if "CREATE TRIGGER" in text and path.name != "2026-11-24_first.py"
    }
    assert later == set(), "a new trigger needs a line in registry/SHARDING.md and rights behind it"


def test_what_a_trigger_guards_the_rights_guard_too() -> None:
    postgres = (ROOT / "registry/migrations/versions/2026-11-24_first.py").read_text("utf-8")
    guarded = re.findall(r"TRUNCATE ON (\w+)", postgres)
    assert set(guarded) == set(APPEND_ONLY)


def test_no_reference_leaves_the_schema_and_every_one_is_checked_at_once() -> None:
    for table in SQLModel.metadata.sorted_tables:
        assert table.schema is None, table.name
        for one in table.foreign_key_constraints:
            assert one.referred_table.schema is None
            assert not one.deferrable


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("ledger", {"previous"}),
        ("step", {"matter", "seq"}),
        ("edition", {"period", "number"}),
    ],
)
def test_where_a_lock_failed_the_second_row_would_be_refused(table: str, columns: set[str]) -> None:
    found = SQLModel.metadata.tables[table]
    unique = [
        set(one.columns.keys()) for one in found.constraints if isinstance(one, UniqueConstraint)
    ]
    unique += [set(one.columns.keys()) for one in found.indexes if one.unique]
    assert columns in unique
