"""A public node's side: what the store names is brought file by file, checked, and shown whole or not at all.

An edition is gathered beside the others, taken over from what lies here already where the digests agree,
checked against the bureau's signature, and put in its place in one step. What dies half-way is gone on with.
"""

import os
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath

import msgspec
from msgspec import Struct

from config.bucket.bucket import Bucket
from config.bucket.catalogue import EDITIONS, KEY, NAME, REPORTS, Catalogue, Sort, digest_of
from config.bucket.errors import BucketError, NotThere, OwnEditions
from publisher.edition import Manifest, is_withdrawn, leaf
from publisher.release import exchange, switch_forward, sync_whole
from publisher.signing import KeyUnreadable, is_signed
from publisher.site.store import LATE
from publisher.verify import verify
from publisher.year_files import REPORT, named, point_forward
from publisher.yearly import Year
from scoring.decoding import UNREADABLE, decode_words


class Brought(Struct, frozen=True, kw_only=True):
    """What is new here or replaced, how many objects were got, and what could not be brought.

    `reports` are the folders of the years' accounts.
    """

    editions: tuple[str, ...]
    reports: tuple[str, ...] = ()
    got: int
    current: str
    problems: tuple[str, ...]


class NotBrought(BucketError):
    """What lies in the store is not yet, or not, what the bureau signed; what lies here stays."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} 没有取回，这里原来的照常公开：{what}")


class OtherKey(BucketError):
    """The store holds another public key than the one this copy began with."""

    def __init__(self, file: Path, where: str) -> None:
        super().__init__(
            f"对象存储 {where} 里的公钥与这里的 {file} 不同，什么也没有取回。请向发布的单位当面或者"
            f"打电话核对公钥；确是换了新的，请用 --key 指明新公钥的文件，或者删去 {file} 再取。"
        )


def bring(bucket: Bucket, editions: Path, key: Path | None = None) -> Brought:
    """Makes the copy here what the store names; raises BucketError where nothing can be brought.

    `key` is the bureau's public key, had from the bureau; without it the key that came first is kept to.
    """
    if (editions.resolve().parent / "keys" / "bureau.key").exists():
        raise OwnEditions(editions)
    said = _catalogue(bucket)
    _keep_key(bucket, editions, key)
    work = _Work(bucket, editions / KEY)
    done = work.all(EDITIONS, editions, {name: said.editions[name] for name in said.names})
    if (editions / said.current / LATE).exists():
        switch_forward(editions / said.current)
    reports = editions / REPORTS.where
    accounts = work.all(REPORTS, reports, said.reports)
    for year, name in said.years.items():
        work.year(reports, year, name)
    return Brought(
        editions=tuple(done),
        reports=tuple(accounts),
        got=work.got,
        current=said.current,
        problems=tuple(work.problems),
    )


def _catalogue(bucket: Bucket) -> Catalogue:
    try:
        said = msgspec.json.decode(bucket.get(NAME), type=Catalogue)
    except UNREADABLE as wrong:
        raise BucketError(
            f"对象存储 {bucket.where} 的 {NAME} 不合格式（{decode_words(wrong)}）。"
        ) from None
    if said.wrong_name or said.current not in said.editions:
        what = said.wrong_name or said.current
        raise BucketError(f"对象存储 {bucket.where} 的 {NAME} 里，版次“{what}”不能用。")
    return said


def _keep_key(bucket: Bucket, editions: Path, key: Path | None) -> None:
    """The key the copy is checked with lies beside it, as in the bureau's own folder."""
    file, theirs = editions / KEY, bucket.get(KEY)
    trusted = key.read_bytes() if key else file.read_bytes() if file.exists() else theirs
    if trusted.split() != theirs.split():
        raise OtherKey(key or file, bucket.where)
    if not file.exists() or file.read_bytes() != trusted:
        fresh = file.with_name(f"{KEY}.new")
        fresh.write_bytes(trusted)
        try:
            is_signed(b"", b"", fresh)
        except KeyUnreadable:
            fresh.unlink()
            raise
        os.replace(fresh, file)


class _Work:
    def __init__(self, bucket: Bucket, key: Path) -> None:
        self.bucket, self.key = bucket, key
        self.got = 0
        self.problems: list[str] = []

    def all(self, sort: Sort, within: Path, wanted: Mapping[str, str]) -> list[str]:
        """Brings every folder that is named with the digest of its list of files; gives the new ones."""
        done = []
        for name, digest in wanted.items():
            try:
                if self._folder(sort, within / name, digest):
                    done.append(name)
            except (NotBrought, NotThere) as wrong:
                self.problems.append(str(wrong))
        for left in within.glob("0-staging-*"):
            if left.name.removeprefix("0-staging-") not in wanted:
                shutil.rmtree(left)
        return done

    def year(self, reports: Path, year: str, name: str) -> None:
        """Shows a year's account at the year's own address, if it corrects what is shown there now."""
        if (reports / name / LATE).exists() and not point_forward(reports, int(year), name):
            what = "它不是这里现有报告的更正，请告诉发布的单位"
            self.problems.append(str(NotBrought(REPORTS.key(name), what)))

    def _folder(self, sort: Sort, final: Path, digest: str) -> bool:
        """Brings a folder unless it lies here as the store has it; whether there was anything to do."""
        if digest_of(final / LATE) == digest:
            return False
        staged = final.with_name(f"0-staging-{final.name}")
        staged.mkdir(parents=True, exist_ok=True)
        listing = self._listing(sort, staged, final.name, digest)
        self._gather(sort, staged, final, listing)
        _CHECKS[sort](self.key, staged, final)
        sync_whole(staged)
        if final.exists():
            exchange(staged, final)
            shutil.rmtree(staged)
        else:
            os.rename(staged, final)
        return True

    def _listing(self, sort: Sort, staged: Path, folder: str, digest: str) -> dict[str, str]:
        """The signed list of a folder's files."""
        name = sort.key(folder)
        signatures = {f"{one}.sig" for one in sort.signed}
        for one in sorted({*sort.unlisted, *sort.signed, *signatures}):
            _write(staged / one, self._get(f"{name}/{one}"))
        raw = (staged / LATE).read_bytes()
        if sha256(raw).hexdigest() != digest:
            raise NotBrought(name, "发布的一方正在更换它，下次再取")
        for one in sort.signed:
            signature = (staged / f"{one}.sig").read_bytes()
            if not is_signed((staged / one).read_bytes(), signature, self.key):
                raise NotBrought(name, f"{one} 的签名不符")
        listing = dict(msgspec.json.decode(raw, type=dict[str, str]))
        if strange := [one for one in listing if not _is_inside(one)]:
            raise NotBrought(name, f"文件名“{strange[0]}”不能用")
        return listing

    def _gather(self, sort: Sort, staged: Path, final: Path, listing: dict[str, str]) -> None:
        name, wanted = sort.key(final.name), {*listing, *sort.unlisted}
        for path in staged.rglob("*"):
            if path.is_file() and path.relative_to(staged).as_posix() not in wanted:
                path.unlink()
        for one, digest in sorted(listing.items()):
            if digest_of(staged / one) == digest:
                continue
            (staged / one).parent.mkdir(parents=True, exist_ok=True)
            here = final / one
            if digest_of(here) == digest:
                (staged / one).unlink(missing_ok=True)
                os.link(here, staged / one)
                continue
            content = self._get(f"{name}/{one}")
            if sha256(content).hexdigest() != digest:
                raise NotBrought(name, f"文件 {one} 与签名的不符，可能正在更换，下次再取")
            _write(staged / one, content)

    def _get(self, name: str) -> bytes:
        content = self.bucket.get(name)
        self.got += 1
        return content


def _check_edition(key: Path, staged: Path, final: Path) -> None:
    """Everything `xinyong verify` looks at but the ratings, which the signed root holds."""
    lines = (staged / "entries.jsonl").read_bytes().splitlines()
    found = verify(staged, key, frozenset(map(leaf, lines)))
    if found.problems:
        raise NotBrought(final.name, "；".join(found.problems[:3]))
    manifest = msgspec.json.decode((staged / "edition.json").read_bytes(), type=Manifest)
    if manifest.name != final.name:
        raise NotBrought(final.name, f"里面写的是 {manifest.name}")
    if final.exists():
        before, now = _tombstones(final), _tombstones(staged)
        if before - now:
            raise NotBrought(final.name, "已经撤回的条目在对象存储里又出现了，请告诉发布的单位")


def _check_report(_: Path, staged: Path, final: Path) -> None:
    """That the folder holds the account it is named after: its year and its digest are its name."""
    name = REPORTS.key(final.name)
    raw = (staged / REPORT).read_bytes()
    try:
        year = msgspec.json.decode(raw, type=Year).year
    except UNREADABLE as wrong:
        raise NotBrought(name, f"{REPORT} 不合格式（{decode_words(wrong)}）") from None
    held = named(year, sha256(raw).hexdigest())
    if held != final.name:
        raise NotBrought(name, f"里面的是 {held}")
    if final.exists():
        raise NotBrought(name, "已经公布的年度报告不能改换，请告诉发布的单位")


_CHECKS = {EDITIONS: _check_edition, REPORTS: _check_report}


def _tombstones(folder: Path) -> set[int]:
    """The lines that are withdrawn, by their place: it never changes."""
    lines = (folder / "entries.jsonl").read_bytes().splitlines()
    return {at for at, line in enumerate(lines) if is_withdrawn(line)}


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    plain = path.as_posix() == name and not path.is_absolute() and ".." not in path.parts
    return plain and bool(path.parts) and "\\" not in name and "\0" not in name


def _write(file: Path, content: bytes) -> None:
    """Written beside first: a file may be linked with the one that is shown."""
    fresh = file.with_name(f"{file.name}.part")
    fresh.write_bytes(content)
    os.replace(fresh, file)
