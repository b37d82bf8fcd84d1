"""`python -m tests.bench.live [SIZE]`: an edition of so many institutions goes live while the site is read.

One public node, on one core; wrk reads status pages and searches on the other. In the middle of it the
next edition is copied beside the first, renamed into its place and named the current one, as a release does
and as a copy of one does. Told: requests that failed, how long they took, how long until the new edition
was shown, and what the node weighed before and after.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from urllib.parse import quote

import httpx
import msgspec
from msgspec import structs

from publisher.edition import Manifest
from publisher.site.store import Store
from scoring.canonical import canonical
from tests.bench.search import made_up
from tests.bench.site import LUA, free_port, memory, running

SECONDS = 24
NEXT = "2026-12"


def following(editions: Path) -> Path:
    """The edition after the newest one, whole, in a folder that is not yet looked at."""
    old = editions / os.readlink(editions / "current")
    draft = editions / f".{NEXT}.draft"
    shutil.copytree(old, draft)
    said = msgspec.json.decode((draft / "edition.json").read_bytes(), type=Manifest)
    made = structs.replace(said, period=NEXT, released_on=date(2026, 12, 4))
    (draft / "edition.json").write_bytes(canonical(made))
    (draft / "renderings.json").write_text('{"next": "edition"}')
    return draft


def release(editions: Path, draft: Path) -> None:
    """The edition in its place, and named the current one."""
    draft.rename(editions / NEXT)
    link = editions / ".current"
    link.symlink_to(NEXT)
    link.replace(editions / "current")


def main() -> None:
    """Says what was seen."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="xylive-") as place:
        home = Path(place)
        edition = made_up(size, home / "editions")
        ids = edition.numbers()[:: max(1, size // 4000)]
        words = [
            row[0][6:9] for row in edition.browse.execute("SELECT name FROM institution LIMIT 200")
        ]
        paths = [f"/i/{id}/" for id in ids]
        paths[::20] = [f"/search/?q={quote(words[at % 200])}" for at in range(len(paths[::20]))]
        (home / "paths").write_text("\n".join(paths))
        (home / "lua").write_text(LUA.format(file=home / "paths", headers=""))
        _watch(home, ids[0])


def _watch(home: Path, id: str) -> None:
    editions, port = home / "editions", free_port()
    before = Store(editions).current().manifest.label
    root = str(Path(__file__).parents[2])
    words = [
        sys.executable,
        "-m",
        "config",
        "serve",
        "--public",
        str(editions),
        "--port",
        str(port),
    ]
    with running(words, port, PYTHONPATH=root, XINYONG_DATA="/nowhere") as (url, pid):
        assert before in httpx.get(f"{url}/i/{id}/").text
        wrk = ["taskset", "-c", "1", "wrk", "-t1", "-c16", f"-d{SECONDS}s", "--latency"]
        load = subprocess.Popen(
            [*wrk, "-s", str(home / "lua"), url], stdout=subprocess.PIPE, text=True
        )
        time.sleep(SECONDS / 3)
        weighed = memory(pid)
        draft = following(editions)
        start = time.monotonic()
        release(editions, draft)
        while before in httpx.get(f"{url}/i/{id}/", timeout=30).text:
            time.sleep(0.002)
        seen = time.monotonic() - start
        told, _ = load.communicate()
        many = re.search(r"(\d+) requests in", told)
        assert many, told
        print(f"{many[1]} requests; failed: {_failed(told)}; shown after {seen * 1000:.0f} ms")
        print(
            "latency:",
            ", ".join(re.findall(r"\d+%\s+[\d.]+\w?s\b", told)),
            *re.findall(r"Latency .*", told),
        )
        print(f"the node: {weighed:.0f} MB before, {memory(pid):.0f} MB after")


def _failed(told: str) -> str:
    wrong = re.findall(r"(?:Socket errors|Non-2xx or 3xx responses):.*", told)
    return "; ".join(wrong) or "none"


if __name__ == "__main__":
    main()
