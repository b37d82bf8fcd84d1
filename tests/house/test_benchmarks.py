"""Nobody runs a benchmark every day: each can at least be loaded, and says what it measures."""

from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCHMARKS = sorted(
    ".".join(one.relative_to(ROOT).with_suffix("").parts)
    for one in (ROOT / "tests/bench").rglob("*.py")
    if one.stem not in ("__init__", "__main__")
)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_can_be_loaded_and_says_what_it_is(name: str) -> None:
    assert import_module(name).__doc__
