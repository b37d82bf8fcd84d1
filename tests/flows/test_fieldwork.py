"""Over HTTP: a campaign from its draw to its visits, records from phones, files, and hostile words everywhere."""

import io
import json
import re
import subprocess
import sys
from datetime import datetime
from hashlib import sha256
from html import unescape
from os import environ as ENVIRON
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from PIL import Image

from config.register import opened_register
from config.settings import Settings
from registry import queries
from registry.database import reading
from tests.flows.test_desk import Browsers, browser, rated, settings, sheet, url

__all__ = ["browser", "settings", "url"]  # the fixtures of the desk
ROOT = Path(__file__).parents[2]
HOSTILE = ROOT / "tests/data/hostile_strings.json"
JSON = {"Accept": "application/json"}


def photo(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, 9, 9)).save(out, "JPEG")
    return out.getvalue()


def record(settings: Settings, institution: str, **changed: str) -> dict[str, Any]:
    values = {
        "institution": institution,
        "kind": "双随机检查",
        "seen_on": datetime.now(settings.zone).date().isoformat(),
        "first_officer": "周敏",
        "second_officer": "陈露",
        "signed": "yes",
        "checklist": "NB-QD-2026-1",
        "answer-XF-1": "不符合",
        "answer-ZZ-1": "符合",
        **changed,
    }
    one = {"sha256": sha256(photo(7)).hexdigest(), "item": "XF-1", "name": "通道.jpg"}
    return {"account": "inspector", "values": values, "files": [one]}


def put(client: httpx.Client, key: str, body: object) -> httpx.Response:
    return client.put(f"/desk/field/visits/{key}", json=body, headers=JSON)


def test_a_record_from_a_phone_is_there_once_and_its_file_follows(
    browser: Browsers, settings: Settings
) -> None:
    id, _ = rated(settings)
    phone = browser("inspector")
    key, body = str(uuid4()), record(settings, id)
    first = put(phone, key, body)
    again = put(phone, key, body)
    assert (first.status_code, again.status_code) == (201, 200)
    visit = first.json()["visit"]
    assert again.json()["visit"] == visit
    (digest,) = first.json()["missing"]
    place = f"/desk/field/visits/{key}/files"
    assert "没有送到" in phone.get(f"/desk/visits/{visit}/").text
    wrong = phone.put(f"{place}/{digest}", content=photo(8), headers=JSON)
    assert wrong.status_code == 422
    assert phone.put(f"{place}/{digest}", content=photo(7), headers=JSON).status_code == 201
    assert phone.put(f"{place}/{digest}", content=photo(7), headers=JSON).status_code == 200
    assert put(phone, key, body).json()["missing"] == []
    text = phone.get(f"/desk/visits/{visit}/").text
    assert digest in text
    assert "没有送到" not in text
    other = put(phone, key, record(settings, id, statement="另一份"))
    assert other.status_code == 409
    assert other.json()["recorded"]["visit"] == visit
    assert other.json()["recorded"]["findings"] == ["S01"]
    assert put(phone, str(uuid4()), {**body, "account": "reviewer"}).status_code == 403
    refused = put(phone, str(uuid4()), record(settings, id, **{"extent-XF-1": "0"}))
    assert refused.status_code == 422
    assert "extent-XF-1" in [one["field"] for one in refused.json()["errors"]]
    old = put(phone, str(uuid4()), record(settings, id, checklist="gone"))
    assert "检查表" in old.json()["detail"]
    astray = put(phone, str(uuid4()), record(settings, id, **{"answer-OLD-1": "不符合"}))
    assert astray.status_code == 422
    assert "检查表 NB-QD-2026-1 里没有这一项" in astray.json()["detail"]
    unlisted = put(phone, str(uuid4()), record(settings, id, checklist=""))
    assert "没有写明按哪一版检查表" in unlisted.json()["detail"]
    assert put(browser(), key, body).status_code == 401
    assert (
        phone.put(f"/desk/field/visits/{uuid4()}/files/{digest}", content=b"x").status_code == 404
    )


def test_a_visit_that_may_be_recorded_already_is_asked_about_at_the_desk_and_taken_from_a_phone(
    browser: Browsers, settings: Settings
) -> None:
    id, _ = rated(settings)
    inspector = browser("inspector")
    pair = {"first_officer": "周敏", "second_officer": "方明"}
    assert inspector.post("/desk/visits", data=sheet(inspector, id, **pair)).status_code == 200
    form = sheet(inspector, id, another="", **pair)
    asked = inspector.post("/desk/visits", data=form)
    assert asked.status_code == 422
    assert "这一天已有检查 JC" in asked.text
    assert 'name="another"' in asked.text
    taken = inspector.post("/desk/visits", data=form | {"another": "yes"})
    assert taken.status_code == 200
    assert "请核对是不是重复记录" in taken.text
    # Sent again it is the same one, and nothing is asked.
    assert inspector.post("/desk/visits", data=form).url == taken.url
    sent = put(inspector, str(uuid4()), record(settings, id, **pair))
    assert sent.status_code == 201
    told = browser("reviewer").get("/desk/notices/").text
    assert f"检查 {sent.json()['visit']} 可能和" in told


def test_a_fault_corrects_an_earlier_record_from_the_desk_and_from_a_phone(
    browser: Browsers, settings: Settings
) -> None:
    id, _ = rated(settings)
    inspector = browser("inspector")
    saved = inspector.post("/desk/visits", data=sheet(inspector, id))
    matter = re.findall(r"desk/matters/(WT[\d-]+)/", saved.text)[0]
    form = sheet(inspector, id, **{"corrects-x1": "WT2026-999999"})
    asked = inspector.post("/desk/visits", data=form)
    assert asked.status_code == 422
    assert 'id="e-corrects-x1"' in asked.text
    assert "二楼疏散通道堆放课桌" in asked.text
    saved = inspector.post("/desk/visits", data=form | {"corrects-x1": matter})
    better = re.findall(r"desk/matters/(WT[\d-]+)/", saved.text)[0]
    assert matter in inspector.get(f"/desk/matters/{better}/").text
    assert 'name="corrects-XF-1"' in inspector.get("/desk/field/").text
    sent = put(inspector, str(uuid4()), record(settings, id, **{"corrects-XF-1": "WT2026-999999"}))
    assert sent.status_code == 422
    assert "corrects-XF-1" in [one["field"] for one in sent.json()["errors"]]
    sent = put(inspector, str(uuid4()), record(settings, id, **{"corrects-XF-1": matter}))
    assert sent.status_code == 201
    assert matter in inspector.get(f"/desk/matters/{sent.json()['matters'][0]}/").text


def test_what_one_account_filled_in_is_sent_under_no_other(
    browser: Browsers, settings: Settings
) -> None:
    id, _ = rated(settings)
    inspector, reviewer = browser("inspector"), browser("reviewer")
    key, body = str(uuid4()), record(settings, id)
    assert put(reviewer, key, body).status_code == 403
    (digest,) = put(inspector, key, body).json()["missing"]
    place = f"/desk/field/visits/{key}/files/{digest}"
    refused = reviewer.put(place, content=photo(7), headers=JSON)
    assert refused.status_code == 403
    assert "请由“inspector”登录后送出" in refused.json()["detail"]
    assert inspector.put(place, content=photo(7), headers=JSON).status_code == 201


def test_a_file_is_downloaded_never_shown_and_only_by_the_office(
    browser: Browsers, settings: Settings
) -> None:
    id, _ = rated(settings)
    inspector = browser("inspector")
    form = sheet(inspector, id)
    name = '照片";\r\n<b>.jpg'
    bad = {"files-XF-1": ("x.jpg", b"<html>", "image/jpeg")}
    kept = {"files-ZZ-1": (name, photo(11), "image/jpeg")}
    again = inspector.post("/desk/visits", data=form, files={**bad, **kept})
    assert again.status_code == 422
    digest = sha256(photo(11)).hexdigest()
    assert f'name="kept-{digest}"' in again.text  # nothing chosen is lost
    saved = inspector.post("/desk/visits", data={**form, f"kept-{digest}": "ZZ-1|照片.jpg"})
    assert saved.status_code == 200
    assert digest in saved.text
    number = saved.text.split("desk/files/")[1].split('"')[0]
    got = inspector.get(f"/desk/files/{number}")
    assert got.content == photo(11)
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert inspector.get(f"/desk/files/{number}/view").headers["Content-Type"] == "image/jpeg"
    assert browser("institution").get(f"/desk/files/{number}").status_code == 403
    assert browser().get(f"/desk/files/{number}").status_code == 401
    thief = browser("reviewer")
    stolen = sheet(thief, id) | {f"kept-{digest}": "ZZ-1|x", "kept-../../register.db": "ZZ-1|x"}
    assert digest not in thief.post("/desk/visits", data=stolen).text


def test_a_campaign_goes_from_its_draw_to_a_visit_and_anybody_draws_it_again(
    browser: Browsers, settings: Settings, tmp_path: Path
) -> None:
    _, id = rated(settings)
    day = datetime.now(settings.zone).date().isoformat()
    head, inspector = browser("head"), browser("inspector")
    empty = head.post("/desk/campaigns", data={"since": day})
    assert empty.status_code == 422
    assert "任务名称" in empty.text
    away = {"officer": "inspector", "institution": id, "reason": "配偶任职", "since": day}
    for wrong in ({"reason": ""}, {"institution": "NB-0000-0"}):
        assert head.post("/desk/recusals", data={**away, **wrong}).status_code == 422
    assert "配偶任职" in head.post("/desk/recusals", data=away).text
    filled = {"name": "秋季抽查", "kind": "双随机检查", "since": day, "until": day}
    held = head.post("/desk/campaigns", data=filled)
    campaign = str(held.url).rstrip("/").rsplit("/", 1)[1]
    assert inspector.post("/desk/campaigns", data=filled).status_code == 403
    lots = {"on": day, "size": "200"}
    assert head.post(f"/desk/campaigns/{campaign}/draws", data=lots).status_code == 422
    lots |= {"officer-inspector": "yes", "officer-reviewer": "yes"}
    shown = head.post(f"/desk/campaigns/{campaign}/draws", data=lots)
    assert "已经公告，还没有抽" in shown.text
    assert "配偶任职" in shown.text
    address = httpx.URL(str(shown.url)).path.rstrip("/")
    drawn = head.post(address)
    assert "重新抽取一次，结果完全相同" in drawn.text
    assert "回避后不足两人" in drawn.text
    assert head.post(address).status_code == 409
    paper = tmp_path / "draw.json"
    paper.write_bytes(head.get(f"{address}/draw.json").content)
    assert "配偶" not in paper.read_text()
    assert run(settings, str(paper)).returncode == 0
    assert run(settings, address.rsplit("/", 1)[1]).returncode == 0
    changed = json.loads(paper.read_text())
    changed["size"] = 3
    paper.write_text(json.dumps(changed))
    told = run(settings, str(paper))
    assert (told.returncode, "应抽出 3 家" in told.stdout) == (1, True)
    task_is_visited_and_another_given_away(browser, campaign, id)


def task_is_visited_and_another_given_away(browser: Browsers, campaign: str, barred: str) -> None:
    head, inspector = browser("head"), browser("inspector")
    tasks = inspector.get("/desk/tasks/").text
    link = unescape(tasks.split("desk/visits/new?")[1].split('"')[0])
    place = httpx.QueryParams(link)["institution"]
    assert place != barred
    form = inspector.get(f"/desk/visits/new?{link}").text
    assert f'name="campaign" value="{campaign}"' in form
    visit = sheet(inspector, place, campaign=campaign)
    assert inspector.post("/desk/visits", data=visit).status_code == 200
    page = head.get(f"/desk/campaigns/{campaign}/").text
    assert "已查 JC" in page
    found = re.findall(
        r'name="task" value="(\d+)"><input [^>]*name="institution" value="([^"]+)"', page
    )
    tasks_of = {institution: task for task, institution in found}
    pair = {"first_officer": "reviewer", "second_officer": "inspector", "institution": barred}
    pair |= {"task": tasks_of.pop(barred), "reason": "调班"}
    where = f"/desk/campaigns/{campaign}/tasks"
    refused = head.post(where, data=pair)
    assert refused.status_code == 422
    assert "已登记回避" in refused.text
    pair["institution"], pair["task"] = next(iter(tasks_of.items()))
    assert head.post(where, data=pair | {"reason": ""}).status_code == 422
    done = head.post(where, data=pair)
    assert done.status_code == 200
    assert ">改派的</span>" in done.text


def run(settings: Settings, draw: str) -> "subprocess.CompletedProcess[str]":
    environ = {
        **ENVIRON,
        "XINYONG_DATA": str(settings.data),
        "XINYONG_DATABASE": settings.database,
        "PYTHONPATH": str(ROOT),
    }
    words = [sys.executable, "-m", "config", "draw", draw]
    return subprocess.run(words, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_field_takes_hostile_words_unharmed_or_says_why_not(
    browser: Browsers, settings: Settings
) -> None:
    id, _ = rated(settings)
    inspector = browser("inspector")
    strings = [one for part in json.loads(HOSTILE.read_text("ascii")) for one in part["strings"]]
    seen = 0
    for text in strings:
        words = text.encode("utf-8", "replace").decode()[:300]
        fields = ("statement", "inside", "place", "note-x1", "statement-x1", "statement-XF-1")
        body = record(settings, id, **dict.fromkeys(fields, words), **{"code-x1": "S01"})
        answer = put(inspector, str(uuid4()), body | {"files": []})
        assert answer.status_code in (201, 422), (text, answer.text)
        if answer.status_code == 422:
            assert "控制字符" in answer.text, text
            continue
        seen += 1
        if seen % 20 == 0:
            shown = inspector.get(f"/desk/visits/{answer.json()['visit']}/").text
            assert words.strip().strip("\u3000\ufeff") in unescape(shown)
            assert "<script>" not in shown
    assert seen > 60


def test_what_is_taken_along_names_no_person_but_the_inspector(
    browser: Browsers, settings: Settings
) -> None:
    id, _ = rated(settings)
    inspector = browser("inspector")
    found = inspector.get("/desk/field/snapshot", headers=JSON).json()
    assert found["account"] == "inspector"
    place = next(one for one in found["places"] if one["id"] == id)
    assert set(place) <= {"id", "name", "address", "kind", "now", "lights", "open", "visits"}
    with opened_register(settings) as engine, reading(engine) as session:
        lines = queries.institutions(session, datetime.now(settings.zone).date(), limit=100_000)
    words = {"active": "", "suspended": "停办", "closed": "终止"}
    assert {one["id"]: one.get("status", "") for one in found["places"]} == {
        one.id: words[one.status] for one in lines
    }
    assert {one.status for one in lines} == set(words)
    assert len(place["lights"]) == 3
    assert browser("institution").get("/desk/field/snapshot", headers=JSON).status_code == 403
    page = inspector.get("/desk/field/")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    worker = inspector.get("/desk/field/worker.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert inspector.get("/desk/field/app.webmanifest").json()["scope"] == "./"
    assert inspector.get("/desk/visits/new", params={"institution": id}).status_code == 200


def test_a_visit_recorded_for_the_wrong_institution_is_voided_by_two(
    browser: Browsers, settings: Settings
) -> None:
    id, _ = rated(settings)
    inspector, reviewer = browser("inspector"), browser("reviewer")
    body = record(settings, id, **{"answer-XF-1": "符合"})
    visit = put(inspector, str(uuid4()), body | {"files": []}).json()["visit"]
    page = inspector.get(f"/desk/visits/{visit}/").text
    assert "提请作废这次检查" in page
    refused = inspector.post(f"/desk/visits/{visit}/void", data={"reason": ""})
    assert refused.status_code == 422
    assert 'id="e-reason"' in refused.text
    asked = inspector.post(f"/desk/visits/{visit}/void", data={"reason": "选错了机构，去的是隔壁"})
    assert asked.status_code == 200
    matter = str(asked.url).rstrip("/").rsplit("/", 1)[1]
    again = inspector.post(f"/desk/visits/{visit}/void", data={"reason": "再提一次"})
    assert (again.status_code, "在等核准" in again.text) == (409, True)
    assert inspector.post(f"/desk/changes/{matter}/apply", data={}).status_code == 403
    waiting = reviewer.get("/desk/changes/").text
    assert "作废错记的检查" in waiting
    assert visit in waiting
    assert "选错了机构，去的是隔壁" in waiting
    assert reviewer.post(f"/desk/changes/{matter}/apply", data={}).status_code == 200
    text = inspector.get(f"/desk/visits/{visit}/").text
    assert "这次检查已作废" in text
    assert matter in text
    assert "提请作废这次检查" not in text
    assert "（已作废）" in inspector.get(f"/desk/i/{id}/").text
    assert f"desk/visits/{visit}/" in inspector.get(f"/desk/i/{id}/").text
