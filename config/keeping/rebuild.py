"""Editions frozen again from the register, as it was known when they were signed: the same digests."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, Struct
from sqlalchemy import Engine

from config import month
from config.correcting import with_corrections
from config.freezing import Dates, end_of
from config.hindsight_words import FIELDS
from config.keeping.errors import KeepingError
from config.naming import following, year_month
from config.progress import Report
from config.settings import Settings, load_policies
from publisher.edition import Edition, Manifest, leaf, read_edition, whose
from publisher.freeze import City, Issue, freeze
from publisher.gate import publish
from publisher.program import program
from publisher.signed_folder import files, signatures
from publisher.verify import SIGNED, UNLISTED
from registry import queries
from registry.calendar import Calendar, load_calendar
from registry.database import leading, reading
from registry.queries import EditionLine
from scoring import PolicyError

OTHER_PROGRAM = "它由另一版程序拟制，等级的说明文字可能不同；请装上那一版程序再做一次"
CHECK_LEDGER = "请用 xinyong doctor 核对台账"
_SHOWN = 3
WORDS = {**FIELDS, "records": "记录", "listings": "名单"}


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
    """One edition frozen again as it was known when it was signed, and how it compares.

    From a folder that is not as it was signed, or is not what the register says of it, nothing is frozen.
    """
    folder = settings.editions / row.name
    lies = (folder / "edition.json").is_file()
    if lies and (why := _tampered(folder, settings, row)):
        return Again(edition=row.name, digest=row.digest, same=False, lies=True, why=why), None
    try:
        edition = _frozen(engine, settings, row, folder if lies else None)
        if not lies and edition.digest != row.digest:
            edition = _frozen(engine, settings, row, None, _unannounced(settings, row))
    except (PolicyError, month.WrongPeriod) as refused:
        why = str(refused)
        found = Again(edition=row.name, digest=row.digest, same=False, lies=lies, why=why)
        return found, None
    same = edition.digest == row.digest
    why = "" if same else _why(folder if lies else None, edition)
    found = Again(edition=row.name, digest=edition.digest, same=same, lies=lies, why=why)
    return found, edition


def _unannounced(settings: Settings, row: EditionLine) -> Calendar:
    """The calendar without the year of the list that came next: its days off may have been announced since."""
    year, _ = year_month(following(row.period))
    years = load_calendar(settings.holidays).years
    return Calendar({one: known for one, known in years.items() if one != year})


def _frozen(
    engine: Engine,
    settings: Settings,
    row: EditionLine,
    folder: Path | None,
    calendar: Calendar | None = None,
) -> Edition:
    """What the register knew is read anew; what the bureau said of the edition itself is taken from it."""
    said = _manifest(folder)
    if said is None:
        on = row.released_on
        dates = Dates(cut_off=row.cut_off, released_on=on) if on else None
        issue = month.issue_of(settings, row.name, dates, calendar)
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
    known_at = row.approved_at or row.prepared_at
    issue = msgspec.structs.replace(issue, cut_off=row.cut_off, known_at=known_at)
    salt = settings.keys / "salt.key"
    if not salt.is_file():
        raise KeepingError(
            f"没有 {salt}，条目的校验码不能重新推出。请从备份恢复这个文件，不要另外生成。"
        )
    with reading(engine) as session:
        if said is None:
            issue = with_corrections(session, settings, issue, None)
        made = freeze(session, city, issue, policies, salt.read_bytes())
    if said is None:
        return made
    # The manifest as it was signed, with everything that follows from the register put in anew.
    derived = ("policy", "policy_digest", "jurisdictions", "counts", "root", "ledger")
    fresh = {one: getattr(made.manifest, one) for one in derived if getattr(said, one) is not UNSET}
    if any(one.counts is UNSET for one in said.jurisdictions):  # signed before they were counted
        fresh["jurisdictions"] = tuple(
            msgspec.structs.replace(one, counts=UNSET) for one in fresh["jurisdictions"]
        )
    return msgspec.structs.replace(made, manifest=msgspec.structs.replace(said, **fresh))


def _manifest(folder: Path | None) -> Manifest | None:
    if folder is None:
        return None
    return msgspec.json.decode((folder / "edition.json").read_bytes(), type=Manifest)


def _tampered(folder: Path, settings: Settings, row: EditionLine) -> str:
    """What of a released folder is not as it was signed, or what the register says of it otherwise."""
    harmed = [*signatures(folder, SIGNED, settings.keys / "bureau.pub"), *files(folder, UNLISTED)]
    if harmed:
        more = f"等 {len(harmed)} 处" if len(harmed) > _SHOWN else ""
        return f"文件夹不是签名时的样子：{'；'.join(harmed[:_SHOWN])}{more}。请从备份或者公开的副本恢复这一版"
    raw = (folder / "edition.json").read_bytes()
    said, digest = msgspec.json.decode(raw, type=Manifest), sha256(raw).hexdigest()
    if said.name != row.name:
        return f"文件夹里放的是 {said.name}。请从备份或者公开的副本恢复这一版"
    if digest != row.digest:
        return f"登记册里这一版的校验码与签名的 {digest} 不同，登记册被改动：{CHECK_LEDGER}"
    if said.cut_off != row.cut_off:
        return f"登记册里这一版的截止日 {row.cut_off} 与签名的 {said.cut_off} 不同，登记册被改动：{CHECK_LEDGER}"
    return ""


def _why(folder: Path | None, edition: Edition) -> str:
    said = _manifest(folder)
    if folder is None or said is None:
        return "重新作出的与签发的校验码不同：登记、设置、评分办法或者程序与签发时不一样"
    if said.root == edition.manifest.root:
        what = "主管区域" if said.ledger == edition.manifest.ledger else "台账"
        return f"条目都相同，{what}与签发时不同，登记册被改动：{CHECK_LEDGER}"
    before = read_edition(folder)
    stood, now = {leaf(one) for one in before.lines}, {leaf(one) for one in edition.lines}
    other = next((one for one in edition.lines if leaf(one) not in stood), b"")
    if not other:
        gone = next((whose(one) for one in before.lines if leaf(one) not in now), "")
        return f"登记册里没有了 {gone or '有的机构'}，登记册被改动：{CHECK_LEDGER}"
    lines = {whose(one): one for one in before.lines}
    return _moved(lines.get(whose(other), b""), other, said.program == program())


def _moved(printed: bytes, line: bytes, own: bool) -> str:
    """What of an institution's line is not as it was printed, and what that comes from."""
    id = whose(line)
    if not printed:
        return f"登记册里多出 {id}，或者它被撤回的条目不同，登记册被改动：{CHECK_LEDGER}"
    before, after = (msgspec.json.decode(one, type=dict[str, Any]) for one in (printed, line))
    fields = [one for one in after if after[one] != before.get(one)]
    if fields == ["salt"]:
        return "条目的盐不同：salt.key 不是签发时的那一个。请从备份恢复这个文件"
    if "facts" in fields:
        facts = [one for one in after["facts"] if after["facts"][one] != before["facts"].get(one)]
        what = "、".join(WORDS.get(one, "机构情况") for one in facts) or "机构情况"
        return f"登记册里 {id} 的{what}与签发时不同，登记册被改动：{CHECK_LEDGER}"
    if {*fields} <= {"rating", "salt"}:
        return f"{id} 的评定重新计算不同" if own else f"{id} 的评定不同：{OTHER_PROGRAM}"
    return f"登记册里 {id} 的公示信息与签发时不同，登记册被改动：{CHECK_LEDGER}"


def _rows(engine: Engine, names: Sequence[str]) -> list[EditionLine]:
    with reading(engine) as session:
        rows = [one for one in queries.editions(session) if one.state == "released"]
    rows.sort(key=lambda one: (one.period, one.number))
    known = [one.name for one in rows]
    for name in names:
        if name not in known:
            raise NoSuchEdition(name, known)
    return [one for one in rows if not names or one.name in names]
