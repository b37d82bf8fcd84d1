"""Visits with no signal, in a real browser against a real server: cut, killed, restarted, and each sent once."""

from datetime import UTC, datetime

from playwright.sync_api import Route, expect
from sqlalchemy import Engine
from sqlalchemy import text as sql

from config.demo.build import PASSWORD
from config.register import OPERATOR
from registry import queries
from registry.accounts import create_account
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import AccountForm
from tests.browser.phones import (
    Phone,
    Server,
    begin,
    filled,
    institution,
    mark,
    opened,
    phone,
    photo,
    recorded,
    register,
    saved,
    sent,
    server,
    settings,
    sign_in,
    waiting,
)
from tests.browser.test_pages import sound

__all__ = ["phone", "register", "server", "settings"]


def test_records_made_without_a_network_outlive_everything_and_are_sent_once(
    phone: Phone, server: Server, register: Engine
) -> None:
    place = institution(register)
    context = phone.start()
    page = opened(context, server)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))

    context.set_offline(True)
    server.kill()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("外出检查")
    filled(page, place)
    saved(page)
    waiting(page, 1)
    expect(page.locator("#net")).to_contain_text("1 条已存本机，有网后自动送出")

    begin(page, place)  # a second visit, half filled in when the tab dies
    page.get_by_label("在场人当场说了什么").fill("半截的话")
    expect(page.locator("[data-part=saved]")).to_have_text("已存本机。")
    page.close()
    page = context.new_page()
    page.goto(f"{server.url}/desk/field/")
    waiting(page, 2)
    page.get_by_role("button", name="继续填写").click()
    expect(page.get_by_label("在场人当场说了什么")).to_have_value("半截的话")
    saved(page)
    waiting(page, 2)

    context = phone.start(offline=True)  # the whole browser dies
    page = context.new_page()
    page.goto(f"{server.url}/desk/field/")
    waiting(page, 2)
    assert recorded(register) == []

    server.start()
    context.set_offline(False)
    other = context.new_page()
    other.goto(f"{server.url}/desk/field/")
    other.locator("#net a").click()  # a session ends with its browser
    sign_in(other)
    other.wait_for_url("**/desk/field/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    sent(page)
    sent(other)
    waiting(page, 0)
    first, second = recorded(register)
    assert [one.code for one in first.matters] == ["S01"]
    assert sorted((one.kind, one.about) for one in first.files) == [
        ("photo", first.matters[0].id),
        ("signature", first.id),
    ]
    assert {one.item: one.answer for one in first.answers} == {"XF-1": "不符合", "ZZ-1": "符合"}
    assert (second.statement, second.matters, second.files) == ("半截的话", (), ())
    assert first.checklist == "NB-QD-2026-1"
    with reading(register) as session:
        content = queries.matter(session, first.matters[0].id).content
    assert content["statement"] == "二楼通道堆放课桌 <b>&\"'"
    assert said == []


def test_a_session_that_is_over_keeps_the_record_asks_and_sends_after(
    phone: Phone, server: Server, register: Engine
) -> None:
    place = institution(register)
    context = phone.start()
    page = opened(context, server)
    with register.begin() as connection:
        connection.execute(sql("DELETE FROM session"))
    begin(page, place)
    saved(page)
    expect(page.locator("#net")).to_contain_text("登录已过期，您填的内容还在")
    waiting(page, 1)
    page.reload()  # the page opens all the same
    waiting(page, 1)
    page.locator("#net a").click()
    sign_in(page)
    page.wait_for_url("**/desk/field/")
    sent(page)
    assert len(recorded(register)) == 1


def test_a_record_that_is_refused_keeps_nothing_behind_it_from_being_sent(
    phone: Phone, server: Server, register: Engine
) -> None:
    place, before = institution(register), len(recorded(register))
    context = phone.start()
    page = opened(context, server)
    context.set_offline(True)
    for day in ("2016-11-27", ""):
        begin(page, place)
        if day:
            page.get_by_label("检查日期").fill(day)
        saved(page)
    waiting(page, 2)
    context.set_offline(False)
    expect(page.locator("#box")).to_contain_text("请核对年份")
    waiting(page, 1)
    assert len(recorded(register)) == before + 1


def test_an_answer_that_was_lost_and_a_record_changed_since_is_a_conflict_a_person_decides(
    phone: Phone, server: Server, register: Engine
) -> None:
    place = institution(register)
    context = phone.start()
    page = opened(context, server)

    def lose(route: Route) -> None:
        route.fetch()  # the server has it; the phone never hears of it
        route.abort()

    for decide in ("两条都留", "放弃本机这条"):
        before = len(recorded(register))
        page.route("**/desk/field/visits/*", lose)
        begin(page, place)
        saved(page)
        expect(page.locator("#net")).to_contain_text("离线：1 条")
        page.unroute("**/desk/field/visits/*")
        page.locator("#box").get_by_role("button", name="修改").click()
        page.get_by_label("在场人当场说了什么").fill(f"后来补的话：{decide}")
        saved(page)
        expect(page.locator("#net")).to_have_text("有 1 条冲突，请您决定")
        expect(page.locator("#box")).to_contain_text("已记录的是 JC")
        sound(page)
        assert len(recorded(register)) == before + 1
        page.locator("#box").get_by_role("button", name=decide).click()
        expect(page.locator("#net")).to_have_text("已全部送出")
    assert [one.statement for one in recorded(register)] == ["", "后来补的话：两条都留", ""]
    waiting(page, 1)  # what was given up is still there
    expect(page.locator("#box")).to_contain_text("已放弃，仍在本机")
    page.locator("#box").get_by_role("button", name="恢复").click()
    page.locator("#box").get_by_role("button", name="继续填写").click()
    expect(page.get_by_label("在场人当场说了什么")).to_have_value("后来补的话：放弃本机这条")


def test_two_inspectors_share_a_phone_and_nothing_goes_under_another_s_name(
    phone: Phone, server: Server, register: Engine
) -> None:
    place = institution(register)
    form = {"id": "inspector2", "name": "何静", "password": PASSWORD, "role": "inspector"}
    with writing(register) as session:
        create_account(session, read_form(AccountForm, form), by=OPERATOR, now=datetime.now(UTC))
    context = phone.start()
    page = opened(context, server)
    before = len(recorded(register))
    page.route("**/desk/field/visits/*", lambda route: route.abort())
    begin(page, place)
    page.get_by_label("在场人当场说了什么").fill("第一位检查员听到的话")
    saved(page)
    waiting(page, 1)

    # Another signs in on the same phone, while the first one's page still stands open.
    other = context.new_page()
    context.clear_cookies()
    other.goto(f"{server.url}/sign-in?path=/desk/field/")
    sign_in(other, "inspector2")
    other.wait_for_url("**/desk/field/")
    expect(other.locator("#along")).to_contain_text("何静")
    expect(other.locator("#others")).to_contain_text(
        "账户“inspector”的 1 条，由“inspector”登录后送出"
    )
    expect(other.locator("#others")).not_to_contain_text("第一位检查员听到的话")
    expect(other.locator("#others button")).to_have_count(0)
    sent(other)
    page.unroute("**/desk/field/visits/*")
    # The open page is refused, notices who is signed in, and lets the record wait.
    theirs = "账户“inspector”的 1 条"
    expect(page.locator("#others")).to_contain_text(theirs, timeout=40_000)
    assert len(recorded(register)) == before

    # The first one signs in again: it waited, was never refused, and goes under the right name.
    context.clear_cookies()
    page.goto(f"{server.url}/desk/field/")
    page.locator("#net a").click()
    sign_in(page)
    page.wait_for_url("**/desk/field/")
    sent(page)
    seen = recorded(register)[-1]
    assert (seen.statement, seen.recorded_by) == ("第一位检查员听到的话", "inspector")
    assert len(recorded(register)) == before + 1


def test_a_resident_number_is_told_of_without_a_network(
    phone: Phone, server: Server, register: Engine
) -> None:
    context = phone.start()
    page = opened(context, server)
    context.set_offline(True)
    begin(page, institution(register))
    mark(page, "XF-1", "不符合")
    page.locator("#statement-XF-1").fill("园长 330203 1990 0101 0014 在场")
    page.get_by_label("机构在场人已经签字").check()
    page.get_by_role("button", name="保存并送出").click()
    expect(page.locator("[data-part=wrong]")).to_contain_text(
        "XF-1：这里填的会公开，里面却有身份证号码"
    )
    page.locator("#statement-XF-1").fill("园长在场")
    page.get_by_role("button", name="保存并送出").click()
    expect(page.locator("#net")).to_contain_text("1 条已存本机，有网后自动送出")


UNREADABLE = """() => {
  const read = Blob.prototype.arrayBuffer;
  Blob.prototype.arrayBuffer = function () {
    return this.name === "坏.jpg" ? Promise.reject(new DOMException("", "NotReadableError")) : read.call(this);
  };
}"""
FULL = """() => {
  const put = IDBObjectStore.prototype.put;
  window.roomy = () => { IDBObjectStore.prototype.put = put; };
  window.refused = 0;
  IDBObjectStore.prototype.put = () => { window.refused += 1; throw new DOMException("", "QuotaExceededError"); };
}"""


def test_a_photo_that_cannot_be_read_is_named_and_loses_none_behind_it(
    phone: Phone, server: Server, register: Engine
) -> None:
    page = opened(phone.start(), server)
    begin(page, institution(register))
    page.evaluate(UNREADABLE)
    mark(page, "XF-1", "不符合")
    page.locator("#answer-XF-1 summary").click()
    for names in (("坏.jpg", "一.jpg"), ("坏.jpg",), ("二.jpg",)):
        page.locator("#files-XF-1").set_input_files(
            [
                {"name": name, "mimeType": "image/jpeg", "buffer": photo(shade + len(names))}
                for shade, name in enumerate(names)
            ]
        )
        if "坏.jpg" in names:
            expect(page.locator("#answer-XF-1 .err")).to_contain_text("坏.jpg：读不出来，没有收下")
    expect(page.locator("#answer-XF-1 .kept")).to_contain_text(["一.jpg", "二.jpg"])
    saved(page)
    sent(page)
    assert len(recorded(register)[-1].files) == 2


def test_a_phone_that_is_full_says_so_and_keeps_the_form_open(
    phone: Phone, server: Server, register: Engine
) -> None:
    page = opened(phone.start(), server)
    begin(page, institution(register))
    page.evaluate(FULL)
    page.get_by_label("在场人当场说了什么").fill("存不下的话")
    expect(page.locator("[data-part=saved]")).to_contain_text("没有存下，手机可能已经存满")
    page.get_by_label("机构在场人已经签字").check()
    for name in ("保存并送出", "存为草稿"):
        before = page.evaluate("window.refused")
        page.get_by_role("button", name=name).click()
        page.wait_for_function("before => window.refused > before", arg=before)
        expect(page.locator("[data-part=wrong]")).to_contain_text("没有存下，手机可能已经存满")
        expect(page.get_by_label("在场人当场说了什么")).to_have_value("存不下的话")
    page.evaluate("window.roomy()")
    saved(page)
    sent(page)
    assert recorded(register)[-1].statement == "存不下的话"


# The draft as it would be had it been begun on a checklist the city has replaced since.
OLDER = """() => new Promise((done) => {
  indexedDB.open("xinyong-field", 1).onsuccess = ({ target }) => {
    const transaction = target.result.transaction("records", "readwrite");
    const store = transaction.objectStore("records");
    store.getAll().onsuccess = (found) => {
      const [one] = found.target.result;
      Object.assign(one.values, { checklist: "OLD", "answer-OLD-1": "不符合", "statement-OLD-1": "旧表的话" });
      store.put(one);
    };
    transaction.oncomplete = () => { target.result.close(); done(); };
  };
})"""


def test_a_draft_of_a_replaced_checklist_says_so_and_keeps_what_has_no_place(
    phone: Phone, server: Server, register: Engine
) -> None:
    page = opened(phone.start(), server)
    begin(page, institution(register))
    mark(page, "ZZ-1", "符合")
    page.get_by_role("button", name="存为草稿").click()
    waiting(page, 1)
    page.evaluate(OLDER)
    page.reload()
    for _ in range(2):  # what has no place is shown again each time the draft is opened
        page.get_by_role("button", name="继续填写").click()
        note = page.locator("[data-part=replaced]")
        expect(note).to_contain_text("检查表 OLD 已经换成 NB-QD-2026-1")
        expect(note).to_contain_text("OLD-1，原来填的是：旧表的话")
        sound(page)
        page.get_by_role("button", name="存为草稿").click()
    page.get_by_role("button", name="继续填写").click()
    saved(page)
    sent(page)
    (visit,) = recorded(register)
    assert (visit.checklist, [one.item for one in visit.answers]) == ("NB-QD-2026-1", ["ZZ-1"])
