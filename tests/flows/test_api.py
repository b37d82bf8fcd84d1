"""The API: what programs are told of the released editions, and how they are told that they are wrong."""

import json
import subprocess
import sys
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from config.settings import Settings
from publisher.changes import standings
from publisher.figures import as_csv
from publisher.site.openapi import document
from publisher.site.store import Store
from tests.conftest import PERIODS, served
from tests.flows.test_site import entries

API = "/api/v1"


def ask(site: str, path: str, **query: Any) -> httpx.Response:
    return httpx.get(f"{site}{API}{path}", params=query)


def pages(site: str, path: str, **query: Any) -> list[Any]:
    """Every item of every page."""
    found, more = [], {}
    while True:
        answer = ask(site, path, **query, **more).json()
        found += answer["items"]
        if answer["next"] is None:
            return found
        more = {"cursor": answer["next"]}


def test_the_document_is_sound_and_describes_every_address(site: str) -> None:
    served_one = ask(site, "/openapi.json").json()
    validate(served_one)
    assert served_one == document()
    for path, item in served_one["paths"].items():
        operation = item["get"]
        example = operation["responses"]["200"]["content"]["application/json"]["example"]
        assert example, path
    assert served_one["openapi"].startswith("3.1.")


def test_the_command_prints_the_same_document() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "config", "openapi"], capture_output=True, check=True
    )
    assert json.loads(done.stdout) == document()


def test_every_page_of_institutions_together_is_everyone_once(site: str, demo: Settings) -> None:
    everyone = entries(demo)
    for limit in (1, 7, 200):
        assert [one["id"] for one in pages(site, "/institutions", limit=limit)] == [
            one.institution for one in everyone
        ]
    for status in ("white", "watch", "black", "none", "new"):
        found = {one["id"] for one in pages(site, "/institutions", status=status, limit=5)}
        assert found == {one.institution for one in everyone if one.rating.status == status}
    place = everyone[0].jurisdiction
    found = {one["id"] for one in pages(site, "/institutions", jurisdiction=place, kind="培训机构")}
    wanted = [one for one in everyone if (one.jurisdiction, one.facts.kind) == (place, "培训机构")]
    assert found == {one.institution for one in wanted}


def test_a_program_is_told_where_nobody_is_called_as_it_asked(site: str, demo: Settings) -> None:
    one = next(one for one in entries(demo) if one.code)
    for number in (one.code, one.institution):
        right = ask(site, "/search", q=number).json()
        assert (right["guessed"], right["items"][0]["id"]) == (False, one.institution)
        wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
        guess = ask(site, "/search", q=wrong).json()
        assert guess["guessed"]
        assert one.institution in [item["id"] for item in guess["items"]]
        read = httpx.get(f"{site}/en/", params={"q": wrong}).text
        assert f"Nobody bears the number “{wrong}”" in read
    alike = ask(site, "/search", q=one.name[-4:]).json()
    assert not alike["guessed"]
    assert 0 <= alike["alike"] <= len(alike["items"])


def test_an_institution_is_told_as_it_was_published_on_each_day(site: str, demo: Settings) -> None:
    for name, later in zip(PERIODS, [*PERIODS[1:], ""], strict=True):
        manifest = json.loads((demo.editions / name / "edition.json").read_bytes())
        line = (demo.editions / name / "entries.jsonl").read_bytes().splitlines()[3]
        id = json.loads(line)["institution"]
        day = manifest["released_on"]
        answer = ask(site, f"/institutions/{id}", as_of=day).json()
        assert answer["entry"] == json.loads(line)
        assert answer["edition"]["name"] == name
        assert answer["past"] is bool(later)
        raw = (demo.editions / name / "edition.json").read_bytes()
        assert answer["edition"]["digest"] == sha256(raw).hexdigest()
        eve = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
        before = ask(site, f"/institutions/{id}", as_of=eve)
        if name == PERIODS[0]:
            assert before.status_code == 404
        else:
            assert before.json()["edition"]["name"] < name


def test_changes_since_are_those_of_each_later_edition(site: str, demo: Settings) -> None:
    first, *later = PERIODS
    found = pages(site, "/changes", since=first, limit=9)
    wanted = []
    for name in later:
        whole = json.loads((demo.editions / name / "changes.json").read_bytes())["changes"]
        wanted += [(name, one) for one in whole]
    assert [(one["edition"], one["change"]) for one in found] == wanted
    # Who follows them all, from before the first, knows where everybody stands today.
    known: dict[str, str] = {}
    for one in pages(site, "/changes", limit=200):
        change = one["change"]
        known[change["institution"]] = change["after"]
    now = standings(demo.editions / PERIODS[-1])
    assert {id: after for id, after in known.items() if after} == {
        id: f"{one.rating.status} {one.grade}".strip() for id, one in now.items()
    }
    assert ask(site, "/changes", since=PERIODS[-1]).json()["items"] == []


def test_history_and_editions_are_told_newest_first(site: str, demo: Settings) -> None:
    names = [one["edition"]["name"] for one in pages(site, "/editions", limit=2)]
    assert names == sorted(PERIODS, reverse=True)
    id = entries(demo)[0].institution
    told = pages(site, f"/institutions/{id}/history", limit=2)
    assert [one["edition"] for one in told] == names
    store = Store(demo.editions)
    assert [one["status"] for one in told] == [store.said(name, id).status for name in names]


def test_statistics_are_the_released_tables(site: str, demo: Settings) -> None:
    answer = ask(site, "/statistics").json()
    raw = json.loads((demo.editions / PERIODS[-1] / "figures.json").read_bytes())
    assert answer["figures"] == raw["figures"]
    edition = Store(demo.editions).current()
    for one in edition.figures():
        file = demo.editions / PERIODS[-1] / "figures" / f"{one.name}.csv"
        assert file.read_bytes() == as_csv(one, edition.name, edition.digest)
    total = sum(row[-1] for row in answer["figures"][0]["rows"])
    assert total == len(entries(demo))


def test_what_was_seen_is_not_sent_again_and_what_never_changes_is_kept(site: str) -> None:
    for path in ("/institutions", "/editions", "/statistics", "/openapi.json"):
        first = ask(site, path)
        assert first.headers["Cache-Control"] == "no-cache"
        tag = first.headers["ETag"]
        again = httpx.get(f"{site}{API}{path}", headers={"If-None-Match": f'"x", {tag}'})
        assert (again.status_code, again.content) == (304, b"")
    assert "immutable" in ask(site, "/editions/2026-10").headers["Cache-Control"]
    assert ask(site, "/editions/current").headers["Cache-Control"] == "no-cache"
    for name in ("edition.json", "edition.json.sig", "policy.toml"):
        sent = httpx.get(f"{site}/editions/2026-10/{name}").headers
        assert "immutable" in sent["Cache-Control"], name
    assert httpx.get(f"{site}/editions/2026-10/list.csv").headers["Cache-Control"] == "no-cache"


def test_a_script_of_another_site_may_ask_by_the_tag_it_has(site: str) -> None:
    said = httpx.options(f"{site}{API}/search").headers
    assert said["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in said["Access-Control-Allow-Headers"]
    for path in ("/meta", "/nowhere", "/search"):
        told = ask(site, path).headers
        assert told["Access-Control-Allow-Origin"] == "*"
        assert {"ETag", "Retry-After"} <= set(told["Access-Control-Expose-Headers"].split(", "))


@pytest.mark.parametrize(
    ("path", "query", "status", "names"),
    [
        ("/search", {}, 400, ["q"]),
        ("/search", {"q": " ", "colour": "red"}, 400, ["colour", "q"]),
        ("/search", {"q": "字" * 101}, 400, ["q"]),
        ("/institutions", {"status": "green", "limit": "0"}, 400, ["status", "limit"]),
        ("/institutions", {"limit": "1e3"}, 400, ["limit"]),
        ("/institutions", {"as_of": "5.11.2026", "limit": "x"}, 400, ["limit", "as_of"]),
        ("/institutions", {"cursor": "WyJub3doZXJlIiwieCJd"}, 404, ["cursor"]),
        ("/institutions", {"cursor": "%%%"}, 404, ["cursor"]),
        ("/statistics", {"as_of": "2999-01-01"}, 404, ["as_of"]),
        ("/statistics", {"as_of": "1999-01-01"}, 404, []),
        ("/changes", {"since": "yesterday"}, 400, ["since"]),
        ("/changes", {"since": "2019-01"}, 404, ["since"]),
        ("/institutions", {"grade": "Q", "jurisdiction": "999"}, 404, ["jurisdiction", "grade"]),
        ("/institutions", {"kind": "x", "subject": ""}, 404, ["kind", "subject"]),
        ("/search", {"q": "小", "jurisdiction": "999"}, 404, ["jurisdiction"]),
        ("/institutions/NB-0000-0", {}, 404, []),
        ("/institutions/NB-0000-0/history", {}, 404, []),
        ("/editions/2019-01", {}, 404, []),
        ("/nothing", {}, 404, []),
    ],
)
def test_every_mistake_is_named_at_once(
    site: str, path: str, query: dict[str, str], status: int, names: list[str]
) -> None:
    answer = ask(site, path, **query)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == status
    assert [one["name"] for one in problem["faults"]] == names
    assert "。" in problem["detail"]


def test_only_reading_is_possible_and_said_so(site: str) -> None:
    answer = httpx.post(f"{site}{API}/institutions")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_site_without_an_edition_says_so(tmp_path: Path) -> None:
    with served("--public", tmp_path) as url:
        answer = ask(url, "/institutions")
        assert answer.status_code == 503
        assert answer.json()["title"] == "还没有发布名单"
        page = httpx.get(url, headers={"Accept": "text/html"})
        assert page.status_code == 503
        assert "第一期发布以后就能查询" in page.text
        assert str(tmp_path) not in page.text + answer.text


def test_nothing_it_answers_is_other_than_described(site: str) -> None:
    """Schemathesis in all its phases; with few examples here, and more of them by hand."""
    program = str(Path(sys.executable).with_name("schemathesis"))
    words = [
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--max-examples",
        "2",
        "--no-color",
        "--seed",
        "1",
    ]
    done = subprocess.run(
        [program, "run", f"{site}{API}/openapi.json", "--url", site, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
