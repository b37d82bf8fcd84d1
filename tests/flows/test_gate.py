"""An edition's way through the gate over HTTP: prepared, doubted, let pass, signed, lapsed, and released."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pyotp
import pytest
from sqlalchemy import Engine

from config import month
from config.clock import lapse_changed
from config.demo.build import PASSWORD
from config.key_files import vault_of
from config.register import open_register
from config.settings import Settings
from publisher.gate import GateRefused
from publisher.release import ReleaseRefused
from publisher.verify import verify
from registry import acts, queries
from registry.access import Actor
from registry.accounts import account_row, second
from registry.database import reading, writing
from registry.forms import NameForm
from tests.conftest import demo_city, served
from tests.flows.publishing_city import without_papers

PERIOD = "2026-11"
KEEPER = Actor(account="keeper", role="administrator", name="登记员")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("gate")
    with without_papers(), demo_city(request, folder, 7, 40, "2026-10") as made:
        yield made


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    made = open_register(settings)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def url(settings: Settings, engine: Engine) -> Iterator[str]:
    environ = {"XINYONG_DATA": str(settings.data), "XINYONG_DATABASE": settings.database}
    with served("--no-schedule", **environ) as address:
        yield address


class Desk:
    """A publisher's browser."""

    def __init__(self, url: str, account: str) -> None:
        self.client = httpx.Client(base_url=url, headers={"Accept": "text/html"}, timeout=60)
        answer = self.post("/sign-in", account=account, password=PASSWORD)
        assert answer.status_code in (200, 303), answer.text

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, **data: str) -> httpx.Response:
        return self.client.post(path, data=data)


@pytest.fixture
def publisher(url: str) -> Iterator[Desk]:
    made = Desk(url, "publisher")
    yield made
    made.client.close()


@pytest.fixture
def signer(url: str) -> Iterator[Desk]:
    made = Desk(url, "signer")
    yield made
    made.client.close()


def rename(engine: Engine, settings: Settings, text: str, since: str) -> str:
    """A white institution takes a name, as of a day that the edition counts."""
    now = datetime.now(settings.zone)
    with writing(engine) as session:
        id = min(one.id for one in queries.institutions(session, now.date(), limit=99))
        form = NameForm.model_validate({"kind": "brand", "text": "新名", "since": since})
        # Whatever an earlier version took: today's form would refuse some of it.
        acts.rename(session, id, form.model_copy(update={"text": text}), by=KEEPER, now=now)
    return id


def ticks(page: str) -> dict[str, str]:
    return dict.fromkeys(re.findall(r'name="(seen-[^"]+)"', page), "1")


def violations(page: str) -> list[str]:
    return re.findall(r'name="violation" value="([0-9a-f]{64})"', page)


def digest(page: str) -> str:
    return re.findall(r'name="digest" value="([0-9a-f]{64})"', page)[0]


def told(engine: Engine, account: str) -> str:
    with reading(engine) as session:
        return "\n".join(one.subject for one in queries.notices(session, account, ""))


def test_the_way_of_an_edition_through_the_gate(  # noqa: PLR0915 one walk, step by step
    settings: Settings, engine: Engine, publisher: Desk, url: str
) -> None:
    here = f"/desk/gate/{PERIOD}"
    rename(engine, settings, "学生王小明的课堂", "2026-10-15")

    wrong = publisher.post("/desk/gate", period="2026-13")
    assert wrong.status_code == 422
    assert "不合写法" in wrong.text
    assert publisher.post("/desk/gate", period=PERIOD).status_code == 303

    page = publisher.get(f"{here}/")
    assert "由您本人拟制，不能由您签字" in page
    assert "学生****" in page
    assert "王小明" not in page
    with reading(engine) as session:
        draft = queries.edition_draft(session, PERIOD, 0)
    assert draft is not None
    [doubt] = draft.violations
    own = publisher.post(f"{here}/accept", violation=doubt.digest, reason="就是这样的")
    assert own.status_code == 403
    assert publisher.post(f"{here}/sign", digest=draft.digest).status_code == 422

    secret = pyotp.random_base32()
    vault = vault_of(settings, engine)
    with writing(engine) as session:
        account = account_row(session, "signer")
        now = datetime.now(settings.zone)
        second.enrol(session, account, secret, 0, vault, by=KEEPER, now=now)
    codes = pyotp.TOTP(secret)
    signer = Desk(url, "signer")
    at = datetime.now(settings.zone)
    entered = signer.post("/sign-in/second", otp=codes.at(at - timedelta(seconds=30)))
    assert entered.status_code == 303, entered.text

    page = signer.get(f"{here}/")
    assert violations(page) == [doubt.digest]
    early = signer.post(f"{here}/sign", digest=draft.digest, **ticks(page))
    assert early.status_code == 422
    assert "没有人放行" in early.text
    assert signer.post(f"{here}/accept", violation=doubt.digest, reason="好").status_code == 422
    reason = "这是注册的招牌名，不是学生<b>"
    assert signer.post(f"{here}/accept", violation=doubt.digest, reason=reason).status_code == 303

    page = signer.get(f"{here}/")
    assert "招牌名，不是学生&lt;b&gt;" in page
    assert digest(page) == draft.digest
    seen = ticks(page)
    assert seen
    some = dict(list(seen.items())[1:])
    unseen = signer.post(f"{here}/sign", digest=draft.digest, **some)
    assert unseen.status_code == 422
    assert "还有 1 条未核对" in unseen.text
    bad = signer.post(f"{here}/sign", digest=draft.digest, otp="000000", **seen)
    assert bad.status_code == 422
    assert "验证码不对" in bad.text
    assert bad.text.count(" checked") == len(seen)
    stale = signer.post(f"{here}/sign", digest="0" * 64, **seen)
    assert "有变动" in stale.text
    code = codes.at(datetime.now(settings.zone))
    done = signer.post(f"{here}/sign", digest=draft.digest, otp=code, **seen)
    assert done.status_code == 303, done.text
    assert "已签字" in signer.get(f"{here}/")
    again = signer.post(f"{here}/sign", digest=draft.digest, otp=code, **seen)
    assert again.status_code == 422

    # Something of October is recorded late: what was signed is no longer what would come out.
    now = datetime.now(settings.zone)
    assert lapse_changed(engine, settings, now) == []
    rename(engine, settings, "十月才知道的名称", "2026-10-16")
    assert lapse_changed(engine, settings, now) == [PERIOD]
    assert "已失效" in publisher.get(f"{here}/")
    assert f"{PERIOD} 签字已失效" in told(engine, "publisher")
    assert f"{PERIOD} 签字已失效" in told(engine, "signer")
    with pytest.raises(ReleaseRefused, match="还没有第二人签发"):
        month.release_month(engine, settings, PERIOD, by="publisher", now=now)

    assert publisher.post("/desk/gate", period=PERIOD).status_code == 303
    page = signer.get(f"{here}/")
    assert violations(page) == [doubt.digest], "what was let pass was let pass of another edition"
    assert signer.post(f"{here}/return", reason="").status_code == 422
    assert signer.post(f"{here}/return", reason="请核对名称").status_code == 303
    assert "请核对名称" in publisher.get(f"{here}/")
    assert f"{PERIOD} 退回拟稿人" in told(engine, "publisher")
    assert publisher.post("/desk/gate", period=PERIOD).status_code == 303
    assert signer.post(f"{here}/accept", violation=doubt.digest, reason=reason).status_code == 303
    month.approve_month(engine, settings, PERIOD, by="signer", now=now)
    folder = month.release_month(engine, settings, PERIOD, by="publisher", now=now)
    assert verify(folder, settings.keys / "bureau.pub").problems == ()
    assert (settings.editions / "current").resolve() == folder
    assert "下一版" in (folder / "index.html").read_text("utf-8")
    public = signer.client.get("/").text
    assert "下一版" in public
    assert "2026年12月3日" in public
    signer.client.close()
    with reading(engine) as session:
        wanted = queries.LedgerFilter(subject=PERIOD)
        done_acts = [one.act for one in queries.ledger_entries(session, wanted, limit=99)][::-1]
    assert done_acts == [
        "prepare_edition",
        "accept_violation",
        "approve_edition",
        "lapse_edition",
        "prepare_edition",
        "return_edition",
        "prepare_edition",
        "accept_violation",
        "approve_edition",
        "release_edition",
    ]


def test_a_resident_number_stops_the_preparation_and_is_not_repeated(
    settings: Settings, engine: Engine, publisher: Desk
) -> None:
    id = rename(engine, settings, "证件 11010519491231002X 工作室", "2026-11-02")
    answer = publisher.post("/desk/gate", period="2026-12")
    assert answer.status_code == 422
    assert "居民身份证号码" in answer.text
    assert id in answer.text
    assert "11010519491231002X" not in answer.text
    with reading(engine) as session:
        assert "2026-12" not in [one.name for one in queries.editions(session)]
    with pytest.raises(GateRefused, match="privacy"):
        month.prepare_month(
            engine, settings, "2026-12", by="publisher", now=datetime.now(settings.zone)
        )


def test_a_dry_run_tells_programs_everything_and_keeps_nothing(
    settings: Settings, engine: Engine
) -> None:
    words = ["prepare", "2026-12", "--dry-run", "--json"]
    environ = {"XINYONG_DATA": str(settings.data), "XINYONG_DATABASE": settings.database}
    done = subprocess.run(
        [sys.executable, "-m", "config", *words],
        env={**os.environ, **environ},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    assert said["edition"] == "2026-12"
    assert {"privacy"} <= {one["code"] for one in said["violations"]}
    assert {"kind", "list", "why", "appeal"} <= set(said["changes"][0])
    with reading(engine) as session:
        assert "2026-12" not in [one.name for one in queries.editions(session)]


def test_who_may_not_sign_sees_the_edition_and_no_button(url: str) -> None:
    auditor = Desk(url, "auditor")
    page = auditor.get(f"/desk/gate/{PERIOD}/")
    assert "签完即发布" not in page
    assert auditor.post(f"/desk/gate/{PERIOD}/sign").status_code == 403
    body = auditor.client.get(f"/desk/gate/{PERIOD}/difference.json").json()
    assert body["edition"] == PERIOD
    assert {"lines", "violations", "passed", "counts"} <= set(body)
    auditor.client.close()
