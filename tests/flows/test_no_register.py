"""Where no register is, a command that reads says so and makes none; only those that may begin one do."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

import config.commands  # noqa: F401 registers them
from config.cli import xinyong
from config.mistakes import sentence_of
from config.register import NoRegister
from config.settings import NoDataFolder, Settings

POLICY = Path(__file__).parents[2] / "config/policy/NB-2026-1.toml"
READING = (
    ("assess",),
    ("recheck",),
    ("replay", str(POLICY)),
    ("consistency",),
    ("ledger",),
    ("ledger", "--since", "0001-01-01"),
    ("draw", "RW-1"),
    ("draw", "x" * 300),
    ("prepare", "2026-11", "--by", "somebody"),
    ("approve", "2026-11", "--by", "somebody"),
    ("release", "2026-11", "--by", "somebody"),
    ("backup", "nowhere.backup"),
    ("rebuild",),
    ("archive", "2026", "nowhere"),
    ("retention",),
    ("user", "list"),
    ("user", "close", "somebody"),
    ("user", "add", "someone", "--name", "某", "--role", "auditor", "--password", "x" * 12),
)


@pytest.mark.parametrize("words", READING, ids=[" ".join(one)[:40] for one in READING])
def test_a_folder_that_is_not_there_is_named_and_not_made(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    data = tmp_path / "mistyped"
    ended = CliRunner(env={"XINYONG_DATA": str(data), "XINYONG_DATABASE": ""}).invoke(
        xinyong, words
    )
    assert isinstance(ended.exception, NoRegister)
    said = sentence_of(ended.exception) or ""
    assert f"数据文件夹 {data} 不存在" in said
    assert "xinyong migrate" in said
    assert not data.exists()


def test_an_empty_folder_and_an_empty_schema_hold_no_register(
    tmp_path: Path, postgres: str
) -> None:
    for database in ("", postgres):
        env = {"XINYONG_DATA": str(tmp_path), "XINYONG_DATABASE": database}
        ended = CliRunner(env=env).invoke(xinyong, ["assess"])
        assert isinstance(ended.exception, NoRegister)
        assert list(tmp_path.iterdir()) == []
        try:
            assert CliRunner(env=env).invoke(xinyong, ["migrate"]).exit_code == 0
            assert CliRunner(env=env).invoke(xinyong, ["assess"]).exit_code == 0
        finally:
            for path in tmp_path.iterdir():
                path.unlink()
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA city_ningbo CASCADE"))
    engine.dispose()


def test_an_edition_is_not_checked_with_the_key_of_a_folder_that_is_not_there(
    demo: Settings, tmp_path: Path
) -> None:
    folder = str(demo.editions / "2026-11")
    wrong = CliRunner(env={"XINYONG_DATA": str(tmp_path / "mistyped")})
    ended = wrong.invoke(xinyong, ["verify", folder])
    assert isinstance(ended.exception, NoDataFolder)
    key = str(demo.keys / "bureau.pub")
    assert wrong.invoke(xinyong, ["verify", folder, "--key", key]).exit_code == 0
    assert not (tmp_path / "mistyped").exists()
    # Whoever names no folder has only the editions, with the key beside them.
    assert CliRunner(env={"XINYONG_DATA": ""}).invoke(xinyong, ["verify", folder]).exit_code == 0


def test_the_calendars_first_day_and_a_name_longer_than_any_are_answered(tmp_path: Path) -> None:
    env = {"XINYONG_DATA": str(tmp_path), "XINYONG_DATABASE": ""}
    assert CliRunner(env=env).invoke(xinyong, ["migrate"]).exit_code == 0
    told = CliRunner(env=env).invoke(xinyong, ["ledger", "--since", "0001-01-01", "--json"])
    assert (told.exit_code, told.stdout.lstrip()[:1]) == (0, "[")
    much = CliRunner(env=env).invoke(xinyong, ["ledger", "--limit", "9" * 30])
    assert much.exit_code == 2
    named = CliRunner(env=env).invoke(xinyong, ["draw", "x" * 300])
    assert "没有抽取" in (sentence_of(named.exception) or "")
    none = CliRunner(env=env).invoke(xinyong, ["rebuild", "--missing", "--json"])
    assert json.loads(none.stdout) == {"made": []}
