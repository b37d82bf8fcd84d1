"""A draft moves exactly those whom its changed rules touch."""

from datetime import date
from pathlib import Path

from click.testing import CliRunner

import config.commands  # noqa: F401 registers them
from config.cli import xinyong
from config.demo import institutions
from config.settings import Settings
from scoring import assess, load_policy
from scoring.replay import replay

RAW = (Path(__file__).parents[2] / "config/policy/NB-2026-1.toml").read_text("utf-8")
NOW = load_policy(RAW.encode())
DAY = date(2026, 10, 31)


def draft(points: int) -> str:
    """The same policy with another price for one code."""
    start = RAW.index('code = "S01"')
    at = RAW.index("points =", start)
    end = RAW.index("\n", at)
    changed = f"{RAW[:at]}points = {points}{RAW[end:]}"
    return changed.replace('id = "NB-2026-1"', 'id = "NB-DRAFT"', 1)


def test_a_draft_that_changes_nothing_moves_nobody() -> None:
    facts = [one.facts for one in institutions(1, 300)]
    assert replay(facts, NOW, load_policy(draft(5).encode()), DAY) == ()


def test_a_changed_price_moves_those_who_pay_it_and_names_the_rule() -> None:
    facts = [one.facts for one in institutions(1, 600)]
    new = load_policy(draft(12).encode())
    moves = {one.institution: one for one in replay(facts, NOW, new, DAY)}
    paying = {
        one.institution
        for one in facts
        if any(r.code == "S01" and r.points for r in assess(one, NOW, DAY).reasons)
    }
    assert moves.keys() == paying
    assert paying
    for move in moves.values():
        assert move.before.score is not None
        assert move.after.score is not None
        assert move.after.score < move.before.score
        assert "S01" in {shift.code for shift in move.shifts}


def test_the_command_tells_who_moves_and_why_over_past_months(
    demo: Settings, tmp_path: Path
) -> None:
    (tmp_path / "draft.toml").write_text(draft(12), "utf-8")
    table = tmp_path / "moves.csv"
    words = ["replay", str(tmp_path / "draft.toml"), "--on", "2026-10-31", "--months", "12"]
    told = CliRunner(env={"XINYONG_DATA": str(demo.data)}).invoke(
        xinyong, [*words, "--csv", str(table)], catch_exceptions=False
    )
    assert told.exit_code == 0
    assert "2025-11-30" in told.output
    assert "2026-10-31" in told.output
    rows = table.read_text("utf-8-sig").splitlines()
    assert rows[0].startswith("日期,机构编号")
    assert all("S01：" in row for row in rows[1:])
    assert len(rows) > 1
