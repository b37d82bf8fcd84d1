"""A watched installation over real HTTP: alive, ready, figures, a line in the log for each request and act."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.demo.build import PASSWORD
from config.settings import Settings
from registry.retention import TERMS
from tests.conftest import served

ROOT = Path(__file__).parents[2]
SECRET = "某某家长的电话"  # noqa: S105 what somebody types, and no log may hold


class Watched:
    """A served city, its log, and the address it is reached at."""

    def __init__(self, url: str, data: Path, log: Path) -> None:
        self.url, self.data, self.log = url, data, log

    def get(self, path: str, **headers: str) -> httpx.Response:
        """One request of its own."""
        return httpx.get(f"{self.url}{path}", headers=headers, timeout=30)

    def lines(self, kind: str = "") -> list[dict[str, Any]]:
        """The log so far; every line is JSON."""
        found = [json.loads(one) for one in self.log.read_text("utf-8").splitlines()]
        return [one for one in found if one["from"].endswith(kind)]


@pytest.fixture(scope="module")
def city(demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The demo city; its front server at 127.0.0.2 is trusted, and 127.0.0.3 is any other proxy."""
    folder = tmp_path_factory.mktemp("watched")
    shutil.copytree(demo.data, folder / "data", symlinks=True)
    environ = {
        "XINYONG_DATA": str(folder / "data"),
        "XINYONG_WATCHERS": "192.0.2.0/24, 2001:db8::/32",
    }
    log = folder / "serve.log"
    with served("--log", log, FORWARDED_ALLOW_IPS="127.0.0.2", **environ) as url:
        yield Watched(url, folder / "data", log)


def through(city: Watched, source: str, path: str, **headers: str) -> httpx.Response:
    """A request from another address of this machine, as a front server sends it on."""
    transport = httpx.HTTPTransport(local_address=source)
    with httpx.Client(transport=transport, base_url=city.url, timeout=30) as client:
        return client.get(
            path, headers={name.replace("_", "-"): one for name, one in headers.items()}
        )


def test_a_node_is_alive_and_ready_with_every_check(city: Watched) -> None:
    assert city.get("/healthz").text == "ok\n"
    answer = city.get("/readyz")
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["ready"] is True
    assert set(said["checks"]) == {"database", "edition", "disk", "schedule", "holidays"}
    assert all(one["ok"] and one["said"] for one in said["checks"].values())


def test_the_figures_are_for_this_machine_and_the_named_networks_alone(city: Watched) -> None:
    assert city.get("/metrics").status_code == 200
    front, other = "127.0.0.2", "127.0.0.3"
    for address, wanted in (("192.0.2.7", 200), ("2001:db8::7", 200), ("203.0.113.9", 404)):
        for path in ("/metrics", "/readyz"):
            assert through(city, front, path, X_Forwarded_For=address).status_code == wanted
    # A proxy nobody named may claim anything, and may hide that its visitor is not this machine.
    assert through(city, other, "/metrics", X_Forwarded_For="127.0.0.1").status_code == 404
    assert through(city, other, "/metrics", X_Real_IP="192.0.2.7").status_code == 404
    assert through(city, front, "/healthz", X_Forwarded_For="203.0.113.9").status_code == 200


def test_requests_are_counted_by_route_never_by_what_they_ask_for(city: Watched) -> None:
    for number in range(20):
        city.get(f"/i/NB-{number:04}-0/")
        city.get(f"/nowhere/{number}/")
    httpx.request("BREW", f"{city.url}/", timeout=30)
    answer = city.get("/metrics")
    text = answer.text
    assert answer.headers.get_list("content-type") == ["text/plain; version=0.0.4; charset=utf-8"]
    assert re.search(r'requests_total\{method="GET",route="/i/\{id\}",status="404"\} 20\.0', text)
    assert re.search(r'requests_total\{method="GET",route="\(none\)",status="404"\} \d+', text)
    assert "NB-" not in text
    assert "nowhere" not in text
    assert "BREW" not in text
    assert 'xinyong_acts_total{act="release_edition"} 3.0' in text
    for name in ("clocks_overdue", "clocks_ownerless", "edition_age_seconds", "outbox_waiting"):
        assert re.search(rf"^xinyong_{name} \d", text, re.M), name
    for name in ("outbox_dead", "ledger_entries", "entries_withdrawn", "disk_free_bytes"):
        assert re.search(rf"^xinyong_{name} \d", text, re.M), name
    assert "backup_age" not in text.replace("# ", ""), "what is not known is not shown as a number"


def test_a_request_has_a_number_that_the_answer_the_page_and_the_log_tell(city: Watched) -> None:
    page = city.get("/nowhere/", Accept="text/html")
    number = page.headers["X-Request-Id"]
    assert f'请求编号：<span class="code">{number}</span>' in page.text
    problem = city.get("/nowhere/", Accept="application/json")
    assert problem.json()["request"] == problem.headers["X-Request-Id"] != number
    said = [one for one in city.lines("request") if one["request"] == number]
    assert [(one["method"], one["route"], one["status"]) for one in said] == [
        ("GET", "(none)", 404)
    ]
    with httpx.Client(base_url=city.url, timeout=30) as desk:
        desk.post("/sign-in", data={"account": "inspector", "password": PASSWORD})
        refused = desk.get("/desk/operations/", headers={"Accept": "text/html"})
        assert refused.status_code == 403
        assert f'class="code">{refused.headers["X-Request-Id"]}<' in refused.text


def test_a_number_is_taken_from_the_front_server_alone_and_only_if_it_is_one(city: Watched) -> None:
    given = "front-0123456789"
    assert (
        through(city, "127.0.0.2", "/healthz", X_Request_Id=given).headers["X-Request-Id"] == given
    )
    assert (
        through(city, "127.0.0.3", "/healthz", X_Request_Id=given).headers["X-Request-Id"] != given
    )
    for bad in ("short", "x" * 65, '{"a":1}', "a b c d e f g"):
        found = through(city, "127.0.0.2", "/healthz", X_Request_Id=bad).headers["X-Request-Id"]
        assert re.fullmatch(r"[0-9a-f]{16}", found)


def test_the_log_holds_every_request_and_act_and_nothing_that_was_typed(city: Watched) -> None:
    city.get(f"/search/?q={SECRET}")
    with httpx.Client(base_url=city.url, timeout=30) as desk:
        words = {"account": "administrator", "password": PASSWORD}
        signed = desk.post(f"/sign-in?path=/{SECRET}", data=words)
        assert signed.status_code == 303
        assert desk.get("/desk/operations/").status_code == 200
    acts = city.lines("act")
    mine = [one for one in acts if one.get("request") == signed.headers["X-Request-Id"]]
    assert [(one["act"], one["account"]) for one in mine] == [("sign_in", "administrator")]
    assert {"search", "sign-in", "operations"} <= {
        part for one in city.lines("request") for part in one["route"].split("/")
    }
    text = city.log.read_text("utf-8")
    for hidden in (SECRET, PASSWORD, "127.0.0", "httpx", "管理员"):
        assert hidden not in text


def test_the_operators_page_tells_the_same_and_is_for_administrators(city: Watched) -> None:
    with httpx.Client(base_url=city.url, timeout=30) as desk:
        desk.post("/sign-in", data={"account": "administrator", "password": PASSWORD})
        text = desk.get("/desk/operations/").text
    assert "定时任务" in text
    assert "<svg" in text
    assert "2026-11（" in text
    assert "最近一次备份" in text
    assert "不知道" in text


def test_a_rotated_log_goes_on_in_the_new_file(city: Watched) -> None:
    old = city.log.with_suffix(".1")
    city.log.rename(old)
    number = city.get("/healthz").headers["X-Request-Id"]
    for _ in range(100):  # the line is written once the answer is sent
        if city.log.exists() and number in city.log.read_text("utf-8"):
            break
        time.sleep(0.1)
    assert number in city.log.read_text("utf-8")
    assert number not in old.read_text("utf-8")
    city.log.write_text(old.read_text("utf-8") + city.log.read_text("utf-8"), "utf-8")


def test_a_node_whose_edition_is_gone_is_alive_and_not_ready(
    demo: Settings, tmp_path: Path
) -> None:
    shutil.copytree(demo.editions, tmp_path / "editions", symlinks=True)
    (tmp_path / "editions/current").unlink()
    (tmp_path / "editions/current").symlink_to("2026-13")
    with served("--public", tmp_path / "editions", XINYONG_DATA="/nowhere") as url:
        assert httpx.get(f"{url}/healthz", timeout=30).status_code == 200
        answer = httpx.get(f"{url}/readyz", timeout=30)
        assert answer.status_code == 503
        assert answer.json()["checks"]["edition"]["ok"] is False
        assert answer.json()["checks"]["disk"]["ok"] is True


def test_a_wrong_network_is_refused_with_its_name(demo: Settings) -> None:
    words = [sys.executable, "-m", "config", "serve", "--port", "0"]
    environ = {
        **os.environ,
        "XINYONG_DATA": str(demo.data),
        "XINYONG_WATCHERS": "10.0.0.0/8 office",
    }
    done = subprocess.run(words, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "office" in done.stderr
    assert "10.2.0.0/16" in done.stderr


def test_a_socket_that_is_handed_over_turns_nobody_away_while_the_service_starts_anew(
    demo: Settings,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        # The listening socket is descriptor 3, and the process knows that it was handed to it.
        line = 'exec 3<&"$FD"; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"'
        words = ["bash", "-c", line, "bash", sys.executable, "-m", "config", "serve", "--public"]
        environ = {**os.environ, "FD": str(listener.fileno())}

        def start() -> "subprocess.Popen[bytes]":
            return subprocess.Popen(
                [*words, str(demo.editions), "--port", str(port)],
                env=environ,
                cwd=ROOT,
                pass_fds=[listener.fileno()],
                stdout=subprocess.DEVNULL,
            )

        for _ in range(2):
            # Asked before anybody serves: the request waits in the socket.
            with socket.create_connection(("127.0.0.1", port)) as visitor:
                visitor.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                process = start()
                answer = b""
                while piece := visitor.recv(4096):
                    answer += piece
                process.terminate()
                process.wait()
            assert answer.startswith(b"HTTP/1.1 200"), answer


def test_the_statements_the_office_owes_are_filled_in_with_what_is_known(city: Watched) -> None:
    with httpx.Client(base_url=city.url, timeout=30) as desk:
        desk.post("/sign-in", data={"account": "administrator", "password": PASSWORD})
        impact = desk.get("/desk/operations/impact/").text
        statement = desk.get("/desk/operations/accessibility/").text
    assert "60 家</span>" in impact, "as many institutions as the city has"
    assert "NB-2026" in impact, "the policy of the automated decision is named"
    assert "尚未设置备份" in impact
    kept = impact.split("不登记、不公开：")[1].split("</p>")[0]
    assert "居民身份证号码" in kept
    assert "银行账号" not in kept, "the register holds the accounts of custody"
    assert re.search("监管专户.*银行账号.*每次查阅都写明用途并记录", impact)
    for term in TERMS:
        assert term.what in impact
    for text, blanks in ((impact, 10), (statement, 8)):
        named = re.findall(r'id="f-(\w+)"', text)
        assert len(named) == len(set(named)) == text.count('contenteditable="true"') == blanks
