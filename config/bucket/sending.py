"""The office's side: every released edition and year's account goes into the store, and is named there last.

While an edition's files are replaced after a withdrawal, its list of files is away, so that where a list lies
everything lies as it says. Whatever dies half-way is taken up again, and what lies there already is not sent.
"""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from config.bucket.bucket import Bucket, Object
from config.bucket.catalogue import EDITIONS, KEY, NAME, REPORTS, Catalogue, Sort, catalogue_of
from config.bucket.errors import BucketError
from publisher.signing import is_signed
from publisher.site.store import LATE
from publisher.year_files import FOLDER


class Sent(Struct, frozen=True, kw_only=True):
    """How many objects were put and taken away, and what could not be sent, and why."""

    put: int
    deleted: int
    problems: tuple[str, ...]


class Unsound(BucketError):
    """A folder is not as it was signed, and is not sent."""

    def __init__(self, sort: Sort, folder: Path, what: str) -> None:
        super().__init__(f"{sort.key(folder.name)} 没有送出：{what}。{sort.mended}")


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
    whole = work.all(EDITIONS, editions, wanted.names)
    accounts = work.all(REPORTS, editions.parent / FOLDER, sorted(wanted.reports))
    years = {year: name for year, name in wanted.years.items() if name in accounts}
    if wanted.current in whole:
        # Named last: until then nobody looks for what was put.
        named = Catalogue(current=wanted.current, editions=whole, reports=accounts, years=years)
        work.put(NAME, named.encoded())
    return Sent(put=work.many, deleted=work.gone, problems=tuple(work.problems))


class _Work:
    def __init__(self, editions: Path, bucket: Bucket, thorough: bool) -> None:
        self.key, self.bucket, self.thorough = editions / KEY, bucket, thorough
        self.there = bucket.listed()
        self.many = self.gone = 0
        self.problems: list[str] = []

    def all(self, sort: Sort, within: Path, names: Iterable[str]) -> dict[str, str]:
        """Sends what is not there yet; gives the digest of the list of files of each that is sound."""
        whole = {}
        for name in names:
            try:
                whole[name] = self._folder(sort, within / name)
            except Unsound as wrong:
                self.problems.append(str(wrong))
        return whole

    def _folder(self, sort: Sort, folder: Path) -> str:
        while True:
            try:
                return self._sent(sort, folder)
            except _Rewritten:
                continue

    def put(self, name: str, content: bytes) -> None:
        """Puts an object unless it is known to lie there."""
        known = self.there.get(name)
        if known is None or not known.holds(content):
            self.bucket.put(name, content)
            self.many += 1
            self.there[name] = Object(len(content), "")

    def _sent(self, sort: Sort, folder: Path) -> str:
        listing = _signed_listing(sort, folder, self.key)
        files = dict(msgspec.json.decode(listing, type=dict[str, str]))
        names = [*sorted(files), *sorted(sort.unlisted - {LATE})]
        key = sort.key(folder.name)
        if not self._is_whole(key, folder, listing, names):
            self._delete(f"{key}/{LATE}")
            for one in names:
                content = _content(folder, one, files.get(one))
                if content is None:
                    if (folder / LATE).read_bytes() != listing:
                        raise _Rewritten
                    raise Unsound(sort, folder, f"文件 {one} 缺少或者被改动")
                self.put(f"{key}/{one}", content)
            if (folder / LATE).read_bytes() != listing:
                raise _Rewritten  # its signature may be the new one's
            self.put(f"{key}/{LATE}", listing)
        for one in self._here(key) - {f"{key}/{name}" for name in (*names, LATE)}:
            self._delete(one)
        return sha256(listing).hexdigest()

    def _is_whole(self, key: str, folder: Path, listing: bytes, names: list[str]) -> bool:
        """Whether this very list lies there, and with it everything it lists."""
        here = {one: self.there.get(f"{key}/{one}") for one in (LATE, *names)}
        known = here.pop(LATE)
        if known is None or known.size != len(listing) or None in here.values():
            return False
        if known.holds(listing):
            return not self.thorough or all(
                one is not None and one.holds((folder / name).read_bytes())
                for name, one in here.items()
            )
        # Some stores give tags that are no digests: there the list itself is looked at.
        return self.bucket.get(f"{key}/{LATE}") == listing

    def _here(self, key: str) -> set[str]:
        return {one for one in self.there if one.startswith(f"{key}/")}

    def _delete(self, name: str) -> None:
        if self.there.pop(name, None) is not None:
            self.bucket.delete(name)
            self.gone += 1


def _signed_listing(sort: Sort, folder: Path, key: Path) -> bytes:
    """A folder's list of files; what the bureau did not sign is not sent."""
    listing = b""
    for one in sort.signed:
        try:
            listing, signature = _together(folder / one)
        except OSError:
            raise Unsound(sort, folder, f"缺少 {one} 或者它的签名") from None
        if not is_signed(listing, signature, key):
            raise Unsound(sort, folder, f"{one} 的签名不符")
    return listing


def _together(file: Path) -> tuple[bytes, bytes]:
    """A file and its signature of the same moment, though the folder may be exchanged meanwhile."""
    signature = file.with_name(f"{file.name}.sig")
    while True:
        content, said = file.read_bytes(), signature.read_bytes()
        if content == file.read_bytes():
            return content, said


def _content(folder: Path, name: str, digest: str | None) -> bytes | None:
    """A file as it is listed; None where there is no such file any more."""
    try:
        content = (folder / name).read_bytes()
    except OSError:
        content = None
    if content is not None and digest in (None, sha256(content).hexdigest()):
        return content
    return None
