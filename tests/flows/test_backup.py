"""A backup made while the city is served brings the city back: same ledger, same rows, same digests."""

import shutil
import threading
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from config import month
from config.doctor import examine
from config.keeping.checked import digest_of
from config.keeping.errors import NotEmpty
from config.keeping.rebuild import freeze_again, make_missing
from config.keeping.register_copy import counted
from config.keeping.sealed import is_sealed
from config.register import existing_register, open_register
from config.settings import Settings, load_settings
from publisher.edition import read_edition
from publisher.verify import verify
from registry import acts, queries
from registry.access import Actor
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import FindingSheet, StepForm
from registry.ledger import Act, append, check
from tests.flows.kept_city import (
    PERIODS,
    backed_up,
    brought_back,
    environ_of,
    kept_city,
    key_pair,
    lose,
    quiet,
)
from tests.registry import people as p


@pytest.fixture(params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    with kept_city(request, tmp_path / "data") as settings:
        yield settings


def everything(folder: Path) -> dict[str, str]:
    """Every file of the editions, the keys and the uploads, with its digest."""
    return {
        path.relative_to(folder).as_posix(): digest_of(path)
        for part in ("editions", "keys", "uploads")
        for path in sorted((folder / part).rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def known_later(settings: Settings) -> None:
    """A fault of before the last cut-off, seen and confirmed after both editions were out."""
    engine = open_register(settings)
    with reading(engine) as session:
        one = queries.institutions(session, datetime.now(settings.zone).date(), limit=1)[0]
    sheet = {"institution": one.id, "code": "S01", "seen_on": "2026-09-20", **p.TWO}
    with writing(engine) as session:
        matter = acts.record_finding(session, read_form(FindingSheet, sheet), by=p.WANG, now=p.NOW)
    for act, by, more in (("hear", p.WANG, {"reason": "已清空通道"}), ("confirm", p.LI, {})):
        step = read_form(StepForm, {"on": "2026-09-28", **more})
        with writing(engine) as session:
            acts.take_step(session, matter, act, step, by=by, now=p.NOW)
    engine.dispose()


def test_what_is_lost_comes_back_whole_and_the_past_freezes_to_the_same_digests(
    city: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_later(city)
    proof = "附件".encode()
    (city.data / "uploads/ab" / sha256(proof).hexdigest()).write_bytes(proof)
    private, public = key_pair(tmp_path)
    engine = open_register(city)
    held, files = counted(engine), everything(city.data)
    engine.dispose()
    made = backed_up(city, tmp_path / "out/a.backup.age", public, checking=True)
    assert made.checked is not None
    assert made.checked.notes == ()
    assert made.manifest.ledger == held.ledger
    assert is_sealed(made.file)
    lose(city)

    done = brought_back(city, made.file, key=private)
    assert done.checked.problems == done.checked.notes == ()
    assert everything(city.data) == files
    assert (city.editions / "current").resolve().name == PERIODS[-1]
    assert (city.keys / "bureau.key").stat().st_mode & 0o777 == 0o600
    for name, value in environ_of(city).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XINYONG_DATA", str(city.data))
    monkeypatch.setenv("XINYONG_CITY", str(done.city))
    assert [one for one in examine() if one.problem and one.what != "放假安排"] == []
    again = load_settings()
    engine = existing_register(again)
    assert counted(engine) == held
    found = list(freeze_again(engine, again, (), quiet))
    assert [one.edition for one in found] == list(PERIODS)
    assert all(one.same for one in found), found
    for one in found:
        assert one.digest == read_edition(again.editions / one.edition).digest
    # What was recorded since does change what would be frozen today of the same day.
    today = month.frozen(engine, again, PERIODS[-1])
    assert today.digest != found[-1].digest
    engine.dispose()


def test_a_folder_the_register_misses_is_made_again_as_it_was_signed(
    city: Settings, tmp_path: Path
) -> None:
    known_later(city)
    gone = city.editions / PERIODS[-1]
    digest = read_edition(gone).digest
    shutil.rmtree(gone)
    (city.editions / "current").unlink()
    made = backed_up(city, tmp_path / "out/a.backup", checking=True)
    assert made.checked is not None
    assert "xinyong rebuild 2026-11 --missing" in made.checked.notes[0]
    lose(city)
    assert len(brought_back(city, made.file).checked.notes) == 1
    engine = existing_register(city)
    now = datetime.now(city.zone)
    assert make_missing(engine, city, (), now) == [PERIODS[-1]]
    assert make_missing(engine, city, (), now) == []
    engine.dispose()
    assert read_edition(gone).digest == digest
    assert verify(gone, city.keys / "bureau.pub").problems == ()
    assert (city.editions / "current").resolve() == gone


def test_acts_that_go_on_meanwhile_are_in_the_backup_whole_or_not_at_all(
    city: Settings, tmp_path: Path
) -> None:
    by, stop = Actor(account="li", role="reviewer", name="李"), threading.Event()
    engine = open_register(city)

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with writing(engine) as session:
                for _ in range(3):  # an act may have several entries; they stand together
                    said = Act(act="note", subject=f"n{number}")
                    append(session, said, by=by, now=datetime.now(city.zone))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backed_up(city, tmp_path / f"out/{n}.backup", checking=True) for n in range(3)]
    finally:
        stop.set()
        writer.join()
    engine.dispose()
    assert made[0].manifest.ledger.seq < made[-1].manifest.ledger.seq
    lose(city)
    brought_back(city, made[1].file)
    engine = existing_register(city)
    with reading(engine) as session:
        assert check(session) == []
        last = [one.subject for one in queries.ledger_entries(session, limit=3)]
    engine.dispose()
    assert len(set(last)) == 1


def test_a_place_where_something_is_keeps_it(city: Settings, tmp_path: Path) -> None:
    made = backed_up(city, tmp_path / "out/a.backup")
    before = everything(city.data)
    with pytest.raises(NotEmpty, match="--into"):
        brought_back(city, made.file)
    assert everything(city.data) == before
    if city.schema:
        moved = city.data.rename(tmp_path / "moved")
        with pytest.raises(NotEmpty, match="已有模式"):
            brought_back(city, made.file)
        assert not city.data.exists()
        moved.rename(city.data)
    engine = existing_register(city)
    assert counted(engine).ledger == made.manifest.ledger
    engine.dispose()
