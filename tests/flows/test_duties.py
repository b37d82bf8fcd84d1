"""At the desk and the portal: a penalty from filing to service, a complaint, a handover, and what is told."""

import re
from datetime import datetime, timedelta

import httpx

from config.register import open_register
from config.settings import Settings
from registry import queries
from registry.database import reading, writing
from tests.flows.test_desk import Browsers, browser, rated, settings, url
from tests.registry import people as p

__all__ = ["browser", "settings", "url"]


def own(settings: Settings) -> str:
    """The institution that may sign in."""
    from registry.accounts import accounts

    engine = open_register(settings)
    with reading(engine) as session:
        people = accounts(session, datetime.now(settings.zone))
    engine.dispose()
    return next(one.institution for one in people if one.account == "institution")


def test_a_penalty_is_filed_told_and_never_decided_for_more_than_was_told(
    browser: Browsers, settings: Settings
) -> None:
    id, on = own(settings), datetime.now(settings.zone).date()
    filed = on - timedelta(days=40)
    reviewer, head = browser("reviewer"), browser("head")
    two = {"first_officer": "周敏", "second_officer": "陈露"}
    form = {"institution": id, "on": filed.isoformat(), "case_no": "甬教立〔2026〕9号"}
    empty = reviewer.post("/desk/open/penalty", data=form)
    assert empty.status_code == 422
    assert "甬教立〔2026〕9号" in empty.text
    opened = reviewer.post("/desk/open/penalty", data=form | two)
    assert opened.status_code == 200, opened.text
    again = reviewer.post("/desk/open/penalty", data=form | two)
    assert again.status_code == 409
    place = str(opened.url.path).rstrip("/")
    matter = place.rsplit("/", 1)[1]
    assert matter in again.text

    def take(client: httpx.Client, act: str, day: int, **papers: str) -> httpx.Response:
        data = {"on": (filed + timedelta(days=day)).isoformat(), **papers}
        return client.post(f"{place}/{act}", data=data)

    inspector = browser("inspector")
    take(inspector, "investigate", 2, **two)
    page = reviewer.get(f"{place}/?do=notify").text
    for field in ("code", "kinds", "fine_yuan", "confiscated_yuan"):
        assert f'name="{field}"' in page
    money = {"code": "D02", "kinds": "罚款"}
    wrong = take(reviewer, "notify", 3, document_no="告1", fine_yuan="五千", **money)
    assert "请写数字" in wrong.text
    take(reviewer, "notify", 3, document_no="告1", fine_yuan="5000.50", **money)
    take(inspector, "hear", 20, reason="未提出")
    told = browser("institution").get("/my/notices/").text
    assert f"处罚案件 {matter}：处罚告知" in told
    # Whoever filed the case does not review it; the demo has one reviewer, so it ends here.
    assert take(reviewer, "review", 21, reason="清楚").status_code == 403
    assert take(head, "drop", 22, reason="不予处罚").status_code == 200


def test_what_was_seen_after_two_years_is_punished_only_with_its_reason(
    browser: Browsers, settings: Settings
) -> None:
    engine = open_register(settings)
    with writing(engine) as session:
        id = p.institution(session, name="宁波市海曙区旧事培训学校")
        finding = p.finding(session, id, occurred_on="2018-01-05")
        fresh = p.finding(session, id)
    engine.dispose()
    reviewer = browser("reviewer")
    assert 'name="reason"' in reviewer.get(f"/desk/matters/{finding}/spot/").text
    assert 'name="reason"' not in reviewer.get(f"/desk/matters/{fresh}/spot/").text
    two = {"first_officer": "周敏", "second_officer": "陈露"}
    form = {"institution": id, "on": "2026-03-20", "findings": finding, **two}
    refused = reviewer.post("/desk/open/penalty", data=form)
    assert refused.status_code == 422
    assert "行政处罚法第三十六条" in refused.text
    assert 'href="#reason"' in refused.text
    filed = reviewer.post("/desk/open/penalty", data=form | {"reason": "行为持续到 2026-02-27"})
    assert "/desk/matters/" in str(filed.url), filed.text
    assert "行为持续到 2026-02-27" in filed.text


def test_a_complaint_hides_its_sender_and_a_matter_changes_hands(
    browser: Browsers, settings: Settings
) -> None:
    id, on = rated(settings)[0], datetime.now(settings.zone).date()
    inspector = browser("inspector")
    sheet = {"institution": id, "on": on.isoformat(), "text": "不退学费", "contact": "13900000000"}
    opened = inspector.post("/desk/open/complaint", data=sheet)
    assert "不退学费" in opened.text
    assert "13900000000" not in opened.text
    place = str(opened.url.path).rstrip("/")
    assert inspector.post(f"{place}/contact", data={"purpose": ""}).status_code == 422
    seen = inspector.post(f"{place}/contact", data={"purpose": "核实退费"})
    assert "13900000000" in seen.text
    assert "13900000000" not in inspector.get(place).text
    mine = inspector.get("/desk/?who=mine").text
    assert place in mine
    assert inspector.post(f"{place}/hand-over", data={"owner": "reviewer"}).status_code == 422
    given = inspector.post(f"{place}/hand-over", data={"owner": "reviewer", "reason": "休假"})
    assert given.status_code == 200
    assert place not in inspector.get("/desk/?who=mine").text
    reviewer = browser("reviewer")
    notices = reviewer.get("/desk/notices/").text
    assert "交给您负责" in notices
    key = re.search(r'name="key" value="(handover:\d+)"', notices)
    assert key
    assert "都读过了" in reviewer.post("/desk/notices", data={"all": "yes"}).text
    board = reviewer.get("/desk/clocks/?who=mine&kind=complaint").text
    assert place in board
    assert "各负责人的期限" in board
    assert "没有这样的事项" in reviewer.get("/desk/clocks/?group=今天到期&kind=alert").text


def test_the_pages_are_not_for_the_others(browser: Browsers, settings: Settings) -> None:
    id = rated(settings)[0]
    institution, auditor = browser("institution"), browser("auditor")
    for path in ("/desk/clocks/", "/desk/notices/", f"/desk/open/complaint/?institution={id}"):
        assert institution.get(path).status_code == 403
    assert auditor.get("/desk/clocks/").status_code == 200
    assert auditor.get("/my/notices/").status_code == 403
    assert auditor.get(f"/desk/open/penalty/?institution={id}").status_code == 403
    reviewer = browser("reviewer")
    assert reviewer.get(f"/desk/open/nothing/?institution={id}").status_code == 404
    engine = open_register(settings)
    with reading(engine) as session:
        complaints = queries.matters(session, kinds=("complaint",))
    engine.dispose()
    for one in complaints:
        answer = auditor.post(f"/desk/matters/{one.id}/hand-over", data={"owner": "reviewer"})
        assert answer.status_code in (403, 422)
