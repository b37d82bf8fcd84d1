"""The office's side: every released edition goes into the store, file by file, and is named there last.

While an edition's files are replaced after a withdrawal, its list of files is away, so that where a list lies
everything lies as it says. Whatever dies half-way is taken up again, and what lies there already is not sent.
"""

from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from config.bucket.bucket import Bucket, Object
from config.bucket.catalogue import KEY, NAME, Catalogue, catalogue_of
from config.bucket.errors import BucketError
from publisher.signing import is_signed
from publisher.site.store import LATE
from publisher.verify import UNLISTED


class Sent(Struct, frozen=True, kw_only=True):
    """How many objects were put and taken away, and which editions could not be sent, and why."""

    put: int
    deleted: int
    problems: tuple[str, ...]


class Unsound(BucketError):
    """An edition is not as it was signed, and is not sent."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(
            f"{folder.name} 没有送出：{what}。请执行 xinyong verify {folder}，"
            "从备份恢复这一版以后会自动再送"
        )


class _Rewritten(Exception):
    """A withdrawal exchanged the folder while it was read."""


def send(editions: Path, bucket: Bucket, *, thorough: bool = False) -> Sent:
    """Makes the store hold what is released here and nothing else of it; raises BucketError.

    `thorough` compares every object, also of what was sent whole before, where the store's tags allow it.
    """
    wanted = catalogue_of(editions)
    if wanted is None:
        return Sent(put=0, deleted=0, problems=())
    work = _Work(editions, bucket, thorough)
    work.put(KEY, (editions / KEY).read_bytes())
    whole: dict[str, str] = {}
    problems = []
    for name in wanted.names:
        try:
            whole[name] = work.edition(name)
        except Unsound as wrong:
            problems.append(str(wrong))
    if wanted.current in whole:
        # Named last: until then nobody looks for what was put.
        work.put(NAME, Catalogue(current=wanted.current, editions=whole).encoded())
    return Sent(put=work.many, deleted=work.gone, problems=tuple(problems))


class _Work:
    def __init__(self, editions: Path, bucket: Bucket, thorough: bool) -> None:
        self.editions, self.bucket, self.thorough = editions, bucket, thorough
        self.there = bucket.listed()
        self.many = self.gone = 0

    def edition(self, name: str) -> str:
        """Sends what of an edition is not there yet; gives the digest of its list of files."""
        while True:
            try:
                return self._sent(self.editions / name)
            except _Rewritten:
                continue

    def put(self, name: str, content: bytes) -> None:
        """Puts an object unless it is known to lie there."""
        known = self.there.get(name)
        if known is None or not known.holds(content):
            self.bucket.put(name, content)
            self.many += 1
            self.there[name] = Object(len(content), "")

    def _sent(self, folder: Path) -> str:
        listing = _signed_listing(folder, self.editions / KEY)
        files = dict(msgspec.json.decode(listing, type=dict[str, str]))
        names = [*sorted(files), *sorted(UNLISTED - {LATE})]
        if not self._is_whole(folder, listing, names):
            self._delete(f"{folder.name}/{LATE}")
            for one in names:
                self.put(f"{folder.name}/{one}", _content(folder, one, files.get(one), listing))
            if (folder / LATE).read_bytes() != listing:
                raise _Rewritten  # its signature may be the new one's
            self.put(f"{folder.name}/{LATE}", listing)
        for one in self._here(folder.name) - {f"{folder.name}/{name}" for name in (*names, LATE)}:
            self._delete(one)
        return sha256(listing).hexdigest()

    def _is_whole(self, folder: Path, listing: bytes, names: list[str]) -> bool:
        """Whether this very list lies there, and with it everything it lists."""
        here = {one: self.there.get(f"{folder.name}/{one}") for one in (LATE, *names)}
        known = here.pop(LATE)
        if known is None or known.size != len(listing) or None in here.values():
            return False
        if known.holds(listing):
            return not self.thorough or all(
                one is not None and one.holds((folder / name).read_bytes())
                for name, one in here.items()
            )
        # Some stores give tags that are no digests: there the list itself is looked at.
        return self.bucket.get(f"{folder.name}/{LATE}") == listing

    def _here(self, edition: str) -> set[str]:
        return {one for one in self.there if one.startswith(f"{edition}/")}

    def _delete(self, name: str) -> None:
        if self.there.pop(name, None) is not None:
            self.bucket.delete(name)
            self.gone += 1


def _signed_listing(folder: Path, key: Path) -> bytes:
    """An edition's list of files; what the bureau did not sign is not sent."""
    listing = b""
    for one in ("edition.json", LATE):
        try:
            listing, signature = _together(folder / one)
        except OSError:
            raise Unsound(folder, f"缺少 {one} 或者它的签名") from None
        if not is_signed(listing, signature, key):
            raise Unsound(folder, f"{one} 的签名不符")
    return listing


def _together(file: Path) -> tuple[bytes, bytes]:
    """A file and its signature of the same moment, though the folder may be exchanged meanwhile."""
    signature = file.with_name(f"{file.name}.sig")
    while True:
        content, said = file.read_bytes(), signature.read_bytes()
        if content == file.read_bytes():
            return content, said


def _content(folder: Path, name: str, digest: str | None, listing: bytes) -> bytes:
    """A file as it is listed."""
    try:
        content = (folder / name).read_bytes()
    except OSError:
        content = None
    if content is not None and digest in (None, sha256(content).hexdigest()):
        return content
    if (folder / LATE).read_bytes() != listing:
        raise _Rewritten
    raise Unsound(folder, f"文件 {name} 缺少或者被改动")
