"""Files that prove something: what they belong to is recorded, their bytes lie under their digest."""

from datetime import datetime
from typing import Any

import msgspec
from sqlmodel import Session, select

from registry.access import Actor
from registry.acts.authority import authorise
from registry.acts.inspections import findings_at
from registry.errors import NotAllowed, NotFound, refuse
from registry.forms import FileForm
from registry.ledger import Act, append
from registry.queries.visits import visit_row
from registry.tables import Attachment, LedgerEntry
from registry.uploads import Kept


def attach(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    about: str,
    institution: str,
    form: FileForm,
    kept: Kept,
    *,
    by: Actor,
    now: datetime,
) -> bool:
    """Records that a kept file belongs to a visit or a matter; false when it did already."""
    authorise(session, by, "attach_file", "上传附件", institution=institution, now=now)
    if form.sha256 != kept.sha256:
        raise refuse("files", "“附件”", form.name, "内容和登记的摘要不一致，请重新选择这个文件")
    same = select(Attachment.id).where(Attachment.about == about, Attachment.sha256 == kept.sha256)
    if session.exec(same).first() is not None:
        return False
    row = Attachment(
        sha256=kept.sha256,
        about=about,
        institution=institution,
        kind=form.kind,
        name=form.name,
        media=kept.media,
        size=kept.size,
        taken_at=form.taken_at or kept.taken_at,
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(row)
    session.flush()
    body = row.model_dump(mode="json", exclude={"id", "recorded_at", "recorded_by", "public"})
    entry = Act(act="attach_file", subject=about, institution=institution, body=body)
    append(session, entry, by=by, now=now)
    return True


def attach_to_visit(
    session: Session, inspection: str, kept: Kept, *, by: Actor, now: datetime
) -> bool:
    """Attaches a file the visit's record names to the visit, or to the finding its item opened."""
    row = visit_row(session, inspection)
    said = said_at(session, inspection)
    form = next((one for one in files_said(said) if one.sha256 == kept.sha256), None)
    if form is None:
        raise NotFound("这次检查登记的附件", kept.sha256)
    items = [one.get("item", "") for one in said.get("findings", [])]
    of_item = dict(zip(items, findings_at(session, inspection), strict=False))
    about = (of_item.get(form.item) if form.item else None) or inspection
    return attach(session, about, row.institution, form, kept, by=by, now=now)


def said_at(session: Session, inspection: str) -> dict[str, Any]:
    """What the ledger says was filled in at a visit."""
    body = session.exec(
        select(LedgerEntry.body).where(
            LedgerEntry.act == "record_inspection", LedgerEntry.subject == inspection
        )
    ).first()
    found: dict[str, Any] = msgspec.json.decode(body) if body else {}
    return found


def files_said(said: dict[str, Any]) -> list[FileForm]:
    """The files a visit's record names."""
    return [FileForm.model_validate(one) for one in said.get("files", [])]


def attachment_for(session: Session, id: int, *, by: Actor, now: datetime) -> Attachment:
    """A file's row for somebody who may see what it belongs to; raises NotFound or NotAllowed."""
    row = session.get(Attachment, id)
    if row is None:
        raise NotFound("附件", str(id))
    if by.role == "institution":
        if row.recorded_by != by.account:
            raise NotAllowed("您只能打开本机构自己上传的附件。")
        return row
    authorise(session, by, "read_register", "查看附件", institution=row.institution, now=now)
    return row
