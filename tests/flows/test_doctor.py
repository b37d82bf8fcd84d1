"""The doctor names the first entry of the ledger that is not as it was made, and a certificate about to run out."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from config.doctor import Sign, examine
from config.register import open_register
from config.settings import load_settings
from publisher.paper_key import CERTIFICATE, create_paper_key


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


def test_a_certificate_about_to_run_out_is_told_before_it_stops_a_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINYONG_DATA", str(tmp_path))
    settings = load_settings()

    def seen() -> Sign:
        return next(one for one in examine() if one.what == "签 PDF 的证书")

    assert "第一次发布时会生成" in seen().state
    today = datetime.now(settings.zone).date()
    create_paper_key(settings.keys, settings.organ, today)
    assert "有效至" in seen().state
    for since, sentence in (
        (today - timedelta(days=3650 - 30), "就过期"),
        (today - timedelta(days=3700), "不在其内"),
    ):
        (settings.keys / CERTIFICATE).unlink()
        create_paper_key(settings.keys, settings.organ, since)
        assert sentence in seen().problem
