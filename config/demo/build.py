"""Builds the demo city once: register, people, two years of signed editions."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import UNSET
from sqlalchemy import Engine

from config import month
from config.demo.generate import CUT_OFF, SIZE, START, DemoInstitution, institutions
from config.register import actor_of, open_register
from config.settings import DEMO_MARK, Settings, load_policies
from publisher.gate import prepare, publish
from publisher.paper_key import create_paper_key
from publisher.signing import create_key
from registry import acts, queries
from registry.access import Actor
from registry.accounts import create_account
from registry.credit_file import CreditFile, NameRecord
from registry.database import reading, writing
from registry.forms import AccountForm, RoleName
from registry.identity import institution_id
from scoring import assess, in_force, load_policy

BUILDER = Actor(account="demo", role="administrator", name="演示数据")
LOADER = Actor(account="demo", role="publisher", name="演示数据")
ROLES: dict[str, tuple[RoleName, str]] = {
    "inspector": ("inspector", "检查员"),
    "reviewer": ("reviewer", "审核员"),
    "head": ("head", "区县负责人"),
    "publisher": ("publisher", "拟稿人"),
    "signer": ("publisher", "签发人"),
    "auditor": ("auditor", "审计员"),
    "institution": ("institution", "机构"),
    "administrator": ("administrator", "管理员"),
}
# Known to everyone who reads this: the demo serves this machine only.
PASSWORD = "yongcheng-demo"  # noqa: S105
LAST = 3
INSPECTORS = "甲乙丙丁"
# Known to everyone too, so that a demo's papers are the same bytes for one seed.
PAPER_KEY = Path(__file__).with_name("paper.key")
Progress = Callable[[str, int, int], None]


class DemoElsewhere(Exception):
    """The data folder holds a register that is not this demo's."""

    def __init__(self) -> None:
        super().__init__(
            "数据文件夹里已有另一份登记，演示数据不会覆盖它。请用 XINYONG_DATA 换一个文件夹。"
        )


def build_demo(
    settings: Settings,
    seed: int,
    progress: Progress,
    size: int = SIZE,
    periods: tuple[str, ...] | None = None,
) -> None:
    """Builds what is not there yet; built twice with one seed, the editions have the same bytes.

    Raises DemoElsewhere when the register holds something else.
    """
    mark = sha256(f"demo:{seed}:{size}".encode()).hexdigest()
    own = settings.data / DEMO_MARK
    if settings.keys.exists() and not (own.exists() and own.read_text() == mark):
        raise DemoElsewhere  # real keys are never touched
    engine = open_register(settings, _instant(START))
    with reading(engine) as session:
        there = queries.taken_in(session, "credit_files", mark)
        if not there and queries.institutions(session, CUT_OFF, limit=1):
            raise DemoElsewhere
    if not there:
        own.write_text(mark)
        create_key(settings.keys, sha256(f"demo-key:{seed}".encode()).digest())
        (settings.keys / "salt.key").touch(0o600)
        (settings.keys / "salt.key").write_bytes(sha256(f"demo:{seed}".encode()).digest())
        register_all(engine, settings, mark, list(institutions(seed, size)), progress)
    create_paper_key(settings.keys, settings.organ, START, PAPER_KEY.read_bytes())
    wanted = periods or tuple(_periods())
    for done, period in enumerate(wanted, 1):
        if not (settings.editions / period).exists():
            _issue(engine, settings, period, papers=len(wanted) - done < LAST)
        progress("发布各期名单", done, len(wanted))
    engine.dispose()


def register_all(
    engine: Engine, settings: Settings, mark: str, found: list[DemoInstitution], progress: Progress
) -> None:
    """Registers the institutions with their history, and one account for each role."""
    now = _instant(START)
    organs = {one.id: one.organ for one in settings.jurisdictions}
    ids = {one.number: institution_id(settings.prefix, one.number) for one in found}
    own = _telling(settings, found)
    progress("登记演示机构", 0, len(found))
    with writing(engine) as session:
        acts.bulk_credit_files(
            session,
            [_file(one, ids, organs) for one in found],
            source=acts.Source(name="演示数据", digest=mark),
            officers=("演示甲", "演示乙"),
            by=LOADER,
            now=now,
            reports={ids[one.number]: one.custody_reports for one in found},
            visitors=_visitors(settings, found),
        )
        for name, (role, words) in ROLES.items():
            form = AccountForm(
                id=name,
                name=f"{words}（演示）",
                password=PASSWORD,
                role=role,
                institution=ids[own.number] if role == "institution" else "",
            )
            create_account(session, form, by=BUILDER, now=now)
    progress("登记演示机构", len(found), len(found))


def _telling(settings: Settings, found: list[DemoInstitution]) -> DemoInstitution:
    """The one institution that may sign in: of those off the white list the one that has lost the most."""
    policy = in_force([load_policy(one) for one in load_policies(settings)], CUT_OFF)
    lapsed = [one for one in found if one.fate == "lapsed"] or found

    def score(one: DemoInstitution) -> Decimal:
        return assess(one.facts, policy, CUT_OFF).score or Decimal(100)

    return min(lapsed, key=score)


def _visitors(settings: Settings, found: list[DemoInstitution]) -> dict[str, tuple[str, str]]:
    """Who made each visit: two of the four inspectors of the place."""
    places = {one.id: one.name for one in settings.jurisdictions}
    pairs = {}
    for one in found:
        place = places.get(one.jurisdiction, one.jurisdiction)
        for number, visit in enumerate(one.facts.inspections, one.number):
            first, second = INSPECTORS[number % 4], INSPECTORS[(number + 1) % 4]
            pairs[visit.id] = f"{place}检查员{first}", f"{place}检查员{second}"
    return pairs


def _issue(engine: Engine, settings: Settings, period: str, *, papers: bool) -> None:
    """One month as its people would do it; frozen once, for nothing comes between their steps."""
    now = _instant(month.issue_of(settings, period).released_on)
    preparer, signer = (actor_of(engine, name, now) for name in ("publisher", "signer"))
    edition = month.frozen(engine, settings, period)
    prepare(engine, edition, settings.editions, month.bounds_of(settings), by=preparer, now=now)
    with writing(engine) as session:
        acts.approve_edition(session, period, 0, edition.digest, by=signer, now=now)
    renderers = month.renderers(settings, now, papers=papers)
    publish(engine, edition, settings.data, renderers, by=preparer, now=now)


def _file(one: DemoInstitution, ids: dict[int, str], organs: dict[str, str]) -> CreditFile:
    facts = msgspec.structs.replace(one.facts, institution=ids[one.number])
    if facts.licences:
        term = msgspec.structs.replace(facts.licences[-1], number=one.licence_no)
        facts = msgspec.structs.replace(facts, licences=(*facts.licences[:-1], term))
    since = facts.opened_on
    names = [NameRecord(kind="legal", text=one.name, since=since)]
    if one.branch:
        names.append(NameRecord(kind="branch", text=one.branch, since=since))
    if one.former_name and since:
        turn = since + timedelta(days=365)
        names = [
            NameRecord(kind="legal", text=one.former_name, since=since, until=turn),
            NameRecord(kind="legal", text=one.name, since=turn + timedelta(days=1)),
            *names[1:],
        ]
    return CreditFile(
        institution=ids[one.number],
        name=one.name,
        names=tuple(names),
        jurisdiction=one.jurisdiction,
        code=one.code,
        licence_no=one.licence_no,
        addresses=(one.address,),
        legal_representative=one.legal_representative if one.code else "",
        organ=organs.get(one.jurisdiction, ""),
        facts=facts,
        predecessor=ids.get(one.predecessor, ""),
        contacts=one.contacts or UNSET,
        staff=one.staff or UNSET,
    )


def _periods() -> Iterator[str]:
    """The months whose editions count the ends of the months from the start to the cut-off."""
    day = START
    while day <= CUT_OFF:
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield f"{day:%Y-%m}"


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
