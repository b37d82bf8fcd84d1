"""What a form sent, with its files: typed fields as text, files as bytes, whichever way it was encoded."""

from datetime import UTC

from litestar.datastructures import UploadFile
from litestar.di import Provide
from msgspec import Struct

from registry.acts import Filed
from registry.faces.desk import Office, Visit
from registry.uploads import keep

LONGEST_NAME = 200


class Sent(Struct, frozen=True, kw_only=True):
    """The fields and the files of one form."""

    values: dict[str, str]
    files: tuple[tuple[str, bytes], ...]


async def sent(request: Visit) -> Sent:
    """Reads the form; a file field nobody filled is no file."""
    form = await request.form()
    values: dict[str, str] = {}
    files: list[tuple[str, bytes]] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            content = await value.read()
            if value.filename or content:
                files.append((value.filename, content))
        else:
            values[name] = str(value)
    return Sent(values=values, files=tuple(files))


SENT = {"sent": Provide(sent)}


def taken(office: Office, file: tuple[str, bytes]) -> Filed:
    """A file kept under its digest; raises FormRefused unless it is what a file may be."""
    name, content = file
    kept = keep(office.uploads, content, "files", office.now().tzinfo or UTC)
    plain = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(one for one in plain if one.isprintable())[-LONGEST_NAME:]
    return Filed(name=shown or "附件", sha256=kept.sha256, media=kept.media, size=kept.size)
