"""A city with a past: four schools, a penalty that the editions of three months print, and its annulment."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text
from sqlmodel import Session

import config.commands  # noqa: F401 registers them
from config import month
from config.cli import xinyong
from config.settings import Settings, load_settings
from publisher.data import render_csv, render_json
from publisher.gate import Bounds, prepare, publish
from publisher.signing import create_key
from registry import acts
from registry.database import migrate, open_database, writing
from registry.errors import read_form
from registry.forms import (
    FindingSheet,
    StepForm,
)
from tests.registry import people as p

# The penalty is final on 20 October 2026; September's edition does not know it, the next three print it.
BEFORE, PRINTED, AFTER = "2026-10", ("2026-11", "2026-12", "2027-01"), "2027-02"
ANNULLED = datetime(2027, 1, 21, 3, tzinfo=UTC)  # a Thursday; the annulment itself is of the 20th
POLICY = Path(__file__).parents[2] / "config/policy/NB-2026-1.toml"


class Office:
    """A city with four schools, and one of them with a penalty."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings, self.engine = settings, engine
        create_key(settings.keys)
        with writing(engine) as session:
            self.punished = p.city(session, licence_no="教民133020370000010号")
            names = ("墨香书画", "启明编程", "远航科技")
            others = [
                p.institution(
                    session,
                    name=f"宁波市海曙区{one}学校",
                    licence_no=f"教民13302037000002{place}号",
                )
                for place, one in enumerate(names)
            ]
            self.faulty, self.other, self.third = others
            for number, id in enumerate((self.punished, *others)):
                p.inspection(session, id, key=f"phone-000{number}")
            seen = p.finding(session, self.punished)
            self.fault = self.confirmed(session, self.faulty)
            p.step(session, seen, "hear", p.WANG, "2026-03-09", reason="无异议")
            self.penalty = p.penalty(session, self.punished, seen)

    @staticmethod
    def confirmed(
        session: Session, institution: str, seen: str = "2026-09-07", now: datetime = p.NOW
    ) -> str:
        """A finding confirmed three days after it was seen, recorded at an instant."""
        sheet = {"institution": institution, "code": "S01", "seen_on": seen, **p.TWO}
        form = read_form(FindingSheet, sheet)
        matter = acts.record_finding(session, form, by=p.WANG, now=now)
        day = date.fromisoformat(seen)
        for act, by, on in (("hear", p.WANG, day.day + 2), ("confirm", p.LI, day.day + 3)):
            step = StepForm(on=day.replace(day=on), reason="无异议")
            acts.take_step(session, matter, act, step, by=by, now=now)
        return matter

    def release(self, *periods: str) -> None:
        """Freezes, signs and releases editions as the register stands."""
        for period in periods:
            edition = month.frozen(self.engine, self.settings, period)
            by, editions = p.QIAN, self.settings.editions
            prepare(self.engine, edition, editions, Bounds(), by=by, now=p.NOW)
            with writing(self.engine) as session:
                acts.approve_edition(session, period, 0, edition.digest, by=p.ZHOU, now=p.NOW)
            renderers = (render_csv, render_json)
            publish(self.engine, edition, self.settings.data, renderers, by=by, now=p.NOW)

    def annul(self) -> None:
        """The head annuls the penalty, on the day before it is entered."""
        step = StepForm(on=date(2027, 1, 20), document_no="甬政复〔2027〕1号", reason="程序违法")
        with writing(self.engine) as session:
            acts.take_step(session, self.penalty, "annul", step, by=p.ZHAO, now=ANNULLED)

    def run(self, *words: object) -> Result:
        """One command of this city."""
        env = {"XINYONG_DATA": str(self.settings.data), "XINYONG_DATABASE": self.settings.database}
        told = CliRunner(env=env).invoke(xinyong, [str(one) for one in words])
        if told.exception and not isinstance(told.exception, SystemExit):
            raise told.exception
        return told

    def wrong(self, knowing: str, *ids: str) -> dict[str, list[str]]:
        """Which editions are wrong, and about whom."""
        told = self.run("recheck", *ids, "--knowing", knowing, "--json")
        editions = json.loads(told.stdout)["editions"]
        found = {
            one["edition"]: [
                mistake["wrong"]["institution"]
                for mistake in one["mistakes"]
                if not mistake["mended"]
            ]
            for one in editions
            if one["missing"] or not all(mistake["mended"] for mistake in one["mistakes"])
        }
        assert told.exit_code == (1 if found else 0)
        return found


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    environ = {"XINYONG_DATA": str(tmp_path)}
    if request.param == "postgresql":
        environ["XINYONG_DATABASE"] = request.getfixturevalue("postgres")
    settings = load_settings(None, environ)
    engine = open_database(settings.database, settings.schema)
    migrate(engine)
    yield Office(settings, engine)
    if request.param == "postgresql":
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {settings.schema} CASCADE"))
    engine.dispose()
