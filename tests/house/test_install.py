"""The parts of the installer: sound for the shell, filled in without a rest, and kept for as long as the law asks."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = Path(__file__).resolve().parents[2] / "config/install"
SHELL = ("install.sh", "uninstall.sh", "xinyong", "../../run")
HALF_A_YEAR = 27  # weeks


@pytest.mark.parametrize("name", SHELL)
def test_the_shell_reads_it(name: str) -> None:
    done = subprocess.run(["sh", "-n", PARTS / name], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_installer_fills_in_every_mark_and_puts_every_part() -> None:
    installer = (PARTS / "install.sh").read_text("utf-8")
    filled = set(re.findall(r"s\|(@[A-Z]+@)\|", installer))
    put = set(re.findall(r"^ *put (\S+) ", installer, re.M))
    parts = {one.name: one.read_text("utf-8") for one in PARTS.iterdir() if one.name in put}
    assert put == parts.keys()
    assert {mark for text in parts.values() for mark in re.findall(r"@[A-Z]+@", text)} <= filled


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for name in ("xinyong.service", "xinyong.socket"):
        text = (PARTS / name).read_text("utf-8")
        for mark, value in {"@HOST@": "xinyong.example", "@PORT@": "8000"}.items():
            text = text.replace(mark, value)
        # The program is not installed here; any other takes its place.
        text = text.replace("/opt/xinyong/current/.venv/bin/python", sys.executable)
        (tmp_path / name).write_text(text, "utf-8")
    units = [tmp_path / "xinyong.service", tmp_path / "xinyong.socket"]
    line = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    units[0].write_text(units[0].read_text("utf-8").replace("Type=exec", "Typ=exec"), "utf-8")
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert "Typ" in done.stderr


def test_logs_are_kept_for_half_a_year_at_least() -> None:
    rules = (PARTS / "logrotate").read_text("utf-8")
    kept = [int(one) for one in re.findall(r"rotate (\d+)", rules)]
    assert len(kept) == rules.count("weekly") == 2
    assert min(kept) >= HALF_A_YEAR
    written = {
        *re.findall(r"(?:access|error)_log (\S+?\.log)", (PARTS / "nginx.conf").read_text("utf-8")),
        *re.findall(r"--log (\S+)", (PARTS / "xinyong.service").read_text("utf-8")),
    }
    assert written == set(re.findall(r"/var/log/\S+", rules))


def test_the_front_server_keeps_no_search_and_passes_on_who_asks() -> None:
    front = (PARTS / "nginx.conf").read_text("utf-8")
    (line,) = re.findall(r"^log_format .*;$", front, re.M)
    assert not set(re.findall(r"\$\w+", line)) & {
        "$request",
        "$request_uri",
        "$args",
        "$http_referer",
    }
    for closed in ("/metrics", "/readyz"):
        assert f"location = {closed} {{ return 404; }}" in front
    for header in ("X-Forwarded-For $remote_addr", "X-Request-Id $request_id", "Host $http_host"):
        assert f"proxy_set_header {header};" in front


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("", ["[servers]", "host=/var/run/postgresql", 'server = "local"']),
        ("# local = 'postgresql+psycopg://x@/x?host=/var/run/postgresql'\n", ["[servers]"]),
        ("local = 'postgresql+psycopg://x@/x?host=/var/run/postgresql'\n", ["读不出“/nowhere”"]),
    ],
    ids=["no server", "a server in a comment", "a server"],
)
def test_cities_on_a_database_of_this_machine_name_it(
    listed: str, said: list[str], tmp_path: Path
) -> None:
    """Told before anything is done: a certificate that cannot be read stops whatever goes on."""
    (tmp_path / "cities.toml").write_text(f"[servers]\n{listed}", "utf-8")
    words = ["--cities", tmp_path, "--database", "postgresql", "--certificate", "/nowhere"]
    done = subprocess.run(
        ["sh", PARTS / "install.sh", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    for word in said:
        assert word in done.stderr
