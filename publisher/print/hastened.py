"""Two properties of pydyf, which writes WeasyPrint's files, that cost a long table the better part of its time.

They are replaced in the one version that was looked at; another is left as it is: right, and slow.
"""

import zlib
from functools import cache
from typing import Any

KNOWN = "0.13.0"
# The ninth costs five times as much on a tree of tags, and saves a twentieth.
LEVEL = 6


@cache
def hasten() -> None:
    """Names the pages once instead of for each tag on one, which is by their square; packs at a usual level."""
    import pydyf

    if pydyf.VERSION != KNOWN:
        return
    named = pydyf.PDF.page_references.fget
    as_bytes = pydyf._to_bytes

    def page_references(pdf: Any) -> tuple[bytes, ...]:
        many = len(pdf.pages["Kids"])
        kept: tuple[int, tuple[bytes, ...]] | None = pdf.__dict__.get("_named")
        if kept is None or kept[0] != many:
            kept = pdf.__dict__["_named"] = (many, named(pdf))
        return kept[1]

    def data(stream: Any) -> bytes:
        content: bytes = b"\n".join(map(as_bytes, stream.stream))
        extra = pydyf.Dictionary(stream.extra.copy())
        if stream.compress:
            extra["Filter"] = "/FlateDecode"
            content = zlib.compress(content, LEVEL)
        extra["Length"] = len(content)
        return b"\n".join((extra.data, b"stream", content, b"endstream"))

    pydyf.PDF.page_references = property(page_references)
    pydyf.Stream.data = property(data)
