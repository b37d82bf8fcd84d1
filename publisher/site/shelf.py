"""Pages that were made once, kept to be sent again: bounded in bytes, and gone with the edition."""

import gzip
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

LARGEST = 32 * 1024 * 1024
Key = tuple[bytes, bytes, bytes, bool]


class Kept(NamedTuple):
    """A page as it goes out, plain and packed; `state` is what the site stood on when it was made, `tag` its tag.

    Nothing is packed before somebody asks for it so.
    """

    state: str
    headers: list[tuple[bytes, bytes]]
    plain: bytes
    packed: bytes
    tag: str = ""

    @property
    def size(self) -> int:
        """How many bytes it takes up."""
        return len(self.plain) + len(self.packed)


class Shelf:
    """The pages last asked for; the ones not asked for longest make room."""

    def __init__(self, largest: int = LARGEST) -> None:
        self.largest, self.size = largest, 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def take(self, key: Key, state: str) -> Kept | None:
        """The page, if it was made of what the site stands on now."""
        kept = self._kept.get(key)
        if kept is None or kept.state != state:
            return None
        self._kept.move_to_end(key)
        return kept

    def put(self, key: Key, kept: Kept) -> None:
        """Keeps a page instead of the one kept under the same key."""
        old = self._kept.pop(key, None)
        self.size += kept.size - (old.size if old else 0)
        self._kept[key] = kept
        while self.size > self.largest:
            _, gone = self._kept.popitem(last=False)
            self.size -= gone.size


def packed(body: bytes) -> bytes:
    """The body under gzip, the same bytes each time."""
    return gzip.compress(body, 6, mtime=0)


def is_big(headers: Mapping[str, str]) -> bool:
    """Whether the visitor has chosen the large text."""
    cookie = headers.get("cookie", "")
    return "view=big" in cookie and "view=big" in cookie.replace(" ", "").split(";")


def key_of(scope: Mapping[str, Any], headers: Mapping[str, str]) -> Key:
    """By what a page is another: its address, what is asked of it, where the site stands, the size of text."""
    raw = scope.get("raw_path") or scope["path"].encode()
    host = f"{scope.get('scheme')}://{headers.get('host', '')}".encode()
    path = raw.split(b"?")[0] if b"?" in raw else raw
    return path, scope["query_string"], host, is_big(headers)


def is_known(headers: Mapping[str, str], tag: str) -> bool:
    """Whether the visitor has what bears this tag (RFC 9110 §13.1.2, weak comparison)."""
    have = headers.get("if-none-match", "")
    return (
        tag in (one.strip().removeprefix("W/").strip('"') for one in have.split(","))
        if have
        else False
    )
