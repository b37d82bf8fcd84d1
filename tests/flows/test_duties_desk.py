"""Duties, registering, history and ledger at the desk over real HTTP, hostile strings included."""

import csv
import io
import json
import re
from datetime import date
from html import unescape
from pathlib import Path

import httpx
import pytest

from config.register import open_register
from config.settings import Settings
from registry import queries
from registry.database import reading
from tests.flows.test_desk import Browsers, browser, settings, url

__all__ = ["browser", "settings", "url"]
HOSTILE = json.loads((Path(__file__).parents[1] / "data/hostile_strings.json").read_text("ascii"))
STRINGS = [one for part in HOSTILE for one in part["strings"]]


def some(settings: Settings, many: int = 2) -> list[str]:
    engine = open_register(settings)
    with reading(engine) as session:
        lines = queries.institutions(session, date(2026, 11, 1), limit=60)
    engine.dispose()
    return [one.id for one in lines if one.status == "active"][:many]


def said(text: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'id="e-(\w+)"', text)]


COVER = {
    "cover_class": "premises",
    "insurer": "示例保险",
    "policy_no": "PX",
    "since": "2026-01-01",
    "until": "2099-12-31",
    "sum_yuan": "5,000,000",
    "addresses": "别处的路1号",
    "premium_paid": "yes",
    "insured_matches": "yes",
}


def test_every_duty_is_recorded_and_shown_with_what_is_wrong(
    browser: Browsers, settings: Settings
) -> None:
    (id,) = some(settings, 1)
    reviewer = browser("reviewer")
    for kind, form in {
        "covers": COVER,
        "custody": {"bank": "甬银行", "account_no": "6222", "since": "2026-01-01"},
        "custody-reports": {"bank": "甬银行", "on": "2026-06-01", "balance_yuan": "12.34"},
        "annual-inspections": {"year": "2025", "result": "合格", "on": "2026-05-01"},
        "licences": {"number": "教民X", "since": "2026-01-01", "until": "2099-01-01"},
    }.items():
        assert reviewer.get(f"/desk/i/{id}/{kind}/new").status_code == 200
        answer = reviewer.post(f"/desk/i/{id}/{kind}", data=form)
        assert answer.status_code == 200, (kind, answer.text)
    text = unescape(answer.text)
    assert "PX" in text
    assert "承保地址没有包括" in text
    assert "2025 年度合格" in text
    assert "6222" not in text
    assert "12.34" not in text
    cover = re.search(r"cancel-cover/(\d+)", text)
    assert cover
    path = f"/desk/i/{id}/cancel-cover/{cover[1]}"
    assert reviewer.post(path, data={"cancelled_on": "2026-02-30"}).status_code == 422
    assert "退保" in reviewer.post(path, data={"cancelled_on": "2026-02-01"}).text
    assert browser("auditor").get(f"/desk/i/{id}/covers/new").status_code == 403
    assert reviewer.get(f"/desk/i/{id}/nothing/new").status_code == 404


def test_a_licence_s_number_that_another_has_is_asked_about_and_taken_knowingly(
    browser: Browsers, settings: Settings
) -> None:
    one, other = some(settings, 2)
    reviewer = browser("reviewer")
    form = {"number": "教民共用7号", "since": "2026-01-01", "until": "2099-01-01"}
    assert reviewer.post(f"/desk/i/{one}/licences", data=form).status_code == 200
    renewed = form | {"since": "2026-02-01"}
    assert reviewer.post(f"/desk/i/{one}/licences", data=renewed).status_code == 200
    asked = reviewer.post(f"/desk/i/{other}/licences", data=form | {"number": "教民共用７号"})
    assert asked.status_code == 422
    assert f"已登记在机构 {one} 名下" in unescape(asked.text)
    assert 'name="shared"' in asked.text
    taken = reviewer.post(f"/desk/i/{other}/licences", data=form | {"shared": "yes"})
    assert taken.status_code == 200
    assert "教民共用7号" in taken.text


def test_all_mistakes_of_a_duty_are_named_at_once(browser: Browsers, settings: Settings) -> None:
    (id,) = some(settings, 1)
    wrong = {**COVER, "cover_class": "", "until": "2025-01-01", "sum_yuan": "很多", "insurer": ""}
    answer = browser("reviewer").post(f"/desk/i/{id}/covers", data=wrong)
    assert answer.status_code == 422
    assert set(said(answer.text)) == {"cover_class", "sum_yuan", "insurer"}
    assert "别处的路1号" in answer.text
    for typed in ("NaN", "1e999", "-5", "0.001", "٣x", "9" * 40):
        answer = browser("reviewer").post(f"/desk/i/{id}/covers", data={**COVER, "sum_yuan": typed})
        assert (answer.status_code, said(answer.text)) == (422, ["sum_yuan"]), typed


def test_what_lapses_is_listed_by_district_and_taken_away(browser: Browsers) -> None:
    inspector = browser("inspector")
    page = inspector.get("/desk/duties/", params={"within": "90"})
    assert page.status_code == 200
    rows = list(csv.reader(io.StringIO(inspector.get("/desk/duties/export?within=90").text)))
    assert len(rows) > 1
    assert rows[0][0].endswith("区县")
    days = [int(row[5]) for row in rows[1:]]
    assert days == sorted(days)
    assert inspector.get("/desk/duties/?place=%27%3B--&within=x").status_code == 200


def sheet(name: str, **more: str) -> dict[str, str]:
    base = {"name": name, "jurisdiction": "330203", "kind": "培训机构", "status": "active"}
    return {**base, "opened_on": "2026-01-01", **more}


def test_a_double_is_stopped_until_somebody_says_why_it_is_none(browser: Browsers) -> None:
    inspector = browser("inspector")
    first = inspector.post(
        "/desk/institutions",
        data=sheet(
            "宁波市海曙区独一无二艺术培训学校",
            address="甲乙路77号",
            former="旧名学校 | 2026-01-01 | 2026-02-01",
            other_places="丙路9号 | 2026-01-01",
        ),
    )
    assert first.status_code == 200, first.text
    own = str(first.url).rstrip("/").rsplit("/", 1)[1]
    double = sheet("海曙区獨一無二藝術培训中心", address="甲乙路七十七号")
    stopped = inspector.post("/desk/institutions", data=double)
    assert stopped.status_code == 409
    assert own in stopped.text
    assert "地址相同" in stopped.text
    seen = re.search(r'name="seen" value="([^"]*)"', stopped.text)
    assert seen
    unseen = inspector.post("/desk/institutions", data=double | {"not_the_same": "楼上那家"})
    assert unseen.status_code == 409
    done = inspector.post(
        "/desk/institutions", data=double | {"not_the_same": "楼上那家", "seen": seen[1]}
    )
    assert done.status_code == 200
    new = str(done.url).rstrip("/").rsplit("/", 1)[1]
    publisher = browser("publisher")
    lines = publisher.get("/desk/ledger/export", params={"format": "jsonl", "institution": new})
    (entry,) = [json.loads(one) for one in lines.text.splitlines()]
    assert json.loads(entry["body"])["not_the_same"]["reason"] == "楼上那家"
    compared = inspector.get(f"/desk/i/{own}/lineage/new?other={new}")
    assert "两家对照" in compared.text
    ask = {"what": "merge", "other": new, "how": "重复登记", "on": "2026-02-01", "reason": "同一家"}
    asked = inspector.post(f"/desk/i/{own}/lineage", data=ask)
    assert "资料变更" in asked.text
    matter = str(asked.url).rstrip("/").rsplit("/", 1)[1]
    day = re.search(
        r'name="on" type="date" value="([^"]+)"',
        browser("reviewer").get(f"/desk/matters/{matter}/").text,
    )
    assert day
    assert inspector.post(f"/desk/matters/{matter}/apply", data={"on": day[1]}).status_code == 403
    assert (
        browser("reviewer").post(f"/desk/matters/{matter}/apply", data={"on": day[1]}).status_code
        == 200
    )
    assert "并入" in inspector.get(f"/desk/i/{new}/").text


def test_every_mistake_of_a_new_institution_is_named_at_once(browser: Browsers) -> None:
    wrong = sheet("", code="913", opened_on="2026-02-30", former="名 | 不是日期", jurisdiction="")
    answer = browser("inspector").post("/desk/institutions", data=wrong)
    assert answer.status_code == 422
    assert {"name", "jurisdiction", "opened_on", "former"} <= set(said(answer.text))
    missing = browser("inspector").post("/desk/i/NB-0000-0/lineage", data={"other": "x"})
    assert missing.status_code == 404


def test_the_ledger_is_browsed_page_by_page_and_checked(browser: Browsers) -> None:
    publisher = browser("publisher")
    page = publisher.get("/desk/ledger/")
    numbers = [int(one) for one in re.findall(r'desk/ledger/(\d+)/"', page.text)]
    assert numbers == sorted(numbers, reverse=True)
    older = publisher.get(f"/desk/ledger/?before={numbers[2]}")
    assert f'desk/ledger/{numbers[3]}/"' in older.text
    assert f'desk/ledger/{numbers[1]}/"' not in older.text
    entry = publisher.get(f"/desk/ledger/{numbers[0]}/")
    assert entry.text.count("校验码")
    none = publisher.get("/desk/ledger/?act=sign_in&account=nobody")
    assert "没有这样的条目" in none.text
    assert publisher.get("/desk/ledger/?since=2026-02-30").status_code == 422
    assert publisher.get("/desk/ledger/?until=9999-12-31&since=0001-01-01").status_code == 200
    assert publisher.get("/desk/ledger/99999999/").status_code == 404
    assert "逐条相接" in publisher.post("/desk/ledger/check").text
    assert browser("inspector").get("/desk/ledger/").status_code == 403
    assert browser().get("/desk/ledger/").status_code == 401


@pytest.fixture
def reviewer(browser: Browsers) -> httpx.Client:
    return browser("reviewer")


def test_hostile_strings_in_every_field_do_no_harm(
    reviewer: httpx.Client, browser: Browsers, settings: Settings
) -> None:
    (id,) = some(settings, 1)
    kept = []
    for number, text in enumerate(STRINGS):
        cover = {
            **COVER,
            "insurer": text,
            "policy_no": f"H{number}",
            "insured_name": text,
            "addresses": text,
        }
        answers = [reviewer.post(f"/desk/i/{id}/covers", data=cover)]
        if number % 8 == 0:
            odd = dict.fromkeys(("cover_class", "since", "sum_yuan", "insured_code"), text)
            answers.append(reviewer.post(f"/desk/i/{id}/covers", data={**COVER, **odd}))
            for kind in ("custody", "custody-reports", "annual-inspections", "licences"):
                form = dict.fromkeys(
                    (
                        "bank",
                        "account_no",
                        "since",
                        "on",
                        "balance_yuan",
                        "year",
                        "result",
                        "number",
                    ),
                    text,
                )
                answers.append(reviewer.post(f"/desk/i/{id}/{kind}", data=form))
            fields = (
                "code",
                "address",
                "former",
                "brands",
                "other_places",
                "subject",
                "licence_no",
            )
            form = sheet(text, **dict.fromkeys(fields, text), not_the_same=text, seen=text)
            answers.append(reviewer.post("/desk/institutions", data=form))
            answers.append(
                reviewer.post(
                    f"/desk/i/{id}/lineage",
                    data=dict.fromkeys(("what", "other", "how", "on", "reason"), text),
                )
            )
            asked = dict.fromkeys(
                ("act", "institution", "subject", "account", "since", "before"), text
            )
            answers.append(browser("publisher").get("/desk/ledger/", params=asked))
        assert {one.status_code for one in answers} <= {200, 303, 404, 409, 422}, (text, answers)
        if answers[0].status_code == 200:
            kept.append(text.strip().strip("\u3000\ufeff"))
    assert len(kept) > len(STRINGS) // 2
    page = unescape(reviewer.get(f"/desk/i/{id}/").text)
    assert [one for one in kept if one not in page] == []
    assert "<script>alert" not in reviewer.get(f"/desk/i/{id}/").text
    publisher = browser("publisher")
    table = publisher.get("/desk/ledger/export", params={"institution": id, "act": "record_cover"})
    rows = list(csv.reader(io.StringIO(table.text.removeprefix("\ufeff"), newline="")))[1:]
    bodies = [json.loads(row[7]) for row in rows]
    assert {one["insurer"] for one in bodies} >= set(kept)
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    lines = publisher.get(
        "/desk/ledger/export", params={"format": "jsonl", "institution": id, "act": "record_cover"}
    ).text
    assert len(lines.rstrip("\n").split("\n")) == len(rows)
