"""The gate of one city as its desk uses it: the editions' own refusals become the register's."""

from datetime import datetime

from sqlalchemy import Engine

from config.freezing import NoSupplement, moment_of
from config.month import prepare_edition, sign_edition
from config.naming import WrongPeriod, following
from config.settings import Settings
from publisher.gate import GateRefused, SignatureLapsed
from registry import queries
from registry.access import Actor
from registry.database import reading
from registry.errors import Conflict, refuse
from registry.faces.gate import Doubted, Gate


def gate_of(settings: Settings, engine: Engine) -> Gate:
    """What the desk may ask of the editions of this city."""

    def prepare(period: str, supplement: bool, by: Actor, now: datetime) -> str:
        try:
            edition, _ = prepare_edition(
                engine, settings, period, by=by, now=now, supplement=supplement
            )
        except GateRefused as refused:
            raise Doubted(refused.violations) from None
        except (NoSupplement, WrongPeriod) as wrong:
            remedy = str(wrong).rstrip("。")
            raise refuse("period", "“期”", period, remedy) from None
        return edition.name

    def sign(name: str, digest: str, by: Actor, now: datetime, unheard: str) -> None:
        try:
            sign_edition(engine, settings, name, by=by, now=now, seen=digest, unheard=unheard)
        except SignatureLapsed as lapsed:
            raise Conflict(str(lapsed)) from None

    def wanted(now: datetime) -> str:
        with reading(engine) as session:
            rows = queries.editions(session)
        out = [one.period for one in rows if one.state == "released"]
        return following(max(out)) if out else f"{now:%Y-%m}"

    return Gate(
        prepare=prepare,
        sign=sign,
        moment=lambda name: moment_of(settings, name),
        wanted=wanted,
    )
