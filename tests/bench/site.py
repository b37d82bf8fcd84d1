"""`python -m tests.bench.site [EDITIONS]`: requests of the public site beside nginx and Datasette, in one run.

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
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from config.settings import demo_settings, load_settings
from publisher.site.store import Store

SECONDS = 4
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
    """Requests a second of processor time over these addresses, after each was asked for once."""
    url, pid = server
    (home / "paths").write_text("\n".join(paths))
    (home / "lua").write_text(LUA.format(file=home / "paths", headers=headers))
    with httpx.Client(base_url=url) as client:
        for path in paths[:400]:
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


def rows(editions: Path, home: Path) -> Iterator[tuple[str, float]]:
    """What was measured: a name and requests a second, or megabytes."""
    edition = Store(editions).current()
    ids = [id for _, id in zip(range(200), edition.numbers(), strict=False)]
    pages = [f"/i/{id}/" for id in ids]
    words = sorted({row[0][3:7] for row in edition.browse.execute("SELECT name FROM institution")})[
        :200
    ]
    port = free_port()
    serve = [
        sys.executable,
        "-m",
        "config",
        "serve",
        "--public",
        str(editions),
        "--port",
        str(port),
    ]
    root = str(Path(__file__).parents[2])
    with running(
        serve,
        port,
        PYTHONPATH=os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]),
        XINYONG_DATA="/nowhere",
    ) as node:
        url, pid = node
        tag = httpx.get(f"{url}{pages[0]}").headers["ETag"]
        yield "status page, from the shelf", rate(node, pages, home)
        yield "status page, packed", rate(node, pages, home, '["accept-encoding"]="gzip"')
        seen = f"""["if-none-match"]=[[{tag}]]"""
        yield "status page, seen before (304)", rate(node, pages, home, seen)
        # Everyone's page in turn: what two have in common may be at hand, what one is told of is not.
        everyone = edition.numbers()[:4000]
        fresh = [f"/i/{id}/?n={n}" for n in range(20) for id in everyone]
        yield "status page, rendered", rate(node, fresh, home)
        yield "API, one institution", rate(node, [f"/api/v1/institutions/{id}" for id in ids], home)
        asked = [
            f"/search/?q={httpx.QueryParams({'q': word})['q']}&n={n}"
            for n in range(60)
            for word in words
        ]
        yield "search, rendered", rate(node, [str(httpx.URL(one)) for one in asked], home)
        yield "memory of the node, MB", memory(pid)
        for id in ids:
            (home / "www/i" / id).mkdir(parents=True)
            (home / "www/i" / id / "index.html").write_bytes(httpx.get(f"{url}/i/{id}/").content)
    if shutil.which("nginx"):
        port = free_port()
        (home / "nginx.conf").write_text(NGINX.format(home=home, port=port))
        with running(["nginx", "-p", str(home), "-c", str(home / "nginx.conf")], port) as node:
            yield "nginx, the same page as a file", rate(node, pages, home)
    datasette = shutil.which("datasette")
    if datasette:
        yield from _datasette(datasette, edition.folder, ids, words, home)


def _datasette(
    program: str, folder: Path, ids: list[str], words: list[str], home: Path
) -> Iterator[tuple[str, float]]:
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
    with running([program, "serve", str(base), "-p", str(port), *settings], port) as node:
        yield "Datasette, row page", rate(node, [f"/same/row/{id}" for id in ids], home)
        yield "Datasette, row JSON", rate(node, [f"/same/row/{id}.json" for id in ids], home)
        found = [
            str(
                httpx.URL(
                    "/same/row.json", params={"_search": f'"{word}"', "_size": 20, "_nocount": 1}
                )
            )
            for word in words
        ]
        yield "Datasette, search (trigram)", rate(node, found, home)


def main() -> None:
    """Prints the table."""
    settings = demo_settings(load_settings())
    editions = Path(sys.argv[1]) if len(sys.argv) > 1 else settings.editions
    table = Table("public site", "a second of its processor time")
    with tempfile.TemporaryDirectory() as home:
        for name, value in rows(editions, Path(home)):
            table.add_row(name, f"{value:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
