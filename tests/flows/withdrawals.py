"""What the withdrawal tests share: a city with a penalty three editions print, and a command that is killed."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from publisher.edition import read_edition
from publisher.removals import read_removals
from publisher.verify import Verdict, verify
from tests.flows.past_city import ANNULLED, PRINTED, Office

ROOT = Path(__file__).parents[2]
# Runs a command of xinyong and kills itself at the n-th step that reaches the disk or the database, before
# or after it; with n = 0 it counts them. Its clock stands still. Nothing in the program knows of it.
DRIVER = """
import itertools, os, signal, sys
at, steps = int(sys.argv.pop(1)), itertools.count(1)
def stepping(do):
    def step(*words, **more):
        if next(steps) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        done = do(*words, **more)
        if next(steps) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    return step
import shutil
for name in ("replace", "rename", "fsync", "rmdir"):
    setattr(os, name, stepping(getattr(os, name)))
from publisher import release
release.exchange = stepping(release.exchange)
from sqlalchemy.engine.default import DefaultDialect
DefaultDialect.do_commit = stepping(DefaultDialect.do_commit)
import config.commands.withdraw as asked
DAY = sys.argv[1]
class Then(asked.datetime):
    now = classmethod(lambda cls, zone=None: cls.fromisoformat(DAY).astimezone(zone))
asked.datetime = Then
sys.argv = ["xinyong", *sys.argv[2:]]
from config.cli import main
try:
    main()
finally:
    print("steps", next(steps) - 1, file=sys.stderr)
"""


def command(office: Office, *words: object, kill_at: int = 0) -> "subprocess.CompletedProcess[str]":
    """A command of this city as a process of its own, killed at a step if one is named."""
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "XINYONG_DATA": str(office.settings.data),
        "XINYONG_DATABASE": office.settings.database,
    }
    day = ANNULLED.isoformat()
    line = [sys.executable, "-c", DRIVER, str(kill_at), day, *map(str, words)]
    return subprocess.run(line, env=env, cwd=ROOT, capture_output=True, text=True, check=False)


def steps_in(done: "subprocess.CompletedProcess[str]") -> int:
    """How many places there were to be killed at."""
    return int(done.stderr.rsplit("steps ", 1)[1])


def checked(office: Office, name: str) -> Verdict:
    """What the offline check says of an edition."""
    return verify(office.settings.editions / name, office.settings.keys / "bureau.pub")


def shows(office: Office, name: str) -> bool:
    """Whether an edition still shows the punished institution, in whichever of its files."""
    folder = office.settings.editions / name
    listed = any(one.institution == office.punished for one in read_edition(folder).entries)
    for file in ("list.csv", "list.json"):
        assert (office.punished in (folder / file).read_text("utf-8-sig")) is listed
    told = {one.institution for one in read_removals(folder) if one.how == "withdrawn"}
    assert (office.punished in told) is not listed
    return listed


def is_old_or_new(office: Office, names: Sequence[str] = PRINTED) -> None:
    """Every edition is whole, and shows the institution everywhere or nowhere."""
    for name in names:
        assert checked(office, name).problems == (), name
        shows(office, name)
