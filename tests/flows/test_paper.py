"""At the desk: an objection and an application for repair that came in on paper, from the day they came."""

import re
from typing import Any

import pytest

from config.register import open_register
from config.settings import Settings
from registry import queries
from registry.database import reading, writing
from tests.flows.test_desk import Browsers, browser, settings, url
from tests.registry import people as p

__all__ = ["browser", "settings", "url"]
OBJECTION = {"on": "2026-11-20", "text": "照片拍的是隔壁的走廊"}
REPAIR = {"on": "2026-11-20", "proof": "罚款已缴清", "undertaking": "保证依法办学。签署人：王校长"}


@pytest.fixture(scope="module")
def school(settings: Settings) -> dict[str, str]:
    """An institution without an account at the portal, with one penalty in force; another's beside it."""
    engine = open_register(settings)
    with writing(engine) as session:
        id = p.institution(session, name="宁波市海曙区书面培训学校")
        other = p.institution(session, name="宁波市海曙区旁边培训学校")
        finding = p.finding(session, id)
        found = {
            "institution": id,
            "finding": finding,
            "penalty": p.penalty(session, id, finding),
            "hidden": p.penalty(session, id, p.finding(session, id), until="investigated"),
            "other": p.finding(session, other),
        }
    engine.dispose()
    return found


def about(settings: Settings, school: dict[str, str], name: str) -> queries.ShownMatter:
    engine = open_register(settings)
    with reading(engine) as session:
        found = queries.shown_matter(session, school["institution"], school[name])
    engine.dispose()
    return found


def test_an_objection_on_paper_runs_from_the_day_it_came_in_and_marks_the_record(
    browser: Browsers, settings: Settings, school: dict[str, str]
) -> None:
    inspector, id = browser("inspector"), school["institution"]
    link = f"desk/open/objection/?institution={id}"
    assert link in inspector.get(f"/desk/i/{id}/").text
    form = inspector.get(f"/{link}").text
    assert "收到日期" in form
    options = re.findall(
        r'<option value="([^"]*)"', form.split('id="about"')[1].split("</select>")[0]
    )
    assert {school["finding"], school["penalty"]} <= set(options)
    assert not {school["hidden"], school["other"]} & set(options)
    sheet = {"institution": id, "about": school["finding"], **OBJECTION}
    opened = inspector.post("/desk/open/objection", data=sheet)
    assert "/desk/matters/" in str(opened.url), opened.text
    assert "照片拍的是隔壁的走廊" in opened.text
    assert "期限 2026-11-27" in opened.text, "five working days from the day the paper came in"
    matter = str(opened.url.path).rstrip("/").rsplit("/", 1)[1]
    assert about(settings, school, "finding").disputed_by == matter
    again = inspector.post("/desk/open/objection", data=sheet)
    assert (again.status_code, matter in again.text) == (409, True)


def test_an_application_on_paper_is_taken_in_after_the_shortest_term(
    browser: Browsers, school: dict[str, str]
) -> None:
    reviewer = browser("reviewer")
    sheet = {"institution": school["institution"], "about": school["penalty"], **REPAIR}
    early = reviewer.post("/desk/open/repair", data=sheet | {"on": "2026-05-01"})
    assert early.status_code == 422
    assert "最短公示期未满" in early.text
    assert "罚款已缴清" in early.text, "nothing typed is lost"
    opened = reviewer.post("/desk/open/repair", data=sheet)
    assert "/desk/matters/" in str(opened.url), opened.text
    assert "签署人：王校长" in opened.text


WRONG = [
    ("objection", "other", OBJECTION, "about"),
    ("objection", "hidden", OBJECTION, "about"),
    ("repair", "finding", REPAIR, "about"),
    ("repair", "hidden", REPAIR, "about"),
    ("objection", "penalty", OBJECTION | {"text": ""}, "text"),
    ("repair", "penalty", REPAIR | {"undertaking": ""}, "undertaking"),
]


@pytest.mark.parametrize(("kind", "name", "typed", "field"), WRONG)
def test_what_is_not_the_institutions_own_or_not_whole_comes_back(
    browser: Browsers,
    school: dict[str, str],
    kind: str,
    name: str,
    typed: dict[str, Any],
    field: str,
) -> None:
    sheet = {"institution": school["institution"], "about": school[name], **typed}
    refused = browser("inspector").post(f"/desk/open/{kind}", data=sheet)
    assert refused.status_code == 422
    assert f'href="#{field}"' in refused.text
    if field == "about":
        assert "请从列表里选" in refused.text


def test_only_the_desk_enters_what_came_on_paper(browser: Browsers, school: dict[str, str]) -> None:
    for account in ("institution", "head", "auditor"):
        client = browser(account)
        for kind, typed in (("objection", OBJECTION), ("repair", REPAIR)):
            sheet = {"institution": school["institution"], "about": school["penalty"], **typed}
            assert client.get(f"/desk/open/{kind}/", params=sheet).status_code == 403
            assert client.post(f"/desk/open/{kind}", data=sheet).status_code == 403
