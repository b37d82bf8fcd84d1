"""The parts of the installer: sound for the shell, filled in without a rest, and kept for as long as the law asks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from registry.uploads import AT_ONCE, LIMIT, WHOLE

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
        "$uri",  # an invitation's lets in whoever reads it
        "$args",
        "$http_referer",
    }
    for closed in ("/metrics", "/readyz"):
        assert f"location = {closed} {{ return 404; }}" in front
    for header in ("X-Forwarded-For $remote_addr", "X-Request-Id $request_id", "Host $http_host"):
        assert f"proxy_set_header {header};" in front


def test_the_front_server_passes_on_what_forms_promise_and_says_in_chinese_what_it_does_not() -> (
    None
):
    front = (PARTS / "nginx.conf").read_text("utf-8")
    ((size,),) = [re.findall(r"client_max_body_size (\d+)m;", front)]
    assert int(size) * 2**20 >= WHOLE
    told = dict(re.findall(r"^\terror_page ([\d ]+) (@\w+);$", front, re.M))
    assert {code for codes in told for code in codes.split()} == {"413", "502", "504"}
    pages = {
        place: re.findall(rf"location {place} {{.+?return \d+ '(<!doctype html>.+?)';", front, re.S)
        for place in told.values()
    }
    for (page,) in pages.values():
        assert "请求编号：$request_id" in page
        assert len(page.encode()) < 4000  # nginx reads no longer word
    assert f"每个不超过 {LIMIT // 1_000_000} MB，一次最多 {AT_ONCE} 个" in pages[told["413"]][0]


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


def in_part(words: str, tmp_path: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """The installer read as far as its functions, in a folder of its own and by anybody, and then these words."""
    text = (PARTS / "install.sh").read_text("utf-8")
    functions, _, _ = text.partition("\nuser\nprogram\n")
    for before in ("/etc/xinyong", "/etc/nginx", "/etc/systemd"):
        functions = functions.replace(before, f"{tmp_path}{before}")
    functions = re.sub(r"(?m)^\[ \"\$\(id -u\)\" = 0 \].*$", "", functions)
    functions = re.sub(r"(?m)^here=.*$", f"here={PARTS.parents[1]}", functions)
    (tmp_path / "etc/xinyong/tls").mkdir(parents=True, exist_ok=True)
    command = ["sh", "-c", f"{functions}\n{words}", "install.sh"]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environ}
    )


def test_a_name_and_a_port_are_kept_by_the_next_installation(tmp_path: Path) -> None:
    say = 'echo "$host $port"'
    assert in_part(say, tmp_path).stdout == "localhost 8000\n"
    for name, folder in (
        ("nginx.conf", "etc/nginx/sites-available"),
        ("xinyong.socket", "etc/systemd/system"),
    ):
        (tmp_path / folder).mkdir(parents=True)
        text = (PARTS / name).read_text("utf-8")
        text = text.replace("@HOSTS@", "credit.example.cn").replace("@PORT@", "8123")
        target = "xinyong" if name == "nginx.conf" else name
        (tmp_path / folder / target).write_text(text, "utf-8")
    assert in_part(say, tmp_path).stdout == "credit.example.cn 8123\n"


@pytest.mark.parametrize(
    ("before", "stopped"),
    [("", False), ("8000", False), ("8123", True)],
    ids=["first", "same", "other"],
)
def test_a_socket_is_opened_at_another_port_and_stays_open_at_the_same(
    before: str, tmp_path: Path, *, stopped: bool
) -> None:
    """While a socket stays open at its old port the front server would ask at the new one for nothing."""
    for folder in ("etc/nginx/sites-available", "etc/nginx/sites-enabled", "etc/systemd/system"):
        (tmp_path / folder).mkdir(parents=True)
    if before:
        text = (PARTS / "xinyong.socket").read_text("utf-8").replace("@PORT@", before)
        (tmp_path / "etc/systemd/system/xinyong.socket").write_text(text, "utf-8")
    stubs = "systemd() { :; }; put() { :; }; nginx() { :; }; systemctl() { echo systemctl $*; }"
    done = in_part(f"{stubs}; port=8000; service", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    stop, start = (
        "systemctl stop xinyong.service xinyong.socket",
        "systemctl enable -q --now xinyong.socket nginx",
    )
    assert (stop in said) == stopped
    assert start in said[said.index(stop) if stopped else 0 :]


def test_the_certificate_names_every_city_or_it_is_said(tmp_path: Path) -> None:
    """Its own certificate is made anew for a city that came later; another's is kept."""
    tls = "tls; uncovered"
    crt = tmp_path / "etc/xinyong/tls/site.crt"
    done = in_part(f"host=a.example hosts='a.example b.example'; {tls}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    own = crt.read_bytes()
    in_part(f"host=a.example hosts='a.example b.example'; {tls}", tmp_path)
    assert crt.read_bytes() == own
    done = in_part(f"host=a.example hosts='a.example b.example c.example'; {tls}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert crt.read_bytes() != own
    own = crt.read_bytes()
    theirs = tmp_path / "theirs.crt"
    request = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 9"
    names = f"-subj /CN=a.example -keyout {tmp_path}/theirs.key -out {theirs}"
    subprocess.run([*request.split(), *names.split()], check=True, capture_output=True)
    own = theirs.read_bytes()
    given = f"certificate={theirs} key={tmp_path}/theirs.key"
    in_part(f"{given} host=a.example hosts=a.example; {tls}", tmp_path)
    done = in_part(f"host=a.example hosts='a.example d.example'; {tls}", tmp_path)
    assert crt.read_bytes() == own
    assert done.returncode == 0
    assert "没有域名 d.example" in done.stderr


def test_a_register_that_stays_behind_stops_the_installation(tmp_path: Path) -> None:
    """The program is not switched, and it is said how two database roles are brought along."""
    (tmp_path / "opt").mkdir()
    refusing = 'put() { printf \'#!/bin/sh\\nexit 1\\n\' >"$2"; chmod 755 "$2"; }'
    words = f"OPT={tmp_path}/opt folder=/x cities=/x said='h\td\tningbo\to'; {refusing}; switch"
    done = in_part(words.replace("\\t", "\t"), tmp_path)
    assert done.returncode == 2, done.stderr
    assert f"{tmp_path}/opt/xinyong.new --city ningbo migrate --as" in done.stderr
    assert not (tmp_path / "opt/current").exists()


def test_a_container_has_what_the_program_needs_and_is_told_of_the_city_it_is_given() -> None:
    said = (PARTS / "Containerfile").read_text("utf-8")
    ((packages,),) = [re.findall(r'serve_packages="([^"]+)"', (PARTS / "../../run").read_text())]
    inside = set(said.partition("apt-get install")[2].partition("&&")[0].split())
    # Backups are sealed, and a register in PostgreSQL is copied, by programs of their own.
    assert {*packages.split(), "age", "postgresql-client"} <= inside
    (folder,) = re.findall(r"-v \./city:(\S+):ro", said)
    assert f"-e XINYONG_CITY={folder} " in said


def test_backups_to_another_disk_are_let_through_and_can_be_sealed() -> None:
    unit = (PARTS / "xinyong.service").read_text("utf-8")
    handbook = (PARTS.parents[1] / "publisher/pages/help/administrator.html").read_text("utf-8")
    (writable,) = re.findall(r"^ReadWritePaths=(.*)$", unit, re.M)
    (folder,) = re.findall(r'folder = "(/\w+)/', handbook)
    assert f"-{folder}" in writable.split()
    assert (
        "age"
        in re.findall(r'front_packages="([a-z ]+)"', (PARTS / "../../run").read_text("utf-8"))[
            0
        ].split()
    )


def test_a_file_the_programs_user_cannot_read_is_said(tmp_path: Path) -> None:
    """Not that it is not there, which is all the program itself could see."""
    bin_, ledger = tmp_path / "bin", tmp_path / "ledger.csv"
    bin_.mkdir()
    ledger.write_text("x", "utf-8")
    runuser = bin_ / "runuser"
    runuser.write_text('#!/bin/sh\nshift 3\n[ "$1" != test ] || exit 1\necho ran "$@"\n', "utf-8")
    runuser.chmod(0o755)
    environment = tmp_path / "environment"
    text = (
        (PARTS / "xinyong").read_text("utf-8").replace("/etc/xinyong/environment", str(environment))
    )
    own = {**os.environ, "PATH": f"{bin_}:{os.environ['PATH']}"}

    def run(*words: str) -> tuple[int, str]:
        line = ["sh", "-c", text, "xinyong", *words]
        done = subprocess.run(line, capture_output=True, text=True, check=False, env=own)
        return done.returncode, done.stdout + done.stderr

    assert run("doctor") == (2, "错误：这个命令要用 root。请执行 sudo xinyong …。\n")
    environment.write_text("X=1\n", "utf-8")
    status, said = run("import", "institutions", str(ledger))
    assert status == 2
    assert f"读不到文件“{ledger}”" in said
    status, said = run("import", "institutions", "not there")
    assert (status, "ran /opt/xinyong/current" in said) == (0, True)
