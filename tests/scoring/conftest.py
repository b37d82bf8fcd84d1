"""A backtest of an authority that a test makes of texts."""

from pathlib import Path

import pytest

from config.backtest import Outcome, run_backtest
from tests.scoring.fourth import Backtest


@pytest.fixture
def backtest(tmp_path: Path) -> Backtest:
    """Runs an authority made of these texts."""

    def run(authority: str, policy: str, rows: str | bytes, found: str | bytes = "") -> Outcome:
        (tmp_path / "authority.toml").write_text(authority, "utf-8")
        (tmp_path / "policy.toml").write_text(policy, "utf-8")
        for name, text in {"rows.csv": rows, "found.csv": found}.items():
            if text:
                raw = text if isinstance(text, bytes) else text.encode()
                (tmp_path / name).write_bytes(raw)
        return run_backtest(tmp_path, tmp_path)

    return run
