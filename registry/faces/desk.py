"""What a signed-in face is given by the composition root, and how it writes a page."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.connection import ASGIConnection
from msgspec import Struct
from sqlalchemy import Engine

from registry.accounts import Person, Vault, Visitor, account_of
from registry.alike import Words
from registry.calendar import Calendar
from registry.calling import Caller
from registry.checklists import Checklist
from registry.database import reading
from registry.errors import Problem
from registry.faces.gate import Gate
from registry.faces.published import Released
from registry.faces.sections import sections
from registry.faces.withdrawing import Withdrawing
from registry.sign_on import SignOn
from registry.watch import Watch
from scoring import Policy, in_force
from scoring.words import chinese, number, score_words

FOLDERS = [Path(__file__).parent.parent / name for name in ("faces", "inspector", "portal")]
COOKIE = "xinyong"
HOST_COOKIE = f"__Host-{COOKIE}"  # under https no other host of the domain can set it
Visit = Request[Any, Any, Any]
Connection = ASGIConnection[Any, Any, Any, Any]


class Office(Struct, frozen=True, kw_only=True):
    """The city's register as its people use it; the clock is given, never read here.

    `uploads` is the folder of files under their digests, `paper` sets HTML as a tagged PDF, `sign` signs
    bytes with the bureau's key, `released` knows the editions, `gate` makes and signs them, `withdrawing` takes
    entries back, `watch` looks at the installation, `vault` seals the secrets of second factors, `draw_weight`
    is the weight of a grade in a random draw; all of them come from the
    composition root. `words` tell no institution from another and
    are left out when duplicates are looked for.
    """

    engine: Engine
    policies: tuple[Policy, ...]
    calendar: Calendar
    prefix: str
    organ: str
    fictional: bool
    now: Callable[[], datetime]
    uploads: Path
    paper: Callable[[str], bytes]
    sign: Callable[[bytes], bytes]
    released: Released
    gate: Gate
    withdrawing: Withdrawing
    watch: Callable[[], Watch]
    vault: Vault
    checklists: tuple[Checklist, ...] = ()
    draw_weight: Callable[[str], int] = lambda _: 1
    words: Words = Words()
    sign_on: SignOn | None = None
    caller: Caller | None = None

    def policy(self, on: date) -> Policy:
        """The policy in force on a day."""
        return in_force(self.policies, on)

    def later_policies(self, on: date) -> tuple[Policy, ...]:
        """The versions that begin after a day, in the order of their first days."""
        return tuple(sorted((p for p in self.policies if p.since > on), key=lambda p: p.since))


class Kept(Struct, frozen=True, kw_only=True):
    """What had been typed when a session ended; `lost` says that files have to be chosen again."""

    pairs: tuple[tuple[str, str], ...] = ()
    lost: bool = False


class SignInNeeded(Exception):
    """Nobody is signed in, or the session is over; `kept` is what had been typed."""

    def __init__(self, path: str, kept: Kept) -> None:
        again = "文件要重新选择。" if kept.lost else ""
        typed = f"登录已过期，您填的内容还在，请重新登录。{again}"
        super().__init__(typed if kept.pairs or kept.lost else "请先登录。")
        self.path, self.kept = path, kept


class StageNeeded(Exception):
    """The person has to set a password, show a second factor, or set one up before anything else."""

    def __init__(self, person: Person, path: str, kept: Kept) -> None:
        super().__init__("登录还没有完成。请先完成登录的下一步。")
        self.person, self.path, self.kept = person, path, kept


class WrongFace(Exception):
    """The person is signed in, but has no business here."""


def office_of(connection: Connection) -> Office:
    """The register behind this request."""
    office: Office = connection.app.state.office
    return office


def cookie_of(connection: Connection) -> str:
    """The name of the session's cookie."""
    return HOST_COOKIE if connection.url.scheme == "https" else COOKIE


def token_of(connection: Connection) -> str:
    """The session's token as the browser sends it."""
    return connection.cookies.get(cookie_of(connection), "")


def visitor_of(connection: Connection) -> Visitor:
    """Where a request comes from; a proxy's word for it is taken only where the server trusts the proxy."""
    address = connection.client.host if connection.client else ""
    return Visitor(address=address, device=connection.headers.get("User-Agent", ""))


def person_of(request: Visit) -> Person:
    """Who came through the door; what they had typed is kept there."""
    person: Person = request.state.person
    return person


def may_be(request: Visit) -> Person | None:
    """Who is signed in, if anybody, where nobody needs to be."""
    office = office_of(request)
    with reading(office.engine) as session:
        return account_of(session, token_of(request), office.now(), lenient=office.fictional)


def up_from(request: Visit) -> str:
    """The relative way from the page asked for to the site's root, wherever that is mounted."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    return "../" * (raw.split(b"?")[0].count(b"/") - 1) or "./"


@cache
def environment() -> Environment:
    """The faces' templates; everything a template shows is escaped."""
    made = Environment(
        loader=FileSystemLoader(FOLDERS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    made.globals |= {
        "chinese": chinese,
        "number": number,
        "score_words": score_words,
        "here": "",
        "person": None,
        "sections": sections,
    }
    return made


def page(request: Visit, template: str, status: int = 200, **values: Any) -> Response[Any]:
    """A page that nobody may keep: it is about persons and is true only now."""
    office = office_of(request)
    common = {
        "up": up_from(request),
        "organ": office.organ,
        "fictional": office.fictional,
        "today": office.now().date(),
        "local": lambda at: f"{at.astimezone(office.now().tzinfo):%Y-%m-%d %H:%M:%S}",
        "zone": office.now().tzinfo,
    }
    text = environment().get_template(template).render(**common, **values)
    headers = {"Cache-Control": "no-store"}
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)


def moment(office: Office, instant: datetime) -> str:
    """An instant in the city's time, to the minute."""
    return f"{instant.astimezone(office.now().tzinfo):%Y-%m-%d %H:%M}"


def by_field(problems: tuple[Problem, ...]) -> dict[str, str]:
    """The sentence of each wrong field."""
    found: dict[str, str] = {}
    for one in problems:
        found.setdefault(one.field, one.sentence)
    return found
