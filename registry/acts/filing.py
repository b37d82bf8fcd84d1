"""What an institution hands in: files kept while it writes, then bound to its matter and its receipt."""

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from msgspec import Struct
from sqlmodel import Session, col, func, select

from registry.access import Actor
from registry.acts.authority import authorise
from registry.errors import refuse
from registry.tables import Attachment
from registry.uploads import AT_ONCE

_DRAFT = re.compile(r"[0-9a-f]{32}")


class Filed(Struct, frozen=True, kw_only=True):
    """A file as the receipt names it."""

    name: str
    sha256: str
    media: str
    size: int


def keep_draft(
    session: Session, institution: str, draft: str, file: Filed, *, by: Actor, now: datetime
) -> None:
    """Keeps a file with a text that is still being written; nobody but the institution sees it."""
    authorise(session, by, "keep_draft", "上传文件", institution=institution, now=now)
    if not _DRAFT.fullmatch(draft):
        raise refuse("files", "“附件”", "", "请回到上一页，重新打开这张表再上传")
    held = select(func.count()).where(
        Attachment.institution == institution, Attachment.about == f"draft:{draft}"
    )
    if session.exec(held).one() >= AT_ONCE:
        raise refuse("files", "“附件”", "", f"一次最多交 {AT_ONCE} 个文件，请合并后再交")
    _add(session, institution, f"draft:{draft}", "draft", file, by=by, now=now)


def drafted(session: Session, institution: str, draft: str) -> tuple[Filed, ...]:
    """The files kept with a text that is still being written, each once."""
    rows = session.exec(
        select(Attachment)
        .where(Attachment.institution == institution, Attachment.about == f"draft:{draft}")
        .order_by(col(Attachment.id))
    )
    found = {
        row.sha256: Filed(name=row.name, sha256=row.sha256, media=row.media, size=row.size)
        for row in rows
    }
    return tuple(found.values())


def hand_in(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    institution: str,
    about: str,
    kind: str,
    files: Sequence[Filed],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Binds files to a matter, inside the act that enters them."""
    for file in files:
        _add(session, institution, about, kind, file, by=by, now=now)


def receipted(text: str, files: Sequence[Filed]) -> dict[str, object]:
    """What the ledger keeps so that a receipt can be proven: digests of the text and of each file."""
    return {
        "text_sha256": sha256(text.encode("utf-8")).hexdigest(),
        "files": [
            {"name": one.name, "sha256": one.sha256, "media": one.media, "size": one.size}
            for one in files
        ],
    }


def _add(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    institution: str,
    about: str,
    kind: str,
    file: Filed,
    *,
    by: Actor,
    now: datetime,
) -> None:
    session.add(
        Attachment(
            about=about,
            institution=institution,
            kind=kind,
            name=file.name,
            sha256=file.sha256,
            media=file.media,
            size=file.size,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()
