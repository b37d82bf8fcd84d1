"""The stylesheet, the pictures and the few scripts: packed, and kept by the browser as long as they stay the same."""

import mimetypes
from functools import cache
from hashlib import sha256
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from msgspec import Struct

from publisher.pages.render import STATIC, version
from publisher.site.answers import FOREVER, Visit, takes_gzip
from publisher.site.shelf import is_known, packed

PACKED = (".css", ".js", ".svg")


class Served(Struct, frozen=True, kw_only=True):
    """A file as it goes out, plain and, where that helps, packed."""

    media: str
    tag: str
    plain: bytes
    small: bytes


@cache
def served(name: str) -> Served | None:
    """A file by its path under the folder, or None; each is read once, and none lies elsewhere."""
    if name not in _names():
        return None
    raw = (STATIC / name).read_bytes()
    media = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Served(
        media=media,
        tag=sha256(raw).hexdigest()[:16],
        plain=raw,
        small=packed(raw) if name.endswith(PACKED) else b"",
    )


@cache
def _names() -> frozenset[str]:
    files = (path for path in STATIC.rglob("*") if path.is_file())
    return frozenset(path.relative_to(STATIC).as_posix() for path in files)


@get("/static/{file_path:path}", sync_to_thread=False)
def static(request: Visit, file_path: str) -> Response[Any]:
    """One of the files; asked for by the version it has it is kept for a year."""
    name = file_path.lstrip("/")
    one = served(name) if name in _names() else None
    if one is None:
        raise NotFoundException("没有这个文件")
    fixed = f"?v={request.query_params.get('v', '')}" == version()
    headers = {
        "ETag": f'"{one.tag}"',
        "Cache-Control": FOREVER if fixed else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if is_known(request.headers, one.tag):
        return Response(None, status_code=304, headers=headers)
    body = one.plain
    if one.small and takes_gzip(request.headers.get("accept-encoding", "")):
        body, headers["Content-Encoding"] = one.small, "gzip"
    return Response(body, media_type=one.media, headers=headers)
