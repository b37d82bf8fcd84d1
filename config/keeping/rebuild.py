"""Editions frozen again from the register, as it was known when they were signed: the same digests."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import UNSET, Struct
from sqlalchemy import Engine

from config import month
from config.freezing import end_of
from config.keeping.errors import KeepingError
from config.progress import Report
from config.settings import Settings, load_policies
from publisher.edition import Edition, Manifest, read_edition
from publisher.freeze import City, Issue, freeze
from publisher.gate import publish
from publisher.program import program
from registry import queries
from registry.database import leading, reading
from registry.queries import EditionLine
from scoring import PolicyError

OTHER_PROGRAM = "它由另一版程序拟制，等级的说明文字可能不同；请装上那一版程序再做一次"


class NoSuchEdition(KeepingError):
    """The register knows no released edition of that name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        shown = "、".join(known) or "无"
        super().__init__(f"登记册里没有已发布的版次“{name}”。已发布的有：{shown}。")


class Again(Struct, frozen=True, kw_only=True):
    """A released edition frozen again: its digest, whether it is the same, and what is not.

    `lies` says whether its folder is there.
    """

    edition: str
    digest: str
    same: bool
    lies: bool
    why: str = ""


def freeze_again(
    engine: Engine, settings: Settings, names: Sequence[str], report: Report
) -> Iterator[Again]:
    """Freezes released editions again, the oldest first; without names all of them. Raises NoSuchEdition."""
    rows = _rows(engine, names)
    for done, row in enumerate(rows, 1):
        yield again(engine, settings, row)[0]
        report("重新冻结", done, len(rows))


def make_missing(
    engine: Engine, settings: Settings, names: Sequence[str], now: datetime
) -> list[str]:
    """Makes the folders that the register calls released and that do not lie here; gives their names.

    Raises KeepingError where one does not come out as it was signed.
    """
    made = []
    for row in _rows(engine, names):
        if (settings.editions / row.name).exists():
            continue
        found, edition = again(engine, settings, row)
        if not found.same or edition is None:
            raise KeepingError(f"{found.edition} 不能照签发的样子重新作出：{found.why}。")
        with leading(engine) as mine:
            if not mine:
                raise KeepingError("另一个进程正在发布名单。请稍后再试。")
            renderers = month.renderers(settings, now)
            publish(engine, edition, settings.data, renderers, by=month.CLOCK, now=now)
        made.append(found.edition)
    return made


def again(engine: Engine, settings: Settings, row: EditionLine) -> tuple[Again, Edition | None]:
    """One edition frozen again as it was known when it was signed, and how it compares."""
    folder = settings.editions / row.name
    lies = (folder / "edition.json").is_file()
    try:
        edition = _frozen(engine, settings, row, folder if lies else None)
    except (PolicyError, month.WrongPeriod) as refused:
        why = str(refused)
        found = Again(edition=row.name, digest=row.digest, same=False, lies=lies, why=why)
        return found, None
    same = edition.digest == row.digest
    why = "" if same else _why(folder if lies else None, edition)
    found = Again(edition=row.name, digest=edition.digest, same=same, lies=lies, why=why)
    return found, edition


def _frozen(engine: Engine, settings: Settings, row: EditionLine, folder: Path | None) -> Edition:
    """What the register knew is read anew; what the bureau said of the edition itself is taken from it."""
    said = _manifest(folder)
    if said is None:
        issue = month.issue_of(settings, row.period)
        city = City(
            id=settings.id, title=settings.title, organ=settings.organ, fictional=settings.fictional
        )
        policies = load_policies(settings)
    else:
        issue = Issue(
            period=said.period,
            number=said.number,
            cut_off=said.cut_off,
            ends_at=end_of(said.cut_off, settings.zone),
            released_on=said.released_on,
            previous=said.previous,
        )
        city = City(id=said.city, title=said.title, organ=said.organ, fictional=said.fictional)
        policies = [(settings.editions / said.name / "policy.toml").read_bytes()]
    # Whatever was recorded after the signature cannot have been in what was signed.
    issue = msgspec.structs.replace(
        issue, number=row.number, cut_off=row.cut_off, known_at=row.approved_at or row.prepared_at
    )
    salt = settings.keys / "salt.key"
    if not salt.is_file():
        raise KeepingError(
            f"没有 {salt}，条目的校验码不能重新推出。请从备份恢复这个文件，不要另外生成。"
        )
    with reading(engine) as session:
        made = freeze(session, city, issue, policies, salt.read_bytes())
    if said is None:
        return made
    # The manifest as it was signed, with everything that follows from the register put in anew.
    derived = ("policy", "policy_digest", "jurisdictions", "counts", "root", "ledger")
    fresh = {one: getattr(made.manifest, one) for one in derived if getattr(said, one) is not UNSET}
    return msgspec.structs.replace(made, manifest=msgspec.structs.replace(said, **fresh))


def _manifest(folder: Path | None) -> Manifest | None:
    if folder is None:
        return None
    return msgspec.json.decode((folder / "edition.json").read_bytes(), type=Manifest)


def _why(folder: Path | None, edition: Edition) -> str:
    said = _manifest(folder)
    if said is None:
        return "重新作出的与签发的校验码不同：登记、设置、评分办法或者程序与签发时不一样"
    if said.program != program():
        return OTHER_PROGRAM
    fields = ("policy_digest", "jurisdictions", "counts", "root", "ledger")
    moved = [one for one in fields if getattr(said, one) != getattr(edition.manifest, one)]
    return f"edition.json 的 {'、'.join(moved) or '内容'} 不同：{_first_line(folder, edition)}"


def _first_line(folder: Path | None, edition: Edition) -> str:
    """The first institution whose line is another; a tombstone hides what stood there."""
    if folder is None:
        return "没有文件夹可以对照"
    try:
        before = read_edition(folder)
    except (OSError, ValueError, msgspec.DecodeError):
        return "已发布的文件读不出来，请执行 xinyong verify"
    lines = set(before.lines)
    other = next((one for one in edition.lines if one not in lines), b"")
    if not other:
        return "登记册现有的条目比已发布的少"
    return f"先看 {msgspec.json.decode(other)['institution']}"


def _rows(engine: Engine, names: Sequence[str]) -> list[EditionLine]:
    with reading(engine) as session:
        rows = [one for one in queries.editions(session) if one.state == "released"]
    rows.sort(key=lambda one: (one.period, one.number))
    known = [one.name for one in rows]
    for name in names:
        if name not in known:
            raise NoSuchEdition(name, known)
    return [one for one in rows if not names or one.name in names]
