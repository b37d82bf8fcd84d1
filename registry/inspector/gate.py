"""The gate at the desk: editions under way, what each changes, and the second person's signature."""

from datetime import date
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from msgspec import Struct

from registry import queries
from registry.access import allowed
from registry.accounts import Person, account_row, accounts, check_second
from registry.acts import accept_violation, return_edition
from registry.acts.white_losses import said_unheard
from registry.database import reading, writing
from registry.drafts import LISTS, Draft, DraftLine
from registry.errors import Conflict, FormRefused, NotFound, read_form
from registry.faces.desk import Visit, by_field, office_of, page, person_of, up_from, visitor_of
from registry.faces.gate import Doubted
from registry.faces.session import Typed
from registry.forms import AcceptanceForm, ReturnForm
from registry.queries import AcceptanceLine, EditionLine
from registry.queries.white_losses import GONE, LossLine, losses_in, unheard

STATES = {
    "prepared": "待签字",
    "approved": "已签字",
    "released": "已发布",
    "returned": "已退回拟稿人",
    "lapsed": "已失效，要重新拟制",
    "replaced": "已由后一版代替",
}
UNDER_WAY = ("prepared", "approved", "returned", "lapsed")
SHOWN = 12
# Beyond this many lines a list is ticked as one: nobody reads five hundred ticks.
TICKED = 200
SIGNS = {
    "added": ("add", "+", "列入 "),
    "removed": ("del", "−", "移出 "),
    "changed": ("mod", "Δ", "变更 "),
}
WATCH = {"needs": "watch_editions"}
ONE = {"needs": "watch_editions", "reach": {"name": "nothing"}}
CLOCK = {"schedule": "定时拟稿"}


class Sheet(Struct, frozen=True, kw_only=True):
    """One edition as the second person sees it."""

    row: EditionLine
    draft: Draft | None
    accepted: dict[str, AcceptanceLine]
    names: dict[str, str]
    losses: dict[str, LossLine]
    today: date

    @property
    def unheard(self) -> list[DraftLine]:
        """Who leaves the white list and has not been heard."""
        return unheard(self.draft, self.losses, self.today)

    def told(self, line: DraftLine) -> str:
        """Of a line, what was told of the loss of the white list; empty where nothing is lost."""
        loss = self.losses.get(line.institution)
        if line.before == GONE:
            return loss.said(self.today) if loss is not None and loss.state != "removed" else ""
        if (line.list, line.kind) != ("white", "removed") or not line.after:
            return ""
        # An earlier loss, which is over, says nothing of one that is still to come.
        if loss is not None and (loss.state != "removed" or self.row.state == "released"):
            return loss.said(self.today)
        listed = line.after.split(" ")[0] in ("black", "watch")
        return "在名单案件里已经告知并听取。" if listed else "还没有告知。"

    @property
    def open(self) -> int:
        """How many violations nobody has let pass."""
        found = self.draft.violations if self.draft else ()
        return sum(one.digest not in self.accepted for one in found)

    def parts(self) -> list[tuple[str, str, list[DraftLine]]]:
        """The lines by list."""
        lines = self.draft.lines if self.draft else ()
        return [
            (key, word, [one for one in lines if one.list == key]) for key, word in LISTS.items()
        ]

    def ticks(self) -> list[str]:
        """What has to be ticked: every line, or a long list as a whole."""
        found = []
        for key, _, lines in self.parts():
            found += [f"list:{key}"] if len(lines) > TICKED else [one.key for one in lines]
        return found


class Tried(NamedTuple):
    """A form that comes back with its mistakes; `what` is the violation it was about."""

    values: dict[str, str]
    problems: dict[str, str]
    what: str = ""


@get("/desk/gate", opt=WATCH, sync_to_thread=False)
def editions(request: Visit) -> Response[Any]:
    """Editions under way, those that came out last, and the form to prepare one."""
    return _editions(request, person_of(request))


@post("/desk/gate", opt={"needs": "prepare_edition"}, sync_to_thread=True)
def prepare(request: Visit, data: Typed) -> Response[Any]:
    """Puts an edition before the second person; what nobody may let pass comes back with its remedies."""
    person, office = person_of(request), office_of(request)
    supplement = bool(data.get("supplement"))
    try:
        name = office.gate.prepare(
            data.get("period", "").strip(), supplement, person.actor, office.now()
        )
    except FormRefused as refused:
        return _editions(request, person, Tried(data, by_field(refused.problems)))
    except Doubted as doubted:
        return _editions(request, person, Tried(data, {}), doubted)
    return Redirect(f"{up_from(request)}desk/gate/{name}/", status_code=303)


@get("/desk/gate/{name:str}", opt=ONE, sync_to_thread=False)
def edition(request: Visit, name: str) -> Response[Any]:
    """One edition: what it changes line by line, what is doubted, and the signature."""
    return _sheet(request, person_of(request), name)


@get("/desk/gate/{name:str}/difference.json", opt=ONE, sync_to_thread=False)
def difference(request: Visit, name: str) -> Draft:
    """The same for programs."""
    person_of(request)
    sheet = _read(request, name)
    if sheet.draft is None:
        raise NotFound("版次的差别", name)
    return sheet.draft


@post(
    "/desk/gate/{name:str}/accept",
    opt={"needs": "accept_violation", "reach": {"name": "nothing"}},
    sync_to_thread=True,
)
def accept(request: Visit, name: str, data: Typed) -> Response[Any]:
    """Lets one violation pass, with a reason, in this person's name."""
    person, office = person_of(request), office_of(request)
    row = _read(request, name).row
    try:
        form = read_form(AcceptanceForm, data)
        with writing(office.engine) as session:
            accept_violation(
                session, row.period, row.number, form, by=person.actor, now=office.now()
            )
    except FormRefused as refused:
        tried = Tried(data, by_field(refused.problems), data.get("violation", ""))
        return _sheet(request, person, name, tried)
    return Redirect(f"{up_from(request)}desk/gate/{name}/", status_code=303)


@post(
    "/desk/gate/{name:str}/return",
    opt={"needs": "return_edition", "reach": {"name": "nothing"}},
    sync_to_thread=True,
)
def give_back(request: Visit, name: str, data: Typed) -> Response[Any]:
    """Sends the edition back to whoever prepared it."""
    person, office = person_of(request), office_of(request)
    row = _read(request, name).row
    try:
        form = read_form(ReturnForm, {"reason": data.get("reason", "")})
        with writing(office.engine) as session:
            return_edition(session, row.period, row.number, form, by=person.actor, now=office.now())
    except FormRefused as refused:
        return _sheet(request, person, name, Tried(data, by_field(refused.problems)))
    return Redirect(f"{up_from(request)}desk/gate/{name}/", status_code=303)


@post(
    "/desk/gate/{name:str}/sign",
    opt={"needs": "approve_edition", "reach": {"name": "nothing"}},
    sync_to_thread=True,
)
def sign(request: Visit, name: str, data: Typed) -> Response[Any]:
    """Signs exactly what was shown and ticked, with a fresh second factor."""
    person, office = person_of(request), office_of(request)
    sheet = _read(request, name)
    problems = _wrong(request, person, sheet, data)
    if problems:
        return _sheet(request, person, name, Tried(data, problems))
    try:
        office.gate.sign(
            name, data.get("digest", ""), person.actor, office.now(), data.get("unheard", "")
        )
    except Conflict as refused:
        return _sheet(request, person, name, Tried({}, {"digest": str(refused)}), status=409)
    return Redirect(f"{up_from(request)}desk/gate/{name}/", status_code=303)


GATE_ROUTES: list[HTTPRouteHandler] = [
    editions,
    prepare,
    edition,
    difference,
    accept,
    give_back,
    sign,
]


def _wrong(request: Visit, person: Person, sheet: Sheet, data: dict[str, str]) -> dict[str, str]:
    """Why this person cannot sign this now; the code is looked at last, for looking uses it up."""
    name = sheet.row.name
    if sheet.row.prepared_by == person.account:
        return {"digest": f"{name} 由您本人拟制，不能由您签字。请由另一人签字。"}
    if sheet.row.state != "prepared" or data.get("digest") != sheet.row.digest:
        return {"digest": f"{name} 在您查看之后有变动，没有签字。请重新核对下面的内容。"}
    if sheet.open:
        return {"digest": f"还有 {sheet.open} 项核对不通过，没有人放行，不能签字。"}
    if sheet.unheard and not data.get("unheard", "").strip():
        return {"unheard": f"{said_unheard([one.name for one in sheet.unheard])}。"}
    missing = [one for one in sheet.ticks() if not data.get(f"seen-{one}")]
    if missing:
        said = f"还有 {len(missing)} 条未核对，核对完才能签字。"
        return {f"seen-{missing[0]}": said}
    return wrong_code(request, person, data)


def wrong_code(request: Visit, person: Person, data: dict[str, str]) -> dict[str, str]:
    """What is wrong with the code typed beside a signature, if anything; looking uses the code up."""
    office = office_of(request)
    with writing(office.engine) as session:
        account = account_row(session, person.account)
        if not account.totp_secret and office.fictional:
            return {}
        if not account.totp_secret:
            return {"otp": "签字要用动态口令。请先在“我的账户”里开通两步验证。"}
        said = check_second(
            session,
            account,
            data.get("otp", ""),
            office.now(),
            visitor_of(request),
            vault=office.vault,
        )
    return {"otp": said} if said else {}


def _read(request: Visit, name: str) -> Sheet:
    office = office_of(request)
    with reading(office.engine) as session:
        rows = {one.name: one for one in queries.editions(session)}
        if name not in rows:
            raise NotFound("版次", name)
        row = rows[name]
        people = {one.account: one.name for one in accounts(session, office.now())}
        draft = queries.edition_draft(session, row.period, row.number)
        return Sheet(
            row=row,
            draft=draft,
            losses=losses_in(session, draft),
            today=office.now().date(),
            accepted=queries.acceptances(session, row.period, row.number),
            names=CLOCK | people,
        )


def _editions(
    request: Visit, person: Person, tried: Tried | None = None, doubted: Doubted | None = None
) -> Response[Any]:
    office = office_of(request)
    with reading(office.engine) as session:
        rows = queries.editions(session)
        people = {one.account: one.name for one in accounts(session, office.now())}
    return page(
        request,
        "gate.html",
        status=422 if tried else 200,
        person=person,
        here="gate",
        rows=[one for one in rows if one.state in UNDER_WAY],
        past=[one for one in rows if one.state not in UNDER_WAY][:SHOWN],
        names=CLOCK | people,
        states=STATES,
        labels={one.name: one.label for one in rows},
        moments={one.name: office.gate.moment(one.period) for one in rows if not one.number},
        may_prepare=allowed(person.role, "prepare_edition") and not person.places,
        wanted=office.gate.wanted(office.now()),
        values=tried.values if tried else {},
        problems=tried.problems if tried else {},
        violations=doubted.violations if doubted else (),
    )


def _sheet(
    request: Visit, person: Person, name: str, tried: Tried | None = None, status: int = 422
) -> Response[Any]:
    office = office_of(request)
    sheet = _read(request, name)
    row = sheet.row
    with reading(office.engine) as session:
        needs_code = bool(account_row(session, person.account).totp_secret) or not office.fictional
        owners = {one.id: one.name for one in queries.jurisdictions(session, office.now().date())}
    mine = row.prepared_by == person.account
    city = not person.places
    return page(
        request,
        "gate_sheet.html",
        status=status if tried else 200,
        person=person,
        here="gate",
        sheet=sheet,
        row=row,
        label=row.label,
        states=STATES,
        signs=SIGNS,
        ticked=TICKED,
        places=owners,
        moment=None if row.number else office.gate.moment(row.period),
        needs_code=needs_code,
        mine=mine,
        may_sign=allowed(person.role, "approve_edition") and city and not mine,
        may_accept=allowed(person.role, "accept_violation") and city and not mine,
        may_return=allowed(person.role, "return_edition") and city,
        may_prepare=allowed(person.role, "prepare_edition") and city,
        values=tried.values if tried else {},
        problems=tried.problems if tried else {},
        about=tried.what if tried else "",
    )
