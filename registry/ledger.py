"""The ledger (台账): one entry per official act, each sealing the one before; nothing is ever edited."""

from datetime import UTC, datetime
from hashlib import sha256

import msgspec
import rfc8785
from msgspec import Struct
from sqlmodel import Session, col, func, select

from registry.access import Actor
from registry.tables import LedgerEntry


class Act(Struct, frozen=True, kw_only=True):
    """What is entered: the act, what it is about, and the facts before and after."""

    act: str
    subject: str
    institution: str = ""
    body: object = None


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


def digest_of(entry: LedgerEntry) -> str:
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
    problems, previous, expected = [], "", 1
    entries = session.exec(select(LedgerEntry).order_by(col(LedgerEntry.seq)))
    for entry in entries.yield_per(1000):
        if entry.seq != expected:
            problems.append(f"台账第 {expected} 条缺失。")
        if entry.previous != previous:
            problems.append(f"台账第 {entry.seq} 条与前一条不相接。")
        if digest_of(entry) != entry.digest:
            problems.append(f"台账第 {entry.seq} 条的内容被改动过。")
        previous, expected = entry.digest, entry.seq + 1
    return problems


def _canonical(value: object) -> bytes:
    return rfc8785.dumps(msgspec.to_builtins(value, builtin_types=(), enc_hook=str))
