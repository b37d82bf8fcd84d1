"""The doctor reads the whole ledger, and names the first entry that is not as it was made."""

from pathlib import Path

import pytest
from sqlalchemy import text

from config.doctor import examine
from config.register import open_register
from config.settings import load_settings


def test_a_ledger_edited_behind_the_guards_is_named_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINYONG_DATA", str(tmp_path))
    engine = open_register(load_settings())
    (sound,) = [one for one in examine() if one.what == "台账"]
    assert "逐条相接" in sound.state
    with engine.execution_options(write=True).begin() as connection:
        connection.execute(text("DROP TRIGGER ledger_no_update"))
        connection.execute(text("UPDATE ledger SET account = 'x' WHERE seq IN (3, 5)"))
    engine.dispose()
    (broken,) = [one for one in examine() if one.what == "台账"]
    assert "第 3 条的内容被改动过" in broken.problem
    assert "备份" in broken.problem
