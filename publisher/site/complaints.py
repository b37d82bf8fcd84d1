"""Complaints from the public: a form, a receipt, and where it stands; the register lies behind what is given."""

import hmac
import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any
from unicodedata import normalize
from urllib.parse import urlsplit

import msgspec
from anyio import to_thread
from litestar import Response, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import FormMultiDict
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from publisher.pages import render
from publisher.site.answers import Site, Visit, answer, common, store_of
from publisher.site.search.codes import by_number
from publisher.site.search.index import index_of
from publisher.site.store import OpenEdition

KINDS = {"complaint": "投诉或者举报", "correction": "公示内容有错"}
UNREGISTERED = "unregistered"
# A person needs longer than this to write, and a page left open longer than that is asked for again.
SOONEST, LATEST = 4, 6 * 3600
REMEMBERED = 20_000
LONGEST = {"institution": 60, "text": 4000, "contact": 200}
# Line ends of spreadsheets and word processors, which are none on the web, and the two signs that browsers send for one.
_BREAKS = re.compile("\r\n|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
NO_STORE = {"Cache-Control": "no-store"}


class Complaint(Struct, frozen=True, kw_only=True):
    """What somebody hands in: about an institution, or about somebody at a door whom the lists do not hold."""

    kind: str
    institution: str = ""
    jurisdiction: str = ""
    named: str = ""
    address: str = ""
    text: str
    contact: str


class Receipt(Struct, frozen=True, kw_only=True):
    """The number of what was handed in, the secret to ask with, and until when somebody sees to it."""

    number: str
    secret: str
    due_on: date | None


class Stage(Struct, frozen=True, kw_only=True):
    """One step of its course, as whoever handed it in may know it."""

    on: date
    word: str
    said: str


class Course(Struct, frozen=True, kw_only=True):
    """Where it stands."""

    number: str
    state: str
    due_on: date | None
    stages: tuple[Stage, ...]


class NotTaken(Exception):
    """It cannot be taken in as it is; `field` is empty where no field is to blame."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


class Counter(Struct, kw_only=True):
    """Where complaints are handed in: what takes them, what tells of them, the clock, and the key of the forms."""

    take: Callable[[Complaint], Receipt]
    course: Callable[[str, str], Course | None]
    now: Callable[[], datetime]
    key: bytes
    used: OrderedDict[str, None] = msgspec.field(default_factory=OrderedDict)

    def ticket(self) -> str:
        """What a form carries: when it was given out, signed, so that no node has to remember it."""
        body = f"{int(self.now().timestamp())}.{token_hex(8)}"
        return f"{body}.{self._sign(body)}"

    def check(self, ticket: str) -> str:
        """What is wrong with a form's ticket, in a sentence; empty when it may be taken, which uses it up."""
        given, _, rest = ticket.partition(".")
        nonce, _, signature = rest.partition(".")
        right = self._sign(f"{given}.{nonce}")
        if not given.isdecimal() or not hmac.compare_digest(right.encode(), signature.encode()):
            return "表单不完整。内容还在，请再提交一次。"
        age = self.now().timestamp() - int(given[:12])
        if age < SOONEST:
            return "提交得太快了。内容还在，请等几秒再提交一次。"
        if age > LATEST:
            return "表单打开得太久了。内容还在，请再提交一次。"
        if nonce in self.used:
            return "这一份已经提交过了，不必再提交。要另外投诉的，请重新打开本页。"
        self.used[nonce] = None
        if len(self.used) > REMEMBERED:
            self.used.popitem(last=False)
        return ""

    def give_back(self, ticket: str) -> None:
        """The ticket may be used again: nothing was taken in with it."""
        self.used.pop(ticket.split(".")[1], None)

    def _sign(self, body: str) -> str:
        return hmac.new(self.key, body.encode(), sha256).hexdigest()[:32]


def own_page(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: what another site's page sends in a visitor's name is refused."""
    headers = connection.headers
    site, origin = headers.get("Sec-Fetch-Site", "same-origin"), headers.get("Origin", "")
    here: Site = connection.app.state.site
    hosts = {headers.get("Host", ""), urlsplit(here.address).netloc}
    own = {"", *(f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts)}
    if site not in ("same-origin", "none") or origin not in own:
        raise PermissionDeniedException("请从本站的页面提交。")


def counter_of(request: Visit) -> Counter | None:
    """Where complaints are handed in here; None on a node without the register."""
    return getattr(request.app.state, "counter", None)


@get("/report", sync_to_thread=False)
def report(request: Visit) -> Response[Any]:
    """Whom to turn to, and the form where the register is at hand."""
    id = request.query_params.get("i", "")[:20]
    counter = counter_of(request)
    if counter is None:
        edition = store_of(request).current()
        return answer(
            request,
            lambda values: _text(request, values, name_of(edition, id), {"institution": id}),
        )
    return _page(request, {"institution": id, "kind": "complaint"}, {})


@post("/report", guards=[own_page])
async def hand_in(request: Visit) -> Response[Any]:
    """Takes a complaint in and gives its receipt; whatever is wrong with it, nothing typed is lost."""
    counter = counter_of(request)
    if counter is None:
        raise HTTPException(
            "这个网站不接收投诉。请按本页所写，找机构所在区域的主管部门。", status_code=404
        )
    form = await request.form()
    filled = typed_in(form, (*LONGEST, "kind"))
    edition = store_of(request).current()
    filled["institution"] = _meant(edition, filled["institution"])
    name = name_of(edition, filled["institution"])
    taken = await handed_in(counter, form, filled, faults(filled, bool(name)))
    if isinstance(taken, dict):
        return _page(request, filled, taken, 422)
    return answered(request, "taken.html", 201, taken=taken, name=name)


def typed_in(form: FormMultiDict, fields: Iterable[str]) -> dict[str, str]:
    """What was typed, without what an office program leaves between lines when it is pasted."""
    return {one: _BREAKS.sub("\n", str(form.get(one, ""))).strip() for one in fields}


def name_of(edition: OpenEdition, institution: str) -> str:
    """What an institution is called, though its entry was withdrawn; empty where the edition does not know it."""
    if name := edition.name_of(institution):
        return name
    removal = edition.withdrawn(institution)
    return removal.name if removal else ""


def _meant(edition: OpenEdition, typed: str) -> str:
    """The number of whoever is meant: by a number as phones write it, or by a whole name that one alone bears."""
    if not typed or name_of(edition, typed):
        return typed
    numbers, guessed = by_number(index_of(edition), typed)
    query = (
        "SELECT id FROM institution WHERE number IN (SELECT value FROM json_each(?)) OR name = ?"
    )
    told = json.dumps([] if guessed else numbers)
    found = edition.lookup.execute(query, (told, typed)).fetchall()
    return found[0][0] if len(found) == 1 else "".join(normalize("NFKC", typed).upper().split())


async def handed_in(
    counter: Counter, form: FormMultiDict, filled: dict[str, str], problems: dict[str, str]
) -> Receipt | dict[str, str]:
    """The receipt of what was filled in; else everything that is wrong with it, by field."""
    if str(form.get("website", "")):
        problems = {**problems, "website": "这一格请空着。"}
    if not problems and (wrong := counter.check(str(form.get("ticket", "")))):
        problems = {"ticket": wrong}
    if problems:
        return problems
    try:
        return await to_thread.run_sync(counter.take, Complaint(**filled))
    except NotTaken as refused:
        counter.give_back(str(form["ticket"]))
        return {refused.field or "ticket": str(refused)}


@get("/receipt", sync_to_thread=False)
def receipt(request: Visit) -> Response[Any]:
    """Where to ask how far a complaint has come."""
    return _asked(request, "", None, "")


@post("/receipt", guards=[own_page])
async def course(request: Visit) -> Response[Any]:
    """How far a complaint has come, for whoever has its number and its secret."""
    counter = counter_of(request)
    form = await request.form()
    said = {one: normalize("NFKC", str(form.get(one, ""))).upper() for one in ("number", "secret")}
    number = "".join(said["number"].split())[:40]
    secret = "".join(said["secret"].split()).replace("-", "")[:40]
    found = await to_thread.run_sync(counter.course, number, secret) if counter else None
    wrong = "" if found else "没有这个回执号，或者查询码不对。请对照回执，逐字再输入一次。"
    return _asked(request, number, found, wrong)


def _asked(request: Visit, number: str, found: Course | None, wrong: str) -> Response[Any]:
    status = 404 if wrong else 200
    is_open = counter_of(request) is not None
    return answered(
        request, "receipt.html", status, number=number, found=found, wrong=wrong, open=is_open
    )


def answered(request: Visit, template: str, status: int, **more: Any) -> Response[Any]:
    """A page that nobody keeps."""
    values = common(request)
    edition = store_of(request).current()
    text = render.page(
        template,
        **render.about(edition.manifest, edition.digest),
        **{**values, "here": "report"},
        sheets=f"{values['up']}static/",
        **more,
    )
    return Response(text, status_code=status, media_type="text/html", headers=NO_STORE)


def _text(
    request: Visit,
    values: dict[str, Any],
    name: str,
    filled: dict[str, str],
    problems: dict[str, str] | None = None,
) -> str:
    edition, counter = store_of(request).current(), counter_of(request)
    return render.page(
        "report.html",
        **render.about(edition.manifest, edition.digest),
        **{**values, "here": "report"},
        sheets=f"{values['up']}static/",
        open=counter is not None,
        ticket=counter.ticket() if counter else "",
        filled={"institution": "", "text": "", "contact": "", "kind": "complaint", **filled},
        name=name,
        problems=problems or {},
        kinds=KINDS,
    )


def _page(
    request: Visit, filled: dict[str, str], problems: dict[str, str], status: int = 200
) -> Response[Any]:
    name = name_of(store_of(request).current(), filled.get("institution", ""))
    text = _text(request, common(request), name, filled, problems)
    return Response(text, status_code=status, media_type="text/html", headers=NO_STORE)


def too_long(filled: dict[str, str], longest: dict[str, int]) -> dict[str, str]:
    """The fields that hold more than they may."""
    return {
        field: f"太长了，最多 {most} 个字，现在是 {len(filled[field])} 个。"
        for field, most in longest.items()
        if len(filled[field]) > most
    }


def faults(filled: dict[str, str], is_known: bool) -> dict[str, str]:
    """What is wrong with a form, by field, all at once."""
    found = {}
    if not filled["institution"]:
        found["institution"] = "请写机构编号，机构页和门口公示牌上都有。"
    elif not is_known:
        found["institution"] = (
            f"现行名单里没有编号“{filled['institution']}”。请查编号；没有登记的机构，请用“举报没有登记的机构”。"
        )
    if len(filled["text"]) < 10:
        found["text"] = "请写清时间、经过和要求，至少十个字。"
    found |= too_long(filled, LONGEST)
    if filled["kind"] not in KINDS:
        found["kind"] = "请选一项：投诉，或者公示内容有错。"
    return found
