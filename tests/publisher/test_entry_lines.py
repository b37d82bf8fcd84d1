"""A line of an edition is found by whose it is, whatever was withdrawn around it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.edition import Tombstone, tombstones_in
from publisher.entry_lines import line_of, lines_of
from scoring.canonical import canonical

IDS = st.sets(st.text("AB0-9宁", min_size=1, max_size=4), max_size=25)
FOLDER = [HealthCheck.function_scoped_fixture]


def line(id: str) -> bytes:
    """What begins as an entry's line does: whose it is stands in the facts first; texts may say anything."""
    said = '\\n{"hash":"institution":"A"'
    return msgspec.json.encode({"code": said, "facts": {"institution": id, "kind": said * len(id)}})


def stone(id: str) -> bytes:
    return canonical(
        Tombstone(
            hash=id.encode().hex().rjust(64, "0")[-64:], on=date(2026, 11, 3), reason="已撤销"
        )
    )


@pytest.fixture
def written(tmp_path: Path) -> Callable[[set[str], set[str]], Path]:
    """A folder with the lines of some, and tombstones of others, in their order."""

    def write(standing: set[str], withdrawn: set[str]) -> Path:
        lines = [stone(id) if id in withdrawn else line(id) for id in sorted(standing | withdrawn)]
        (tmp_path / "entries.jsonl").write_bytes(b"".join(one + b"\n" for one in lines))
        return tmp_path

    return write


@settings(suppress_health_check=FOLDER)
@given(standing=IDS, withdrawn=IDS, others=IDS)
def test_each_line_that_stands_is_found_and_no_other(
    written: Callable[[set[str], set[str]], Path],
    standing: set[str],
    withdrawn: set[str],
    others: set[str],
) -> None:
    folder = written(standing, withdrawn)
    there = standing - withdrawn
    asked = there | withdrawn | others
    assert list(lines_of(folder, asked)) == [line(id) for id in sorted(there)]
    for id in asked:
        assert line_of(folder, id) == (line(id) if id in there else b"")
    assert tombstones_in(folder) == len(withdrawn)
