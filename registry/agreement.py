"""Whether the register's rows still say what the ledger says was entered: the ledger is sealed, the rows are not."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import Session, SQLModel, col, select

from registry.acts.gate import name_of
from registry.forms import StepForm
from registry.procedure import KINDS
from registry.tables import Alert, Edition, Finding, Listing, Objection, Step

# What a matter is about, entered with its first step.
ABOUT: dict[str, type[SQLModel]] = {
    "finding": Finding,
    "commendation": Finding,
    "listing": Listing,
    "objection": Objection,
    "alert": Alert,
}
SAID = frozenset(StepForm.model_fields) & frozenset(Step.model_fields)
WORDS = {"prepare_edition": "拟制", "approve_edition": "签发", "release_edition": "发布"}
Row = sa.Row[Any]
_HASHED = "_sha256"


class Difference(Struct, frozen=True, kw_only=True):
    """Where a row and the ledger part: whose it is, and what each says."""

    subject: str
    sentence: str


def differences(session: Session) -> Iterator[Difference]:
    """Every step, matter and edition of which the ledger says something else, in the order of the ledger.

    Rows that no entry tells of one by one, as those of an import in bulk, are not looked at.
    """
    connection, (of_steps, of_ledger) = session.connection(), map(_columns, ("step", "ledger"))
    steps = {
        (one.matter, one.act, one.recorded_at): one
        for one in connection.execute(sa.select(*of_steps).execution_options(yield_per=1000))
    }
    last: dict[str, dict[str, Row]] = {}
    known: dict[str, set[tuple[str, str, datetime]]] = {}
    query = sa.select(*of_ledger).order_by(of_ledger.seq).execution_options(yield_per=1000)
    for entry in connection.execute(query):
        kind, _, act = entry.act.partition(".")
        if entry.act in WORDS:
            last.setdefault(entry.subject, {})[entry.act] = entry
        elif act and kind in KINDS:
            body = msgspec.json.decode(entry.body)
            key = (entry.subject, act, entry.at)
            known.setdefault(entry.subject, set()).add(key)
            yield from _of_step(entry, body, steps.get(key))
            if "from" not in body:
                yield from _of_matter(session, entry, kind, body.get("content"))
    for matter, act, at in steps:
        if matter in known and (matter, act, at) not in known[matter]:
            yield Difference(subject=matter, sentence=f"登记册里有一步“{act}”，台账里没有")
    for row in session.exec(select(Edition).order_by(col(Edition.period), col(Edition.number))):
        yield from _of_edition(row, last.get(name_of(row), {}))


def _columns(table: str) -> Any:
    return SQLModel.metadata.tables[table].c


def _of_step(entry: Row, body: Mapping[str, Any], step: Row | None) -> Iterator[Difference]:
    if step is None:
        said = f"台账第 {entry.seq} 条记着一步“{entry.act}”，登记册里没有"
        yield Difference(subject=entry.subject, sentence=said)
        return
    now = {key: getattr(step, key) for key in SAID & body.keys()}
    pairs = [(key, body[key], value) for key, value in now.items()]
    pairs += [("state", body["to"], step.state), ("recorded_by", entry.account, step.recorded_by)]
    yield from _parting(entry, pairs)


def _of_matter(session: Session, entry: Row, kind: str, content: object) -> Iterator[Difference]:
    table = ABOUT.get(kind)
    if table is None or not isinstance(content, dict):
        return
    row = session.get(table, entry.subject)
    if row is None:
        said = f"台账第 {entry.seq} 条记着它的内容，登记册里没有"
        yield Difference(subject=entry.subject, sentence=said)
        return
    pairs = []
    for key, value in content.items():
        plain = key.removesuffix(_HASHED)
        if plain not in table.model_fields:
            continue
        now = getattr(row, plain)
        if plain != key:  # of what may be erased one day the ledger keeps the digest alone
            now = sha256(now.encode()).hexdigest() if now else value
        pairs.append((plain, value, now))
    yield from _parting(entry, pairs)


def _of_edition(row: Edition, entries: Mapping[str, Row]) -> Iterator[Difference]:
    """Prepared by one, signed by another, and released: as often as the register says so."""
    name = name_of(row)
    held = {"prepare_edition": row.prepared_by}
    if row.state in ("approved", "released"):
        held["approve_edition"] = row.approved_by
    if row.state == "released":
        held["release_edition"] = row.released_by
    for act, account in held.items():
        entry = entries.get(act)
        if entry is None:
            said = f"登记册写着{WORDS[act]}，台账里没有这一条"
            yield Difference(subject=name, sentence=said)
            continue
        digest = msgspec.json.decode(entry.body).get("digest")
        pairs = [(f"{WORDS[act]}人", entry.account, account), ("digest", digest, row.digest)]
        yield from _parting(entry, pairs)


def _parting(entry: Row, pairs: list[tuple[str, Any, Any]]) -> Iterator[Difference]:
    for key, said, now in pairs:
        if _plain(said) != _plain(now):
            sentence = (
                f"台账第 {entry.seq} 条写 {key} 是“{_plain(said)}”，登记册里是“{_plain(now)}”"
            )
            yield Difference(subject=entry.subject, sentence=sentence)


def _plain(value: object) -> str:
    if value is None or value is False:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
