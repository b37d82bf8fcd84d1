"""The ledger (台账): one entry per official act, each sealing the one before; nothing is ever edited."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec
import rfc8785
import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import Session, SQLModel, col, func, select

from registry.access import Actor
from registry.tables import LedgerEntry

# Where a session keeps what it has entered, for whoever tells of it once it is committed.
ENTERED = "acts entered"
# What an entry's digest is of, its instant besides.
_SEALED = ("seq", "previous", "account", "role", "act", "subject", "institution", "body")


class Act(Struct, frozen=True, kw_only=True):
    """What is entered: the act, what it is about, and the facts before and after."""

    act: str
    subject: str
    institution: str = ""
    body: object = None


class Break(Struct, frozen=True, kw_only=True):
    """A place where the chain does not hold: the entry, and what is wrong with it."""

    seq: int
    sentence: str

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return (
            f"请先停止办理，原样另存数据库，再用备份核对第 {self.seq} 条前后的内容，"
            "查明谁改动过数据库；不要自行补写。"
        )


def next_number(session: Session) -> int:
    """The number of the entry to come; whoever holds the write lock is alone with it."""
    return (session.exec(select(func.max(col(LedgerEntry.seq)))).one() or 0) + 1


def append(session: Session, act: Act, *, by: Actor, now: datetime) -> int:
    """Enters an act and gives its number."""
    session.flush()  # what the act has changed so far stands before its entry
    connection, (newest, enter) = session.connection(), _statements()
    last = connection.execute(newest).first()
    seq, previous = (last.seq + 1, last.digest) if last else (1, "")
    said = {
        "seq": seq,
        "previous": previous,
        "account": by.account,
        "role": by.role,
        "act": act.act,
        "subject": act.subject,
        "institution": act.institution,
        "body": _canonical(act.body).decode(),
    }
    connection.execute(enter, {**said, "at": now, "digest": _sealed(said, now)})
    told = {"entry": seq, "act": act.act, "subject": act.subject, "account": by.account}
    session.info.setdefault(ENTERED, []).append(told)
    return seq


@cache
def _statements() -> tuple[sa.Select[Any], sa.Insert]:
    """What reads the newest entry, and what enters one: made once, for every act needs them."""
    table = SQLModel.metadata.tables["ledger"]
    newest = sa.select(table.c.seq, table.c.digest).order_by(table.c.seq.desc()).limit(1)
    return newest, sa.insert(table)


def digest_of(entry: LedgerEntry | sa.Row[Any]) -> str:
    """SHA-256 over everything an entry says, the digest before it included."""
    return _sealed({name: getattr(entry, name) for name in _SEALED}, entry.at)


def _sealed(said: dict[str, Any], at: datetime) -> str:
    instant = at.astimezone(UTC).isoformat(timespec="microseconds")
    return sha256(_canonical({**said, "at": instant})).hexdigest()


def check(session: Session) -> list[str]:
    """What is wrong with the chain, in Chinese; an empty list means every entry is as it was made."""
    return [one.sentence for one in breaks(session)]


def breaks(session: Session) -> Iterator[Break]:
    """Every place where the chain does not hold, in order; reads the whole ledger a thousand at a time."""
    previous, expected = "", 1
    columns = SQLModel.metadata.tables["ledger"].c
    query = sa.select(*columns).order_by(columns.seq).execution_options(yield_per=1000)
    for entry in session.connection().execute(query):
        if entry.seq != expected:
            yield Break(seq=expected, sentence=f"台账第 {expected} 条缺失。")
        if entry.previous != previous:
            yield Break(seq=entry.seq, sentence=f"台账第 {entry.seq} 条与前一条不相接。")
        if digest_of(entry) != entry.digest:
            yield Break(seq=entry.seq, sentence=f"台账第 {entry.seq} 条的内容被改动过。")
        previous, expected = entry.digest, entry.seq + 1


def _canonical(value: object) -> bytes:
    return rfc8785.dumps(msgspec.to_builtins(value, builtin_types=(), enc_hook=str))
