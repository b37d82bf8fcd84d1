"""Whether a register and its folder are what the manifest says, and fit together."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import Engine, text

from config.keeping.packed import Manifest, read_back
from config.keeping.register_copy import counted
from config.key_files import SECOND, unopened
from config.progress import Report
from config.sealed_ledger import unlike_sealed
from publisher.edition import Edition, leaf, read_edition
from publisher.verify import verify
from registry.database import reading
from registry.forms import edition_name
from registry.ledger import breaks


class Checked(Struct, frozen=True, kw_only=True):
    """What a check found.

    `problems`: it is not what the manifest says, and is not restored. `notes`: it was so when the backup was
    made, and a person has to mend it there or here.
    """

    problems: tuple[str, ...]
    notes: tuple[str, ...]
    editions: int


def check(engine: Engine, data: Path, manifest: Manifest, report: Report) -> Checked:
    """Checks ledger, rows, editions and uploads of what was restored from a backup."""
    problems = [*_register(engine, manifest), *_uploads(manifest)]
    folders = _folders(data)
    notes: list[str] = []
    found: list[Edition] = []
    settled: frozenset[bytes] = frozenset()
    for done, folder in enumerate(folders, 1):
        edition = _read(folder)
        if not (found and edition and _alike(found[-1], edition)):
            settled = frozenset()
        verdict = verify(folder, _key(data), settled)
        notes += [f"版次 {folder.name}：{one}" for one in verdict.problems]
        settled = frozenset()
        if edition is not None:
            found.append(edition)
            if not verdict.problems:
                # Lines that have been derived once need not be derived again a month later.
                settled = frozenset(map(leaf, edition.lines))
        report("核对版次", done, len(folders))
    if manifest.edition and manifest.edition not in {one.digest for one in found}:
        problems.append(f"没有校验码为 {manifest.edition} 的最新版次")
    notes += _rows_without_folder(engine, found)
    notes += unlike_sealed(engine, data / "editions")
    notes += _second_factors(engine, data)
    return Checked(problems=tuple(problems), notes=tuple(notes), editions=len(folders))


def _second_factors(engine: Engine, data: Path) -> Iterator[str]:
    """Who can sign in here with no code of theirs, because the key of the second factors did not come along."""
    with reading(engine) as session:
        locked = unopened(data / "keys", session)
    if locked:
        there = "打不开" if (data / "keys" / SECOND).exists() else "不在备份里，打不开"
        yield (
            f"两步验证的密钥 keys/{SECOND} {there} {len(locked)} 个账户（{'、'.join(locked[:5])}）的验证，"
            f"他们现在只能用备用码登录。请从另一份备份取回 keys/{SECOND}；"
            "没有的，请执行 xinyong user rekey，再请本人重新设置两步验证。"
        )


def newest(data: Path) -> Edition | None:
    """The newest edition in a data folder that can be read."""
    found = [one for folder in _folders(data) if (one := _read(folder))]
    return max(found, key=lambda one: one.manifest.order, default=None)


def _register(engine: Engine, manifest: Manifest) -> Iterator[str]:
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            said = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            if said != "ok":
                yield f"登记册文件已损坏（{said}）"
                return
    here = counted(engine)
    if here.revision != manifest.revision:
        yield f"数据库版本是 {here.revision}，清单写的是 {manifest.revision}"
    if here.ledger != manifest.ledger:
        yield f"台账的最后一条是第 {here.ledger.seq} 条，与清单的第 {manifest.ledger.seq} 条不符"
    for name in sorted(here.tables.keys() | manifest.tables.keys()):
        many, said = here.tables.get(name), manifest.tables.get(name)
        if many != said:
            yield f"表 {name} 有 {many} 行，清单写的是 {said} 行"
    with reading(engine) as session:
        yield from (one.sentence for one in breaks(session))


def _uploads(manifest: Manifest) -> Iterator[str]:
    """A file that is kept under its digest has that digest."""
    for name, member in manifest.members.items():
        parts = read_back(name).parts
        if parts[:2] == ("data", "uploads") and len(parts[-1]) == 64 and parts[-1] != member.sha256:
            yield f"附件 {name} 的内容与它的摘要不符"


def _folders(data: Path) -> list[Path]:
    """The editions' folders, the oldest first."""
    found = [one.parent for one in (data / "editions").glob("2[0-9][0-9][0-9]-*/edition.json")]
    return sorted(found, key=_order)


def _order(folder: Path) -> tuple[str, int]:
    period, _, number = folder.name.partition(".")
    return period, int(number) if number.isascii() and number.isdigit() else 0


def _read(folder: Path) -> Edition | None:
    try:
        return read_edition(folder)
    except (OSError, ValueError, msgspec.DecodeError):
        return None  # what is wrong with it, `verify` says


def _key(data: Path) -> Path:
    own = data / "keys" / "bureau.pub"
    return own if own.is_file() else data / "editions" / "bureau.pub"


def _alike(before: Edition, edition: Edition) -> bool:
    a, b = before.manifest, edition.manifest
    same = (a.program, a.policy_digest) == (b.program, b.policy_digest)
    return same and a.cut_off <= b.cut_off


def _rows_without_folder(engine: Engine, found: list[Edition]) -> Iterator[str]:
    """Editions the register calls released that do not lie here; they can be made again."""
    here = {one.digest for one in found}
    query = text("SELECT period, number, digest FROM edition WHERE state = 'released'")
    with reading(engine) as session:
        rows = session.connection().execute(query).all()
    for row in sorted(rows, key=lambda one: (one.period, one.number)):
        if row.digest not in here:
            name = edition_name(row.period, row.number)
            yield f"登记册写着 {name} 已发布，却没有它的文件夹。请执行 xinyong rebuild {name} --missing"


def digest_of(file: Path) -> str:
    """SHA-256 of a file, read piece by piece, in hexadecimal."""
    whole = sha256()
    with file.open("rb") as content:
        while piece := content.read(1 << 20):
            whole.update(piece)
    return whole.hexdigest()
