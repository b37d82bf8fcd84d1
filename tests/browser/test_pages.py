"""Every page in a real browser, on a phone and on a desk: nothing overflows, nothing is refused."""

import re
from collections.abc import Iterator

import msgspec
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from config.demo.build import PASSWORD
from config.settings import Settings
from publisher.edition import Entry

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (320, 390, 1280)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield made
        made.close()


@pytest.fixture(params=WIDTHS)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    yield context.new_page()
    context.close()


def entry(demo: Settings, status: str) -> Entry:
    lines = (demo.editions / "2026-11/entries.jsonl").read_bytes().splitlines()
    found = (msgspec.json.decode(line, type=Entry) for line in lines)
    return next(one for one in found if one.rating.status == status)


def sound(page: Page) -> None:
    """The page fits its window, and every control is large enough for a thumb."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0, page.url
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("main")).to_have_count(1)
    low = "els => els.filter(e => e.offsetHeight && e.offsetHeight < 43).map(e => e.outerHTML)"
    assert (
        page.locator(
            "button, input:not([type=checkbox]):not([type=radio]), select, .btn"
        ).evaluate_all(low)
        == []
    )


def press(page: Page, button: Locator) -> None:
    """Presses a button and waits for the page it leads to: a click returns before the answer has come."""
    with page.expect_navigation():
        button.click()


def test_the_public_pages_fit_and_load_nothing_from_elsewhere(
    page: Page, site: str, demo: Settings
) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    ids = [entry(demo, one).institution for one in ("white", "watch", "black", "none", "new")]
    for path in (
        "/",
        "/search/?q=宁波",
        "/search/?q=没有这家",
        *(f"/i/{id}/" for id in ids),
        "/editions/",
        "/editions/2026-11/",
        "/editions/2026-11/lists/white.html",
        "/editions/2026-11/lists/black.html",
        "/method/",
        "/check/",
        "/report/",
        "/verify/",
        "/verify/?p=AAAA",
        "/?view=big",
        f"/i/{ids[0]}/",
    ):
        page.goto(f"{site}{path}")
        sound(page)
    assert said == []
    assert all(url.startswith(site) for url in asked)


def test_a_county_of_fifteen_signs_fits_wherever_places_stand(page: Page, site: str) -> None:
    for path, place in (("/", ".tight tbody th"), ("/report/", ".facts dt")):
        page.goto(f"{site}{path}")
        page.locator(place).first.evaluate(
            "one => { one.textContent = '双江拉祜族佤族布朗族傣族自治县' }"
        )
        sound(page)


def test_a_parent_finds_an_institution_and_reads_its_status_first(
    page: Page, site: str, demo: Settings
) -> None:
    one = entry(demo, "black")
    page.goto(site)
    page.get_by_label("机构名称、简称、地址或编号").fill(one.name[3:9])
    page.get_by_role("button", name="查询").click()
    page.locator(f'a.name[href$="/{one.institution}/"]').click()
    plate = page.get_by_role("region", name="信用状态")
    expect(plate).to_contain_text("在黑名单内")
    expect(plate).to_contain_text("请不要向它交费")
    top = plate.bounding_box()
    assert top
    assert top["y"] < 900  # without scrolling


def test_the_large_text_is_remembered(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_role("link", name="大字版").click()
    page.goto(f"{site}/editions/")
    expect(page.locator("html")).to_have_class("big")
    for path in ("/editions/2026-11/", "/editions/2026-11/lists/white.html", "/help/", "/nothing"):
        page.goto(f"{site}{path}")
        expect(page.locator("html")).to_have_class("big")
        sound(page)
    page.goto(f"{site}/editions/")
    page.get_by_role("link", name="普通版").click()
    page.goto(f"{site}/method/")
    expect(page.locator("html")).not_to_have_class(re.compile("big"))


def signed_in(page: Page, url: str, account: str) -> None:
    page.goto(url)
    page.get_by_label("账户名").fill(account)
    page.get_by_label("密码").fill(PASSWORD)
    press(page, page.get_by_role("button", name="登录"))


def test_the_desk_and_its_form_fit_a_phone(page: Page, office: str, demo: Settings) -> None:
    signed_in(page, f"{office}/desk/", "inspector")
    sound(page)
    page.goto(f"{office}/desk/institutions/?q=宁波")
    sound(page)
    page.goto(f"{office}/desk/i/{entry(demo, 'white').institution}/")
    sound(page)
    page.get_by_role("link", name="检查，记录问题").click()
    page.get_by_role("button", name="保存并送出").click()
    expect(page.get_by_role("heading", name="处要改")).to_be_visible()
    sound(page)
    page.get_by_label("检查人员二", exact=True).fill("陈露")
    page.get_by_label("机构在场人已经签字").check()
    page.locator("#code-x1").select_option(index=3)
    page.get_by_role("button", name="先看影响").click()
    expect(page.get_by_role("status")).to_contain_text("分")
    expect(page.get_by_label("检查人员二", exact=True)).to_have_value("陈露")
    sound(page)


def test_a_withdrawal_is_asked_for_on_pages_that_fit_a_phone(
    page: Page, office: str, demo: Settings
) -> None:
    id = entry(demo, "white").institution
    signed_in(page, f"{office}/desk/withdrawals/", "publisher")
    sound(page)
    page.get_by_label("机构编号").fill(id)
    page.get_by_role("button", name="查看各版").click()
    sound(page)
    page.get_by_role("button", name="呈请撤回").click()
    expect(page.get_by_role("heading", name="处要改")).to_be_visible()
    sound(page)
    page.locator('input[name="edition-2026-11"]').check()
    page.get_by_label("撤回理由（公开）").select_option("登记有误，原记录已更正")
    page.get_by_label("文号").fill("甬教〔2026〕4号")
    page.get_by_role("button", name="呈请撤回").click()
    expect(page.get_by_role("heading", name="同意撤回")).to_be_visible()
    expect(page.get_by_text("请由另一人核对后同意")).to_be_visible()
    sound(page)


def test_the_portal_shows_the_sum_and_fits_a_phone(page: Page, office: str) -> None:
    signed_in(page, f"{office}/my/", "institution")
    expect(page.get_by_role("heading", level=1)).to_contain_text("本机构现在")
    sound(page)
    for path in ("matters", "repair", "data", "data/cover", "data/staff", "papers"):
        page.goto(f"{office}/my/{path}/")
        sound(page)


def test_the_accounts_pages_fit_a_phone_and_the_policy_refuses_nothing(
    page: Page, office: str, demo: Settings
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.text} {message.location['url']}"))
    signed_in(page, f"{office}/me/", "administrator")
    for path in ("me", "me/password", "desk/accounts", "desk/accounts/a/head"):
        page.goto(f"{office}/{path}/")
        sound(page)
    page.goto(f"{office}/desk/accounts/sign-ins/")
    sound(page)
    page.goto(f"{office}/me/second/")
    page.get_by_role("button", name="开始设置").click()
    expect(page.get_by_role("img", name="两步验证的二维码")).to_be_visible()
    sound(page)
    page.context.clear_cookies()
    signed_in(page, f"{office}/my/people/", "institution")
    page.get_by_label("姓名").fill("张会计")
    page.get_by_role("button", name="生成邀请链接").click()
    link = page.locator(".code.once").inner_text()
    sound(page)
    page.context.clear_cookies()
    page.goto(link)
    sound(page)
    signed_in(page, f"{office}/desk/i/{entry(demo, 'white').institution}/private/", "inspector")
    sound(page)
    # A browser reports each page that asked to sign in first; nothing else is to be reported.
    assert [one for one in said if "401 (Unauthorized)" not in one] == []


def test_the_exported_site_searches_without_a_server_of_ours(
    browser: Browser, demo: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import functools
    import threading
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    from publisher.site.export import export
    from publisher.site.store import Store

    folder = tmp_path_factory.mktemp("export") / "site"
    store = Store(demo.editions)
    export(store, store.current(), folder, lambda *_: None)
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
    one = entry(demo, "black")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = browser.new_context(viewport={"width": 390, "height": 900})
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.get_by_label("机构名称、简称、地址或编号").fill(one.name[3:8])
        page.get_by_role("button", name="查询").click()
        page.locator(f'a.name[href$="/{one.institution}/index.html"]').click()
        expect(page.get_by_role("region", name="信用状态")).to_contain_text("在黑名单内")
        sound(page)
        context.close()
        server.shutdown()
