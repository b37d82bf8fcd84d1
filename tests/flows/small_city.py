"""A small city over real HTTP: two districts and a zone, an institution in each, one account a role."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from config.register import OPERATOR, open_register
from config.settings import DEMO_MARK, Settings, load_settings
from registry import acts
from registry.access import Actor
from registry.accounts import create_account, grant_role
from registry.database import open_database, writing
from registry.drawing import Pool, Target
from registry.errors import read_form
from registry.forms import (
    AccountForm,
    CampaignForm,
    DrawForm,
    FindingSheet,
    GrantForm,
    InspectionSheet,
    InstitutionForm,
)
from registry.procedure import ROLES
from registry.tables import Attachment
from tests.conftest import served

HTML = {"Accept": "text/html"}
PASSWORD = "three plain words"  # noqa: S105 a test's
HOME, ZONE, ABROAD = "330212", "3302A2", "330203"  # 鄞州, 东钱湖 below it, 海曙
LOADER = Actor(account="system", role="publisher", name="命令行")
CLERK = Actor(account="system", role="inspector", name="命令行")
HEAD = Actor(account="system", role="head", name="命令行")


def now() -> datetime:
    """The instant of a running city."""
    return datetime.now(UTC)


class Town:
    """The city, what it holds, and browsers for its people."""

    def __init__(self, settings: Settings, ids: dict[str, dict[str, str]]) -> None:
        self.settings, self.ids, self.url = settings, ids, ""
        self.clients: dict[str, httpx.Client] = {}

    def browser(self, account: str = "") -> httpx.Client:
        """A browser, signed in as an account; the same one each time."""
        if account not in self.clients:
            made = httpx.Client(base_url=self.url, headers=HTML, timeout=30)
            self.clients[account] = made
            if account:
                answer = made.post("/sign-in", data={"account": account, "password": PASSWORD})
                assert answer.status_code == 303, answer.text
        return self.clients[account]

    def fresh(self) -> httpx.Client:
        """A browser of its own that nobody shares."""
        made = httpx.Client(base_url=self.url, headers=HTML, timeout=30)
        self.clients[f"fresh {len(self.clients)}"] = made
        return made


@contextmanager
def town(
    folder: Path, postgres: str = "", *, fictional: bool = True, **environ: str
) -> Iterator[Town]:
    """The city, served; on PostgreSQL in a schema of its own."""
    given = {"XINYONG_DATA": str(folder), "XINYONG_DATABASE": postgres, **environ}
    if fictional:
        (folder / DEMO_MARK).write_text("test")
    settings = load_settings(None, given)
    made = Town(settings, _built(settings))
    try:
        with served("--no-schedule", **given) as url:
            made.url = url
            yield made
    finally:
        for client in made.clients.values():
            client.close()
        if settings.schema:
            engine = open_database(settings.database)
            with engine.begin() as connection:
                connection.execute(text(f'DROP SCHEMA "{settings.schema}" CASCADE'))
            engine.dispose()


def account(session: Any, now: datetime, id: str, **changed: str) -> None:
    """An account with a known password."""
    values = {"id": id, "name": id, "password": PASSWORD, **changed}
    create_account(session, read_form(AccountForm, values), by=OPERATOR, now=now)


def _built(settings: Settings) -> dict[str, dict[str, str]]:
    engine = open_register(settings)
    now = datetime.now(settings.zone)
    ids: dict[str, dict[str, str]] = defaultdict(dict)
    with writing(engine) as session:
        for where, place in (("own", HOME), ("below", ZONE), ("foreign", ABROAD)):
            id = _institution(session, settings, place, now)
            ids["institution"][where], ids["jurisdiction"][where] = id, place
            ids["matter"][where] = _finding(session, id, now)
            ids["inspection"][where] = _visit(session, id, now)
            ids["attachment"][where] = _photo(session, ids["inspection"][where], id, now)
            ids["campaign"][where] = _campaign(session, place, now)
            ids["draw"][where] = _draw(session, ids["campaign"][where], id, now)
        for role in ROLES:
            if role == "institution":
                own = ids["institution"]["own"]
                account(session, now, "institution", role=role, institution=own)
                continue
            account(session, now, f"city.{role}", role=role)
            account(session, now, f"home.{role}", role=role, jurisdiction=HOME)
        account(session, now, "both", role="inspector", jurisdiction=HOME)
        form = read_form(GrantForm, {"role": "auditor"})
        grant_role(session, "both", form, by=OPERATOR, now=now)
    engine.dispose()
    return ids


def _institution(session: Any, settings: Settings, place: str, now: datetime) -> str:
    sheet = {
        "name": f"宁波市{place}艺术培训学校",
        "jurisdiction": place,
        "opened_on": "2020-03-01",
        "address": f"{place}路 1 号",
    }
    form = read_form(InstitutionForm, sheet)
    return acts.register_institution(session, form, by=LOADER, now=now, prefix=settings.prefix)


def _finding(session: Any, institution: str, now: datetime) -> str:
    seen: date = now.date() - timedelta(days=2)
    sheet = {
        "institution": institution,
        "code": "S01",
        "seen_on": seen.isoformat(),
        "statement": "安全出口堆放杂物",
        "first_officer": "甲",
        "second_officer": "乙",
    }
    return acts.record_finding(session, read_form(FindingSheet, sheet), by=CLERK, now=now)


def _visit(session: Any, institution: str, now: datetime) -> str:
    sheet = {
        "key": f"visit:{institution}",
        "institution": institution,
        "kind": "日常检查",
        "on": (now.date() - timedelta(days=2)).isoformat(),
        "first_officer": "甲",
        "second_officer": "乙",
    }
    return acts.record_inspection(session, read_form(InspectionSheet, sheet), by=CLERK, now=now)


def _photo(session: Any, visit: str, institution: str, now: datetime) -> str:
    """A row of a file whose bytes have not arrived: enough to be refused, or not to be found."""
    row = Attachment(
        sha256="0" * 64,
        about=visit,
        institution=institution,
        kind="photo",
        media="image/jpeg",
        size=1,
        recorded_at=now,
        recorded_by=CLERK.account,
    )
    session.add(row)
    session.flush()
    return str(row.id)


def _campaign(session: Any, place: str, now: datetime) -> str:
    since, until = now.date(), now.date() + timedelta(days=30)
    form = read_form(
        CampaignForm, {"name": "抽查", "since": since, "until": until, "jurisdiction": place}
    )
    return acts.open_campaign(session, form, by=HEAD, now=now)


def _draw(session: Any, campaign: str, institution: str, now: datetime) -> str:
    """A draw announced for tomorrow, so that nobody can hold it today."""
    pool = Pool(
        targets=(Target(id=institution, grade="A", weight=1),), officers=("甲", "乙"), recusals=()
    )
    sheet = {"on": now.date() + timedelta(days=1), "size": 1, "officers": ["甲", "乙"]}
    form = read_form(DrawForm, sheet)
    return acts.announce_draw(session, campaign, form, pool, nonce="n", by=HEAD, now=now)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def city(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """The small city on each engine; whoever uses it leaves it usable for the next."""
    on = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    with town(tmp_path_factory.mktemp("town"), on) as made:
        yield made
