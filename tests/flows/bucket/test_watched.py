"""A store that cannot be reached shows where it is watched: readiness, figures, the operators' page, alarms."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from config.alarms import current_alarms
from config.bucket.bringing import bring
from config.bucket.bucket import Bucket
from config.bucket.clock import LATE_AFTER, Bringing, Sending
from config.bucket.sending import send
from config.demo.build import PASSWORD
from config.health import Watcher, public_watch
from config.register import open_register
from config.settings import Settings
from config.steady import Steady
from registry.watch import Check, Watch
from tests.conftest import served
from tests.flows.bucket.conftest import SECOND, city_folder, whole
from tests.flows.bucket.s3 import READER, s3_server, stored

NOW = datetime.fromisoformat("2026-11-20T10:00:00+08:00")


def store_check(seen: Watch) -> Check:
    (found,) = [one for one in seen.checks if one.key == "store"]
    return found


def test_a_copy_that_cannot_be_brought_up_to_date_serves_on_and_says_so(
    office: Settings, node: Settings, copy: Path
) -> None:
    send(office.editions, Bucket(office))
    bring(Bucket(node), copy)
    away = stored(node, "http://127.0.0.1:9", "x", READER)
    environ = {
        "XINYONG_CITY": str(city_folder(away, copy.parent / "city")),
        "XINYONG_STORE_KEY": READER[0],
        "XINYONG_STORE_SECRET": READER[1],
        "XINYONG_DATA": "/nowhere",
    }
    with served("--public", copy, "--from-store", **environ) as url:
        said = ready(url)
        assert (said.status_code, said.json()["ready"]) == (200, True)
        store = said.json()["checks"]["store"]
        assert (store["ok"], store["warns"]) == (True, True)
        assert "照旧公开这里已有的版次" in store["said"]
        assert "连不上" in store["said"]
        figures = httpx.get(f"{url}/metrics").text
        assert re.search(r"^xinyong_store_behind_seconds \d", figures, re.M)
        assert 'xinyong_check_ok{check="store"} 1.0' in figures
        assert 'xinyong_check_warns{check="store"} 1.0' in figures
        assert 'xinyong_check_warns{check="edition"} 0.0' in figures
        csv = httpx.get(f"{url}/editions/{SECOND}/list.csv").content
        assert csv == (office.editions / SECOND / "list.csv").read_bytes()
    empty = copy.parent / "empty"
    empty.mkdir()
    with served("--public", empty, "--from-store", **environ) as url:
        said = ready(url)
        assert (said.status_code, said.json()["ready"]) == (503, False)
        assert "还没有版次可以公开" in said.json()["checks"]["store"]["said"]


def ready(url: str) -> httpx.Response:
    """What the node says of itself once it has asked the store."""
    for _ in range(600):
        answer = httpx.get(f"{url}/readyz", timeout=30)
        if answer.json()["checks"]["store"]["warns"]:
            break
    return answer


def test_a_copy_says_how_it_stands_until_the_store_is_back(
    office: Settings, node: Settings, copy: Path
) -> None:
    at = [NOW]
    with s3_server() as dying:
        folder = "mortal"
        who = ((one.store_key, one.store_secret) for one in (office, node))
        office, node = (stored(office, dying.endpoint, folder, one) for one in who)
        bringing = Bringing(node, copy, lambda: at[0])

        def seen() -> Watch:
            return public_watch(copy, at[0], bringing)

        assert (seen().store_behind, store_check(seen()).said) == (None, "刚刚启动，还没有取过")
        bringing.tick()
        assert store_check(seen()).ok is False
        assert "没有 editions.json" in store_check(seen()).said
        send(office.editions, Bucket(office))
        bringing.tick()
        assert (seen().store_behind, store_check(seen()).warns) == (0.0, False)
        assert "最近一次在 2026-11-20 10:00" in store_check(seen()).said
        dying.stop()
        bringing.tick()
        at[0] += timedelta(minutes=5)
        bringing.tick()
        assert seen().store_behind == 300
        assert "从 2026-11-20 10:00 起没有取齐" in store_check(seen()).said
        assert seen().ready
        dying.start()
        bringing.tick()
        assert (seen().store_behind, store_check(seen()).warns) == (0.0, False)
    assert whole(copy)[0] == SECOND


@pytest.mark.parametrize("spoiled", [False, True], ids=["store away", "edition changed"])
def test_the_office_that_cannot_send_stays_ready_and_its_operators_see_it(
    spoiled: bool, office: Settings
) -> None:
    reached = office.city.store
    assert reached is not None
    endpoint = reached.endpoint if spoiled else "http://127.0.0.1:9"
    if spoiled:
        with (office.editions / SECOND / "list.csv").open("ab") as file:
            file.write(b"one more line\n")
    folder = reached.url.rpartition("/")[2]
    office = stored(office, endpoint, folder, (office.store_key, office.store_secret))
    engine = open_register(office)
    at = [NOW]
    watcher = Watcher(
        engine, office, Steady(office.zone, lambda: at[0], lambda: 0.0), schedules=False
    )
    assert (store_check(watcher.look()).said, watcher.look().store_behind) == (
        "还没有送出过版次",
        None,
    )
    Sending(engine, office, lambda: at[0]).tick()
    at[0] += LATE_AFTER
    seen = watcher.look()
    assert (seen.ready, seen.store_behind) == (True, LATE_AFTER.total_seconds())
    told = store_check(seen)
    assert (told.ok, told.warns) == (True, True)
    assert ("被改动" if spoiled else "连不上") in told.said
    assert [one.roles for one in seen.alarms if one.kind == "store"] == [("administrator",)]
    assert f"{at[0] - LATE_AFTER:%Y-%m-%d %H:%M}" in told.said
    kinds = [one.kind for one in current_alarms(engine, office, NOW)]
    assert "store" not in kinds, "a store may be away for a while"
    engine.dispose()
    environ = {
        "XINYONG_CITY": str(city_folder(office, office.data.parent / "city")),
        "XINYONG_STORE_KEY": office.store_key,
        "XINYONG_STORE_SECRET": office.store_secret,
        "XINYONG_DATA": str(office.data),
    }
    with (
        served("--no-schedule", **environ) as url,
        httpx.Client(base_url=url, timeout=30) as desk,
    ):
        desk.post("/sign-in", data={"account": "administrator", "password": PASSWORD})
        page = desk.get("/desk/operations/").text
        row = page[page.index(">对象存储</th>") :].partition("</tr>")[0]
        assert '<span class="late">要处理</span>' in row
        assert "没有送齐，公众节点还在用旧的" in row
        assert "对象存储" in page.partition("能不能服务")[0], "the alarm stands above"
