"""The attachments: every file under its digest, every one of them known, none missing."""

import re
import time
from pathlib import Path

from sqlalchemy import select
from sqlmodel import col

from config.doctor.signs import Fault, Found, Ground
from config.keeping.checked import digest_of
from registry.database import reading
from registry.tables import Attachment
from registry.uploads import place_of

UNDER_WAY = 3600  # seconds in which a file may lie there before its act is recorded


def uploads(ground: Ground) -> Found:
    """What the register names lies there as it was sent in."""
    folder = ground.settings.data / "uploads"
    with reading(ground.register) as session:
        known = set(session.scalars(select(col(Attachment.sha256)).distinct()))
    for digest in sorted(known):
        if not place_of(folder, digest).is_file():
            said = f"附件 {digest[:12]}… 登记过，文件 {place_of(folder, digest)} 却不在了。请从备份恢复它。"
            yield Fault("upload.missing", said)
    for file in _files(folder):
        if digest_of(file) != file.name:
            said = f"{file} 的内容和登记的不同，被改动过。请另存一份查明原因，再从备份恢复。"
            yield Fault("upload.other", said)
        elif file.name not in known and time.time() - file.stat().st_mtime > UNDER_WAY:
            said = f"{file} 没有登记，可能是上传中断留下的。请核对后移走它。"
            yield Fault("upload.orphan", said)
    yield f"{len(known)} 个附件，都和登记时一样"


def _files(folder: Path) -> list[Path]:
    """The originals; the cleaned copies are made anew from them."""
    found = folder.glob("[0-9a-f][0-9a-f]/*")
    return [one for one in sorted(found) if re.fullmatch(r"[0-9a-f]{64}", one.name)]
