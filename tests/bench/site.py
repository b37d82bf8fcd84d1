"""`python -m tests.bench.site [EDITIONS | SIZE]`: requests of the public site beside nginx and Datasette, in one run.

Counted by a second of the server's own processor time, which others on the machine do not change.

nginx serves the same status page as a file, Datasette the same rows; each is left out where it is not
installed (`apt-get install nginx-light wrk`, `pip install datasette`). The server has one core, wrk the other.
"""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import httpx
from rich.console import Console
from rich.table import Table

from config.settings import demo_settings, load_settings
from publisher.site.store import Store
from tests.bench.asked import asked
from tests.bench.search import made_up

SECONDS = 2
ROUNDS = 3
EACH = 200
NGINX = """worker_processes 1; pid {home}/pid; error_log {home}/err; daemon off; user root; events {{}}
http {{ access_log off; sendfile on; tcp_nopush on; open_file_cache max=10000; keepalive_requests 1000000;
default_type text/html; server {{ listen 127.0.0.1:{port}; root {home}/www; }} }}"""
LUA = """local p = {{}} for l in io.lines("{file}") do p[#p+1] = l end local i = 0
request = function() i = i % #p + 1 return wrk.format("GET", p[i], {{{headers}}}) end"""


def free_port() -> int:
    """A port nobody listens on."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(words: list[str], port: int, **environ: str) -> Iterator[tuple[str, int]]:
    """A server on one core, until it is measured; its address and its process."""
    process = subprocess.Popen(
        ["taskset", "-c", "0", *words],
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(url, timeout=2)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def used(pid: int) -> float:
    """Seconds of processor time of a process and of those it has started."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == pid or int(told[1]) == pid:
            ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def rate(server: tuple[str, int], paths: list[str], home: Path, headers: str = "") -> float:
    """Requests a second of processor time over these addresses.

    The last ones are asked for before: all where there are few, and of many those that are not come to.
    """
    url, pid = server
    (home / "paths").write_text("\n".join(paths))
    (home / "lua").write_text(LUA.format(file=home / "paths", headers=headers))
    with httpx.Client(base_url=url) as client:
        for path in paths[-400:]:
            client.get(path)
    words = [
        "taskset",
        "-c",
        "1",
        "wrk",
        "-t1",
        "-c16",
        f"-d{SECONDS}s",
        "-s",
        str(home / "lua"),
        url,
    ]
    before = used(pid)
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    spent = used(pid) - before
    assert "Non-2xx" not in told or headers, told
    found = re.search(r"(\d+) requests in", told)
    assert found, told
    return int(found[1]) / max(spent, 0.01)


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


class Measured(NamedTuple):
    """What is asked of a server."""

    name: str
    server: tuple[str, int]
    paths: list[str]
    headers: str = ""


def rows(editions: Path, home: Path) -> Iterator[tuple[str, float]]:
    """What was measured: a name and requests a second, the median of three in turn, or megabytes."""
    edition = Store(editions).current()
    everyone = edition.numbers()[:4000]
    ids = everyone[:200]
    # Of every kind a parent types, in turn (`asked.py`), so many that none comes twice in a round; Datasette
    # is asked for the same.
    words = sorted({one.text for one in asked(edition, EACH)}, key=lambda one: one[::-1])
    with ExitStack() as running_now:
        node = running_now.enter_context(_node(editions))
        wanted = list(_of_the_site(node, everyone, ids, words))
        if shutil.which("nginx"):
            for id in ids:
                (home / "www/i" / id).mkdir(parents=True)
                page = httpx.get(f"{node[0]}/i/{id}/").content
                (home / "www/i" / id / "index.html").write_bytes(page)
            port = free_port()
            (home / "nginx.conf").write_text(NGINX.format(home=home, port=port))
            command = ["nginx", "-p", str(home), "-c", str(home / "nginx.conf")]
            server = running_now.enter_context(running(command, port))
            pages = [f"/i/{id}/" for id in ids]
            wanted.append(Measured("nginx, the same page as a file", server, pages))
        datasette = shutil.which("datasette")
        if datasette:
            server = running_now.enter_context(_datasette(datasette, edition.folder, home))
            wanted += _of_datasette(server, ids, words)
        # In turn, so that what else the machine does meets all of them.
        seen = [[rate(*one[1:3], home, one.headers) for one in wanted] for _ in range(ROUNDS)]
        for at, one in enumerate(wanted):
            yield one.name, median(row[at] for row in seen)
        yield "memory of the node, MB", memory(node[1])


def _node(editions: Path) -> AbstractContextManager[tuple[str, int]]:
    port, root = free_port(), str(Path(__file__).parents[2])
    command = [sys.executable, "-m", "config", "serve", "--public", str(editions)]
    path = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    return running([*command, "--port", str(port)], port, PYTHONPATH=path, XINYONG_DATA="/nowhere")


def _of_the_site(
    node: tuple[str, int], everyone: list[str], ids: list[str], words: list[str]
) -> Iterator[Measured]:
    pages = [f"/i/{id}/" for id in ids]
    tag = httpx.get(f"{node[0]}{pages[0]}").headers["ETag"]
    yield Measured("status page, from the shelf", node, pages)
    yield Measured("status page, packed", node, pages, '["accept-encoding"]="gzip"')
    seen = f"""["if-none-match"]=[[{tag}]]"""
    yield Measured("status page, seen before (304)", node, pages, seen)
    # Everyone's page in turn: what two have in common may be at hand, what one is told of is not.
    fresh = [f"/i/{id}/?n={n}" for n in range(20) for id in everyone]
    yield Measured("status page, rendered", node, fresh)
    yield Measured("API, one institution", node, [f"/api/v1/institutions/{id}" for id in ids])
    urls = [str(httpx.URL("/search/", params={"q": w, "n": n})) for n in range(8) for w in words]
    yield Measured("search, rendered", node, urls)


def _datasette(program: str, folder: Path, home: Path) -> AbstractContextManager[tuple[str, int]]:
    base = home / "same.db"
    shutil.copyfile(folder / "browse.sqlite", base)
    base.chmod(0o644)
    with closing(sqlite3.connect(base)) as connection:
        connection.executescript(
            "CREATE TABLE row (id TEXT PRIMARY KEY, name TEXT, address TEXT, status TEXT, grade TEXT);"
            "INSERT INTO row SELECT id, name, address, status, grade FROM institution;"
            "CREATE VIRTUAL TABLE row_fts USING fts5(name, address, content='row', tokenize='trigram');"
            "INSERT INTO row_fts(row_fts) VALUES ('rebuild');"
        )
    port = free_port()
    settings = ["--setting", "suggest_facets", "0", "--setting", "allow_facet", "0"]
    return running([program, "serve", str(base), "-p", str(port), *settings], port)


def _of_datasette(server: tuple[str, int], ids: list[str], words: list[str]) -> Iterator[Measured]:
    yield Measured("Datasette, row page", server, [f"/same/row/{id}" for id in ids])
    yield Measured("Datasette, row JSON", server, [f"/same/row/{id}.json" for id in ids])
    found = [
        {"_search": f'"{word.replace(chr(34), "")}"', "_size": 20, "_nocount": 1} for word in words
    ]
    urls = [str(httpx.URL("/same/row.json", params=one)) for one in found]
    yield Measured("Datasette, search (trigram)", server, urls)


def main() -> None:
    """Prints the table."""
    said = sys.argv[1] if len(sys.argv) > 1 else str(demo_settings(load_settings()).editions)
    table = Table("public site", "a second of its processor time")
    with tempfile.TemporaryDirectory() as home:
        editions = Path(said)
        if said.isdigit():
            editions = Path(home) / "editions"
            made_up(int(said), editions)
        for name, value in rows(editions, Path(home)):
            table.add_row(name, f"{value:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
