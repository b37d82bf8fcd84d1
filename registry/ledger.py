"""The ledger (台账): one entry per official act, each sealing the one before; nothing is ever edited."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec
import rfc8785
import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import Session, SQLModel, col, func, select

from registry.access import Actor
from registry.tables import LedgerEntry


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
    last = session.exec(select(LedgerEntry).order_by(col(LedgerEntry.seq).desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.digest) if last else (1, "")
    entry = LedgerEntry(
        seq=seq,
        previous=previous,
        digest="",
        at=now,
        account=by.account,
        role=by.role,
        act=act.act,
        subject=act.subject,
        institution=act.institution,
        body=_canonical(act.body).decode(),
    )
    entry.digest = digest_of(entry)
    session.add(entry)
    session.flush()
    return seq


def digest_of(entry: LedgerEntry | sa.Row[Any]) -> str:
    """SHA-256 over everything an entry says, the digest before it included."""
    said = {
        "seq": entry.seq,
        "previous": entry.previous,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "account": entry.account,
        "role": entry.role,
        "act": entry.act,
        "subject": entry.subject,
        "institution": entry.institution,
        "body": entry.body,
    }
    return sha256(_canonical(said)).hexdigest()


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
