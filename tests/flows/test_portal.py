"""An institution answers, defends itself, objects, repairs and keeps its data, over HTTP alone."""

import io
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from html import unescape

import httpx
import pytest
from PIL import Image

from config.demo.build import PASSWORD, build_demo
from config.settings import Settings
from tests.conftest import demo_city, served
from tests.flows.portal_city import SECRETS, Browsers, Matters, fields, matters_of, seq_of


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A demo city of its own on each engine, for these tests change it."""
    folder = tmp_path_factory.mktemp("portal")
    with demo_city(request, folder, 7, 60, "2026-10") as made:
        yield made


@pytest.fixture(scope="module")
def city(settings: Settings) -> Matters:
    return matters_of(settings)


@pytest.fixture(scope="module")
def url(settings: Settings, city: Matters) -> Iterator[str]:
    environ = {"XINYONG_DATA": str(settings.data), "XINYONG_DATABASE": settings.database}
    with served("--no-schedule", **environ) as address:
        yield address


@pytest.fixture
def browser(url: str) -> Iterator[Browsers]:
    made = Browsers(url)
    with made.stack:
        yield made


def photo(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(out, "JPEG")
    return out.getvalue()


def paper(client: httpx.Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/pdf"
    said = [
        subprocess.run(words, input=answer.content, capture_output=True, check=True).stdout.decode()
        for words in (["pdfinfo", "-"], ["pdftotext", "-raw", "-", "-"])
    ]
    assert re.search(r"Tagged: +yes", said[0])
    return said[1]


def flat(text: str) -> str:
    return "".join(text.split())


def file_of(content: bytes, name: str = "证据.jpg") -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("files", (name, content, "application/octet-stream"))]


def test_a_defence_comes_with_a_receipt_and_a_bad_file_loses_nothing(
    browser: Browsers, city: Matters
) -> None:
    own = browser("institution")
    path = f"/my/matters/{city.notified}/defence/"
    notice = own.get(f"/my/matters/{city.notified}/").text
    for said in ("陈述申辩", "告知的处罚", "罚款 50,000.00 元", "预收学费没有进入监管专户"):
        assert said in notice
    form = fields(own.get(path).text) | {"text": "", "act": "save"}
    good = photo("red")
    wrong = own.post(path, data=form, files=file_of(good))
    assert wrong.status_code == 422
    assert 'id="e-text"' in wrong.text
    assert "证据.jpg" in wrong.text  # what was sent is kept
    form |= {"text": "第一行\r\n第二行"}
    large = file_of(b"MZ not a picture" + bytes(11_000_000))
    bad = own.post(path, data=form, files=[*large, *large])
    assert bad.status_code == 422
    assert 'id="e-files"' in bad.text
    assert "第二行" in bad.text
    more = own.post(path, data=form | {"act": "add"}, files=file_of(photo("blue"), "多余.jpg"))
    assert more.status_code == 200
    drop = sha256(photo("blue")).hexdigest()
    less = own.post(path, data=form | {"drop": drop, "act": ""})
    assert "多余.jpg" not in less.text
    done = own.post(path, data=fields(less.text) | {"text": form["text"], "act": "save"})
    seq = seq_of(done)
    digest = sha256(good).hexdigest()
    for said in (digest, sha256("第一行\n第二行".encode()).hexdigest(), f"-{int(seq):06d}"):
        assert said in done.text
    assert own.get(f"/my/receipts/{seq}/text.txt").text == "第一行\n第二行"
    assert own.get(f"/my/files/{digest}/").content == good
    printed = flat(paper(own, f"/my/receipts/{seq}/receipt.pdf"))
    assert digest in printed
    assert city.notified in printed
    assert "依法陈述、申辩如下：第一行第二行" in flat(paper(own, f"/my/receipts/{seq}/letter.pdf"))
    assert own.get(f"/my/receipts/{seq}/undertaking.pdf").status_code == 404


def test_an_objection_marks_the_record_at_once_and_taking_it_back_unmarks_it(
    browser: Browsers, city: Matters
) -> None:
    own, reviewer = browser("institution"), browser("reviewer")
    assert "异议中" not in own.get(f"/my/matters/{city.finding}/").text
    path = f"/my/matters/{city.finding}/objection/"
    form = fields(own.get(path).text) | {"text": "专户流水可以证明", "act": "save"}
    done = own.post(path, data=form, files=file_of(photo("green")))
    seq = seq_of(done)
    assert "标注“异议中”" in done.text
    letter = flat(paper(own, f"/my/receipts/{seq}/letter.pdf"))
    assert "《浙江省公共信用信息管理条例》第三十条" in letter
    assert "依照该条例第三十一条，请在五个工作日内答复" in letter
    assert "专户流水可以证明" in letter
    shown = own.get(f"/my/matters/{city.finding}/").text
    assert "异议中" in shown
    matter = re.search(r"YY\d{4}-\d+", shown)
    assert matter
    assert "应当答复" in own.get(f"/my/matters/{matter[0]}/").text
    assert "异议中" in own.get("/my/").text
    assert "异议中" in reviewer.get(f"/desk/i/{city.own}/").text
    assert own.get(path).status_code == 409  # one at a time
    back = f"/my/matters/{matter[0]}/withdrawal/"
    assert own.post(back, data={"text": ""}).status_code == 422
    assert own.post(back, data={"text": "已经说清楚"}).status_code == 200
    assert "异议中" not in own.get(f"/my/matters/{city.finding}/").text


def test_a_judgment_is_read_with_its_court_and_an_alert_with_it_may_be_objected_to(
    browser: Browsers, city: Matters
) -> None:
    own = browser("institution")
    shown = own.get(f"/my/matters/{city.judgment}/").text
    for said in ("被列为失信被执行人", "海曙区人民法院", "（2026）浙0203执1号"):
        assert said in shown
    for matter in (city.judgment, city.alert):
        path = f"/my/matters/{matter}/objection/"
        form = fields(own.get(path).text) | {"text": "说的不是本机构", "act": "save"}
        seq_of(own.post(path, data=form))
        assert "异议中" in own.get(f"/my/matters/{matter}/").text


def test_a_reply_says_that_it_is_public_and_is_replaced_and_taken_back(
    browser: Browsers, city: Matters
) -> None:
    own = browser("institution")
    path = f"/my/matters/{city.finding}/reply/"
    assert "回应是公开的" in own.get(path).text
    assert own.post(path, data={"text": "第一次的回应"}).status_code == 200
    assert "第一次的回应" in own.get(path).text  # to be rewritten
    seq = seq_of(own.post(path, data={"text": "第二次的回应"}))
    assert "第二次的回应" in flat(paper(own, f"/my/receipts/{seq}/letter.pdf"))
    shown = own.get(f"/my/matters/{city.finding}/").text
    assert "第二次的回应" in shown
    assert "第一次的回应" not in shown
    assert own.post(path, data={"act": "withdraw"}).status_code == 200
    assert "第二次的回应" not in own.get(f"/my/matters/{city.finding}/").text


def test_the_repair_wizard_loses_nothing_on_mistakes_or_at_the_end_of_a_session(
    browser: Browsers, city: Matters
) -> None:
    own = browser("institution")
    first = own.get("/my/repair/").text
    assert "最早" in first
    assert "决定还没有生效" in first
    assert own.post("/my/repair/", data=fields(first) | {"act": "on"}).status_code == 422
    early = own.post("/my/repair/", data=fields(first) | {"about": city.served, "act": "on"})
    assert early.status_code == 422
    proof = own.post("/my/repair/", data=fields(first) | {"about": city.final, "act": "on"})
    assert "怎样履行了义务" in proof.text
    form = fields(proof.text) | {"act": "on"}
    assert own.post("/my/repair/", data=form | {"proof": ""}).status_code == 422
    promise = own.post(
        "/my/repair/", data=form | {"proof": "罚款\n已缴"}, files=file_of(photo("red"))
    )
    assert "郑重承诺" in promise.text
    form = fields(promise.text) | {"act": "on", "signer": "林校长"}
    again = own.post("/my/repair/", data=form)
    assert again.status_code == 422
    assert "林校长" in again.text
    cookies = dict(own.cookies)
    own.cookies.clear()
    asked = own.post("/my/repair/", data=form | {"promised": "yes"})
    assert asked.status_code == 401
    back = fields(asked.text)
    assert back["kept"]
    words = {"account": "institution", "password": PASSWORD}
    going_on = own.post("/sign-in", data=words | back).text
    review = own.post("/my/repair/", data=fields(going_on))
    assert cookies != dict(own.cookies)
    for said in ("罚款\n已缴", "证据.jpg", "林校长"):
        assert said in unescape(review.text).replace("\r\n", "\n")
    done = own.post("/my/repair/", data=fields(review.text) | {"act": "send"})
    seq = seq_of(done)
    assert "已缴" in flat(paper(own, f"/my/receipts/{seq}/letter.pdf"))
    signed = flat(paper(own, f"/my/receipts/{seq}/undertaking.pdf"))
    assert "郑重承诺" in signed
    assert "林校长" in signed
    assert "已提出" in own.get("/my/repair/").text
    twice = own.post("/my/repair/", data=fields(review.text) | {"act": "send"})
    assert twice.status_code == 422
    assert "正在办理" in twice.text
    blank = own.get("/my/repair/undertaking.pdf", params={"about": city.final})
    assert blank.headers["Content-Type"] == "application/pdf"


def test_a_change_is_compared_on_the_desk_and_written_when_it_is_approved(
    browser: Browsers, city: Matters
) -> None:
    own, reviewer = browser("institution"), browser("reviewer")
    wrong = own.post("/my/data/cover/", data={"cover_class": "premises", "sum_fen": "1"})
    assert wrong.status_code == 422
    for field in ("insurer", "policy_no", "since", "until"):
        assert f'id="e-{field}"' in wrong.text
    amount = own.post("/my/data/cover/", data={"cover_class": "premises", "sum_fen": "很多"})
    assert 'id="e-sum_fen"' in amount.text
    staff = {"name": "王老师", "post": "教师", "subject": "美术", "qualification": "初中美术"}
    asked = own.post("/my/data/staff/", data=staff)
    seq = seq_of(asked)
    assert "任教科目：美术" in paper(own, f"/my/receipts/{seq}/letter.pdf")
    assert "王老师" in own.get("/my/data/").text  # waiting
    contact = {"kind": "phone", "text": "0574-8888 0000", "public": "yes"}
    seq_of(own.post("/my/data/contact/", data=contact))
    board = reviewer.get("/desk/changes/").text
    for said in ("王老师", "初中美术", "0574-88880000"):
        assert said in board
    matters = re.findall(r'id="h-(BG[\d-]+)"', board)
    assert len(matters) == 2
    by_staff = next(one for one in matters if "美术" in reviewer.get(f"/desk/matters/{one}/").text)
    by_phone = next(one for one in matters if one != by_staff)
    assert reviewer.post(f"/desk/changes/{by_phone}/reject", data={}).status_code == 422
    for other in (browser("inspector"), own):
        assert other.post(f"/desk/changes/{by_staff}/apply", data={}).status_code == 403
    assert reviewer.post(f"/desk/changes/{by_staff}/apply", data={}).status_code == 200
    reason = {"reason": "请附证明"}
    assert reviewer.post(f"/desk/changes/{by_phone}/reject", data=reason).status_code == 200
    assert reviewer.post(f"/desk/changes/{by_staff}/apply", data={}).status_code == 409
    data = own.get("/my/data/").text
    assert "王老师" in data
    assert "0574-88880000" not in data
    assert "请附证明" in own.get(f"/my/matters/{by_phone}/").text
    row = re.findall(r"/my/data/staff/\?row=(\d+)", data)[-1]
    assert 'value="王老师"' in own.get("/my/data/staff/", params={"row": row}).text


def test_an_institution_reaches_nothing_of_another_and_nothing_before_its_notice(
    browser: Browsers, city: Matters
) -> None:
    own, other = browser("institution"), browser("other")
    path = f"/my/matters/{city.listing}/defence/"
    form = fields(own.get(path).text) | {"text": "我方的申辩", "act": "save"}
    content = photo("purple")
    seq = seq_of(own.post(path, data=form, files=file_of(content)))
    seq_of(own.post("/my/data/staff/", data={"name": "李老师"}))
    digest = sha256(content).hexdigest()
    for page in (
        f"/my/matters/{city.listing}/",
        f"/my/matters/{city.finding}/reply/",
        path,
        f"/my/receipts/{seq}/",
        f"/my/receipts/{seq}/receipt.pdf",
        f"/my/receipts/{seq}/letter.pdf",
        f"/my/receipts/{seq}/text.txt",
        f"/my/files/{digest}/",
        f"/my/repair/undertaking.pdf?about={city.final}",
    ):
        assert other.get(page).status_code == 404, page
        assert browser("inspector").get(page).status_code == 403, page
        assert browser().get(page).status_code == 401, page
    assert other.post(path, data=form).status_code == 404
    stolen = other.post(
        "/my/repair/", data=form | {"about": city.final, "act": "send", "step": "3"}
    )
    assert stolen.status_code == 422
    assert "证据.jpg" not in stolen.text  # another's draft
    for page in (f"/my/matters/{city.hidden}/", f"/my/matters/{city.hidden}/defence/"):
        assert own.get(page).status_code == 404
    assert city.hidden not in own.get("/my/").text
    assert city.own not in other.get("/my/data/").text
    for matter in (city.finding, city.notified, city.served, city.final, city.listing):
        text = own.get(f"/my/matters/{matter}/").text
        assert not [one for one in SECRETS if one in text]


def test_papers_of_the_newest_edition_are_checked_by_the_public_site(
    browser: Browsers, settings: Settings, city: Matters
) -> None:
    own, public = browser("institution"), browser()
    past = own.get("/my/").text
    assert "2026年10月版" in past
    assert 'href="../editions/2026-10/"' in past
    printed = paper(own, "/my/papers/certificate.pdf")
    assert city.own in printed
    code = flat(" ".join(re.findall(r"^(?:[A-Z2-7]{2,4} ?)+$", printed, re.MULTILINE)))
    assert "在入口处" in paper(own, "/my/papers/notice.pdf")
    assert own.get("/my/papers/licence.pdf").status_code == 404
    now = public.get("/verify/", params={"p": code})
    assert "是本局出具的，也是最新的" in now.text
    assert city.own in now.text
    typed = public.get("/verify", params={"p": f" {code.lower()}\n"})
    assert "是本局出具的，也是最新的" in typed.text
    forged = code[:9] + ("A" if code[9] != "A" else "Q") + code[10:]
    assert "不是本局出具" in public.get("/verify/", params={"p": forged}).text
    assert "读不出来" in public.get("/verify/", params={"p": "<script>"}).text
    assert "<script>" not in public.get("/verify/", params={"p": "<script>"}).text
    assert "核验证明和公示牌" in public.get("/verify/").text
    build_demo(settings, 7, lambda *_: None, size=60, periods=("2026-10", "2026-11"))
    later = public.get("/verify/", params={"p": code}).text
    assert "已经不是最新的" in later
    assert "2026-11" in later
    assert "2026年11月版" in own.get("/my/papers/").text


def test_a_hearing_is_asked_for_once_in_time_and_proven(browser: Browsers, city: Matters) -> None:
    own, path = browser("institution"), f"/my/matters/{city.notified}/hearing/"
    assert "要求听证" in own.get(f"/my/matters/{city.notified}/").text
    assert own.get(f"/my/matters/{city.finding}/hearing/").status_code == 409
    form = fields(own.get(path).text)
    wrong = own.post(path, data=form | {"text": "", "act": "save"})
    assert wrong.status_code == 422
    assert 'id="e-text"' in wrong.text
    done = own.post(path, data=form | {"text": "对金额有不同意见", "act": "save"})
    seq = seq_of(done)
    printed = flat(paper(own, f"/my/receipts/{seq}/receipt.pdf"))
    assert "听证申请书" in printed
    assert "已要求听证" in own.get(f"/my/matters/{city.notified}/").text
    assert own.post(path, data=form | {"text": "再来", "act": "save"}).status_code == 409
    assert own.get(f"/my/matters/{city.notified}/defence/").status_code == 200
    assert browser("other").get(path).status_code == 404


def test_an_alert_says_its_words_and_its_last_day_and_is_read_to_its_end(
    browser: Browsers, settings: Settings, city: Matters
) -> None:
    own, reviewer, path = browser("institution"), browser("reviewer"), f"/my/matters/{city.alert}/"
    assert city.alert in own.get("/my/matters/").text
    shown = own.get(path)
    assert shown.status_code == 200, shown.text
    assert "大门关闭，退费请求没有处理" in shown.text
    assert "提示中" in shown.text
    assert re.search(r"提示至 \d{4}-\d\d-\d\d", shown.text)
    today = datetime.now(settings.zone).date().isoformat()
    words = {"on": today, "reason": "已经处理"}
    done = reviewer.post(f"/desk/matters/{city.alert}/end", data=words)
    assert done.status_code == 200, done.text
    assert "提示已结束" in own.get(path).text
    assert own.get("/my/matters/").status_code == 200


def test_what_was_repaired_says_so_and_is_not_offered_for_repair_again(
    browser: Browsers, settings: Settings, city: Matters
) -> None:
    own = browser("institution")
    form = {"about": city.final, "proof": "罚款已缴", "signer": "林校长", "promised": "yes"}
    form |= {"step": "3", "draft": "0" * 32, "act": "send"}
    own.post("/my/repair/", data=form)  # unless one is under way already
    asked_for = re.search(r"XF\d{4}-\d+", own.get("/my/repair/").text)
    assert asked_for
    today = datetime.now(settings.zone).date().isoformat()
    words = {"on": today, "document_no": "甬教修〔2026〕1号", "reason": "已经履行"}
    for role, act in (("inspector", "accept"), ("head", "grant")):
        taken = browser(role).post(f"/desk/matters/{asked_for[0]}/{act}", data=words)
        assert taken.status_code == 200, taken.text
    after = own.post("/my/repair/", data=form)
    assert after.status_code == 422
    assert "准予修复，不用再申请" in after.text
    repaired = own.get(f"/my/matters/{city.final}/").text
    assert "已修复" in repaired
    assert "申请信用修复" not in repaired
