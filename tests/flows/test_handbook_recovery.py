"""The worst day by the handbook alone: each command it says, in its order, on a machine that was just installed."""

import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from config.keeping.register_copy import counted
from config.register import existing_register, open_register
from config.settings import Settings
from publisher.edition import read_edition
from registry.database import open_database
from tests.flows.kept_city import PERIODS, backed_up, environ_of, kept_city, key_pair, lose

ROOT = Path(__file__).parents[2]
BOOK = (ROOT / "publisher/pages/help/administrator.html").read_text("utf-8")
# What stands in the place of the machine: its services, its users, and the installer, which has tests of its own.
MACHINE = """
set -eu
sudo() { [ "$1" != -u ] || shift 2; "$@"; }
systemctl() { :; }
install() { shift 4; cp "$@"; }
psql() { command psql -q "$ADDRESS" -c "$4"; }
xinyong() { "$PYTHON" -m config "$@"; }
installed() { :; }
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    with kept_city(request, tmp_path / "var/lib/xinyong") as settings:
        yield settings
        if settings.schema:
            engine = open_database(settings.database)
            with engine.begin() as connection:
                connection.execute(text("DROP SCHEMA IF EXISTS city_ningbo_before CASCADE"))
            engine.dispose()


def commands(place: Path, *, postgresql: bool) -> list[str]:
    """What the handbook says to type, with this test's folders and without what only the other database asks for."""
    (task,) = re.findall(r'call task\("t-\d+", "恢复[^"]*"\) %\}(.*?)\{% endcall', BOOK, re.S)
    lines = [html.unescape(one) for one in re.findall(r'say\("([^"]+)"\)', task)]
    assert len(lines) > 8
    folders = r"(?<!\w)(/var/lib/xinyong|/etc/xinyong|/tmp/)"
    lines = [re.sub(folders, rf"{place}\1", one) for one in lines]
    lines = [one.replace("./run install", "installed") for one in lines]
    # Days off that are not yet announced are a fault too.
    lines = [one.replace("xinyong doctor", "xinyong doctor || true") for one in lines]
    return [one for one in lines if postgresql or "psql" not in one]


def test_a_city_is_brought_back_by_what_the_handbook_says(city: Settings, tmp_path: Path) -> None:
    for name in ("etc/xinyong/city", "tmp"):
        (tmp_path / name).mkdir(parents=True)
    private, public = key_pair(tmp_path, "bureau-backup.key")
    engine = open_register(city)
    held = counted(engine)
    engine.dispose()
    digests = [read_edition(city.editions / one).digest for one in PERIODS]
    backed_up(city, tmp_path / "disk/今天.backup.age", public)
    shutil.move(tmp_path / "disk/今天.backup.age", tmp_path)
    lose(city)
    # Just installed: an empty register, and settings that nobody has changed yet.
    city.editions.mkdir(parents=True)
    open_register(city).dispose()
    shutil.copy(ROOT / "config/city.toml", tmp_path / "etc/xinyong/city")
    environ = {
        **os.environ,
        **environ_of(city),
        "XINYONG_DATA": str(city.data),
        "XINYONG_CITY": str(tmp_path / "etc/xinyong/city"),
        "ADDRESS": city.database.replace("+psycopg", ""),
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
    }
    typed = "\n".join(commands(tmp_path, postgresql=bool(city.schema)))
    done = subprocess.run(
        ["sh", "-c", MACHINE + typed],
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [read_edition(city.editions / one).digest for one in PERIODS] == digests
    assert done.stdout.count("相符  ") == len(PERIODS)
    engine = existing_register(city)
    assert counted(engine) == held
    engine.dispose()
    assert private.exists()
    assert not any((tmp_path / "tmp").iterdir()), "no private key is left behind"
    assert (tmp_path / "var/lib/xinyong.before").is_dir()
