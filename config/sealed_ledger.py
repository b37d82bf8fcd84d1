"""The ledger against what the released editions sealed: whoever writes it anew cannot write those anew."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import UNSET
from sqlalchemy import Engine

from publisher.edition import Manifest
from registry import queries
from registry.database import reading


def unlike_sealed(engine: Engine, editions: Path) -> Iterator[str]:
    """Each released edition whose sealed entry is not the ledger's, the oldest first, with what differs."""
    with reading(engine) as session:
        for manifest in sorted(_manifests(editions), key=lambda one: one.order):
            sealed = manifest.ledger
            if sealed is UNSET or not sealed.seq:
                continue
            found = queries.ledger_digest(session, sealed.seq)
            if found != sealed.digest:
                now = f"现在是 {found[:12]}…" if found else "现在没有这一条"
                yield f"{manifest.name} 版封存了台账第 {sealed.seq} 条（{sealed.digest[:12]}…），{now}"


def _manifests(editions: Path) -> Iterator[Manifest]:
    """What the editions say of themselves; one that cannot be read is told of by whoever looks at editions."""
    for file in editions.glob("2[0-9][0-9][0-9]-*/edition.json"):
        with suppress(OSError, msgspec.DecodeError):
            yield msgspec.json.decode(file.read_bytes(), type=Manifest)
