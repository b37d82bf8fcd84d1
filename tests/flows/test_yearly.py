"""The year's account from the register to the public page: refused, released, corrected, never overwritten."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import Engine

from config.register import NoSuchAccount, existing_register
from config.settings import Settings, load_settings
from config.yearly import release_account, year_of
from publisher.edition import read_edition
from publisher.signing import is_signed
from publisher.site.export import export
from publisher.site.store import Store
from publisher.year_files import FILES, ReportRefused, point
from registry import queries
from registry.database import reading, writing
from registry.errors import NotAllowed
from tests.conftest import demo_city, served
from tests.registry import people as p

TEXT = "一、存在的问题：登记较晚<script>alert(1)</script>。\n\n二、改进：当日登记。"
OVER = "2027-01-15T10:00:00+08:00"
LATER = "2027-02-03T10:00:00+08:00"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def city(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, Any]]:
    """A demo city with one edition of 2026, seen at the beginning of 2027."""
    with demo_city(request, tmp_path_factory.mktemp("year"), 7, 24, "2026-10") as settings:
        engine = existing_register(settings)
        yield settings, engine
        engine.dispose()


def at(said: str) -> datetime:
    return datetime.fromisoformat(said)


def test_the_figures_are_those_of_the_register_and_the_editions(city: tuple[Settings, Any]) -> None:
    settings, engine = city
    found = year_of(engine, settings, 2026, at(OVER), TEXT)
    assert (found.whole, found.fictional, str(found.as_of)) == (True, True, "2026-12-31")
    # Of the months from the first edition on, two have none, and that is not passed over.
    assert [one.name for one in found.releases] == ["2026-10", "2026-11", "2026-12"]
    assert [one.released_at is None for one in found.releases] == [False, True, True]
    edition = read_edition(settings.editions / "2026-10")
    assert found.releases[0].counts == edition.manifest.counts
    assert found.releases[0].digest == edition.digest
    targets = {one.what: one for one in found.targets}
    monthly = targets["每月名单按公布的日期和时刻发布"]
    assert (monthly.verdict, "2 期没有发布" in monthly.measured) == ("missed", True)
    assert targets["年度报告在 1 月 31 日以前公布"].verdict == "met"
    sections = {
        part.title: {one.label: one.value for one in part.figures} for part in found.sections
    }
    assert set(sections["依申请公开"].values()) == {None}
    with reading(engine) as session:
        visits = session.connection().exec_driver_sql(
            "SELECT count(*) FROM inspection WHERE \"on\" >= '2026-01-01' AND \"on\" <= '2026-12-31'"
        )
        assert sections["检查和发现的问题"]["检查"] == visits.scalar()
    late = year_of(engine, settings, 2026, at(LATER), TEXT)
    assert {one.what: one.verdict for one in late.targets}[
        "年度报告在 1 月 31 日以前公布"
    ] == "missed"


def test_a_penalty_on_the_spot_is_a_figure_of_its_own_and_of_the_whole(
    engine: Engine, tmp_path: Path
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        p.penalty(session, id, p.finding(session, id))
        p.spot(session, p.finding(session, id))
        p.spot(session, p.finding(session, id), kinds="警告", fine_fen=0)
    settings = load_settings(None, {"XINYONG_DATA": str(tmp_path)})
    found = year_of(engine, settings, 2026, p.NOW)
    said = {one.label: one.said for part in found.sections for one in part.figures}
    assert [said["作出的行政处罚决定"], said["其中当场处罚"]] == ["3 件", "2 件"]
    assert [said["罚款"], said["其中当场罚款"]] == ["51,000 元", "1,000 元"]


def test_it_is_refused_with_its_reason_until_it_may_be_released(city: tuple[Settings, Any]) -> None:
    settings, engine = city
    early = at("2026-11-26T10:00:00+08:00")
    unfinished = year_of(engine, settings, 2026, early, TEXT)
    assert (unfinished.whole, str(unfinished.as_of)) == (False, "2026-11-26")
    with pytest.raises(ReportRefused, match="还没有过完"):
        release_account(engine, settings, unfinished, by="publisher", now=early)
    silent = year_of(engine, settings, 2026, at(OVER))
    with pytest.raises(ReportRefused, match="存在的主要问题"):
        release_account(engine, settings, silent, by="publisher", now=at(OVER))
    whole = year_of(engine, settings, 2026, at(OVER), TEXT)
    with pytest.raises(NoSuchAccount):
        release_account(engine, settings, whole, by="nobody", now=at(OVER))
    with pytest.raises(NotAllowed):
        release_account(engine, settings, whole, by="inspector", now=at(OVER))
    with pytest.raises(ReportRefused, match="还没有开始"):
        year_of(engine, settings, 2028, at(OVER))
    assert not (settings.data / "reports").exists()


def test_it_is_released_served_exported_and_corrected_in_the_open(
    city: tuple[Settings, Any], tmp_path: Path
) -> None:
    settings, engine = city
    found = year_of(engine, settings, 2026, at(OVER), TEXT)
    folder, digest = release_account(engine, settings, found, by="publisher", now=at(OVER))
    assert sorted(one.name for one in folder.iterdir()) == sorted(FILES)
    again, same = release_account(engine, settings, found, by="publisher", now=at(OVER))
    assert (again, same) == (folder, digest)
    # On another day the same command finds the same account, drawn up in time, as a correction still says.
    for later in (at(OVER) + timedelta(days=1), at(LATER)):
        anew = year_of(engine, settings, 2026, later, TEXT)
        assert release_account(engine, settings, anew, by="publisher", now=later) == (
            folder,
            digest,
        )
        (drawn_up,) = [one for one in anew.targets if "1 月 31 日" in one.what]
        assert (drawn_up.verdict, drawn_up.measured[:10]) == ("met", "2027-01-15")
    content = (folder / "report.json").read_bytes()
    key = settings.keys / "bureau.pub"
    assert is_signed(content, (folder / "report.json.sig").read_bytes(), key)
    assert not is_signed(content + b" ", (folder / "report.json.sig").read_bytes(), key)
    other = msgspec.structs.replace(found, problems=("原来写错了。",))
    with pytest.raises(ReportRefused, match="--correct"):
        release_account(engine, settings, other, by="publisher", now=at(LATER))
    fresh, corrected = release_account(
        engine, settings, other, by="publisher", now=at(LATER), because="原文有误"
    )
    assert corrected != digest
    assert os.readlink(settings.data / "reports" / "2026") == fresh.name
    assert (folder / "report.json").read_bytes() == content
    with reading(engine) as session:
        entries = queries.ledger_entries(session, queries.LedgerFilter(act="release_report"))
    assert [digest in one.body for one in entries] == [False, True]
    _looks(settings, folder.name, digest, corrected)
    _checked(tmp_path, folder, fresh)
    site = tmp_path / "site"
    store = Store(settings.editions)
    export(store, store.current(), site, lambda *_: None)
    assert (site / "reports" / "2026" / "report.json").read_bytes() != content
    assert (site / "reports" / folder.name / "report.json").read_bytes() == content
    assert "2026 年" in (site / "reports" / "index.html").read_text("utf-8")


def verified(elsewhere: Path, folder: Path) -> tuple[int, str]:
    """What `xinyong verify` says to whoever has no key but the one that lies beside the editions."""
    words = [sys.executable, "-m", "config", "verify", str(folder)]
    environ = {**os.environ, "XINYONG_DATA": str(elsewhere)}
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def _checked(elsewhere: Path, first: Path, second: Path) -> None:
    """Both accounts are whole; an edit, another's name and a link put back to the first are each named."""
    for one in (first, second, second.parent / "2026"):
        status, said = verified(elsewhere, one)
        assert (status, "年度报告核对相符" in said, "没有核对" in said) == (0, True, False), said
    page = second / "index.html"
    text = page.read_text("utf-8")
    page.write_text("<p>all is well")
    assert verified(elsewhere, second)[1].splitlines()[1:] == ["  文件 index.html 被改动"]
    page.write_text(text, "utf-8")
    os.rename(first, first.with_name("2026-000000000000"))
    status, said = verified(elsewhere, first.with_name("2026-000000000000"))
    assert (status, f"文件夹里的是 {first.name} 的报告" in said) == (1, True), said
    assert "没有核对" in verified(elsewhere, second)[1], "the one it corrects is not there"
    os.rename(first.with_name("2026-000000000000"), first)
    point(second.parent, 2026, first.name)
    status, said = verified(elsewhere, second)
    assert (status, "年度报告被退回" in said) == (1, True), said
    point(second.parent, 2026, second.name)


def _looks(settings: Settings, before: str, digest: str, corrected: str) -> None:
    """The public pages, on a site that has no register within reach."""
    environ = {
        "XINYONG_DATABASE": "postgresql+psycopg://nobody@127.0.0.1:1/no",
        "XINYONG_DATA": "/nowhere",
    }
    with (
        served("--public", settings.editions, **environ) as url,
        httpx.Client(base_url=url, timeout=30) as site,
    ):
        page = site.get("/reports/2026/")
        assert (page.status_code, corrected[:32] in page.text) == (200, True)
        assert "原文有误" in page.text
        assert "演示数据" in page.text
        old = site.get(f"/reports/{before}/").text
        assert digest[:32] in old
        assert "&lt;script&gt;alert(1)" in old
        assert "<script>" not in old
        assert "<table" in page.text
        assert 'role="img"' in page.text
        assert json.loads(site.get("/reports/2026/report.json").content)["corrects"] == digest
        paper = site.get("/reports/2026/report.pdf")
        assert paper.content.startswith(b"%PDF")
        assert paper.headers["Content-Type"] == "application/pdf"
        tag = page.headers["ETag"]
        assert site.get("/reports/2026/", headers={"If-None-Match": tag}).status_code == 304
        assert "2026 年" in site.get("/reports/").text
        for path in (
            "2020/",
            "2026/nothing",
            "..%2f..%2fregister.db",
            "2026/..%2f..%2fkeys",
            "0-staging",
        ):
            assert site.get(f"/reports/{path}").status_code == 404
