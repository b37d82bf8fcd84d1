"""The city's register at hand: at this version, with the city's jurisdictions, and who acts in it."""

from datetime import UTC, datetime

import msgspec
from sqlalchemy import Engine

from config.settings import Settings
from registry import acts, queries
from registry.access import Actor
from registry.accounts import accounts
from registry.database import migrate, open_database, reading, writing
from registry.forms import JurisdictionForm

OPERATOR = Actor(account="system", role="administrator", name="命令行")


class NoSuchAccount(Exception):
    """An account that acts is not there."""

    def __init__(self, account: str) -> None:
        super().__init__(
            f"没有账户“{account}”。请用 xinyong user list 查看，或者用 user add 开立。"
        )


def open_register(settings: Settings) -> Engine:
    """The city's register at this version, with every jurisdiction that `city.toml` names."""
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database, settings.schema)
    migrate(engine)
    now = datetime.now(UTC)
    with reading(engine) as session:
        known = {one.id for one in queries.jurisdictions(session, now.date())}
    ended = {one.id for one in settings.jurisdictions if one.until and one.until < now.date()}
    fresh = [one for one in settings.jurisdictions if one.id not in known | ended]
    if fresh:
        with writing(engine) as session:
            for place in fresh:
                form = JurisdictionForm(**msgspec.structs.asdict(place))
                acts.register_jurisdiction(session, form, by=OPERATOR, now=now)
    return engine


def actor_of(engine: Engine, account: str, now: datetime) -> Actor:
    """The person of an account, as the ledger names them; raises NoSuchAccount."""
    with reading(engine) as session:
        found = [one for one in accounts(session, now) if one.account == account]
    if not found:
        raise NoSuchAccount(account)
    return found[0].actor
