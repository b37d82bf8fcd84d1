"""Withdrawals at the desk: what is owed, what is asked for, the second person's word, and how far it is."""

from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from msgspec import Struct

from registry import queries
from registry.access import allowed
from registry.accounts import Person, account_row, accounts
from registry.acts import Ground, ask_withdrawal, decline_withdrawal
from registry.database import reading, writing
from registry.errors import Conflict, FormRefused, NotFound, Problem, read_form
from registry.faces.desk import Office, Visit, by_field, office_of, page, person_of, up_from
from registry.faces.mistakes import for_program
from registry.faces.session import Typed
from registry.faces.withdrawing import Preview, Printed
from registry.forms import DeclineForm, WithdrawalRequestForm
from registry.identity import read_institution_id
from registry.inspector.board import Due, dues
from registry.inspector.gate import CLOCK, wrong_code
from registry.queries import WithdrawalRequestLine
from registry.queries.matters import ALL

STATES = {
    "asked": "等人同意",
    "confirmed": "正在撤下",
    "done": "已撤回",
    "declined": "不同意，没有撤回",
}
# The usual grounds in words that may stand in public; anything else is written.
REASONS = (
    "原处罚决定已被依法撤销",
    "原列入决定已被依法撤销",
    "异议成立，原记录已撤销",
    "登记有误，原记录已更正",
    "公示期满，停止公示",
)
WATCH = {"needs": "watch_editions"}
ONE = {"needs": "watch_editions", "reach": {"id": "nothing"}}
ASK = {"needs": "ask_withdrawal", "reach": {"institution": "institution"}}
AGREE = {"needs": "confirm_withdrawal", "reach": {"id": "nothing"}}
TICK = "edition-"  # and an edition's name: one that is to be withdrawn from


class Tried(NamedTuple):
    """A form that comes back with its mistakes."""

    values: dict[str, str]
    problems: dict[str, str]
    editions: tuple[str, ...] = ()


class Standing(Struct, frozen=True, kw_only=True):
    """How far a withdrawal is, for programs: per edition whether it still shows the entry."""

    id: int
    institution: str
    state: str
    editions: dict[str, bool]
    note: str


@get("/desk/withdrawals", opt=WATCH, sync_to_thread=True)
def withdrawals(request: Visit) -> Response[Any]:
    """What is owed and until when, what is under way, what the day's run will do, what is done."""
    person, office = person_of(request), office_of(request)
    now = office.now()
    with reading(office.engine) as session:
        rows = queries.withdrawal_requests(session)
        names = CLOCK | {one.account: one.name for one in accounts(session, now)}
    return page(
        request,
        "withdrawals.html",
        person=person,
        here="withdrawals",
        owed=_owed(office, person),
        ended=office.withdrawing.ended(now),
        under_way=[one for one in rows if one.state in ("asked", "confirmed")],
        past=[one for one in rows if one.state not in ("asked", "confirmed")][:12],
        names=names,
        states=STATES,
        may_ask=_may(person, "ask_withdrawal"),
    )


@get("/desk/withdrawals/new", opt=ASK, sync_to_thread=True)
def new(request: Visit) -> Response[Any]:
    """The form for one institution: which editions print it, and what they print."""
    typed = request.query_params.get("institution", "")
    return _form(request, typed)


@post("/desk/withdrawals", opt=ASK, sync_to_thread=True)
def ask(request: Visit, data: Typed) -> Response[Any]:
    """Puts a withdrawal before the second person; with mistakes the form comes back with all of them."""
    person, office = person_of(request), office_of(request)
    editions = tuple(key.removeprefix(TICK) for key in data if key.startswith(TICK))
    try:
        id = _asked(office, person, data, editions)
    except FormRefused as refused:
        if for_program(request):
            raise
        tried = Tried(data, by_field(refused.problems), editions)
        return _form(request, data.get("institution", ""), tried)
    return Redirect(f"{up_from(request)}desk/withdrawals/{id}/", status_code=303)


@get("/desk/withdrawals/{id:int}", opt=ONE, sync_to_thread=True)
def withdrawal(request: Visit, id: int) -> Response[Any]:
    """One withdrawal: what it would leave, who agrees, and how far it is."""
    return _sheet(request, id)


@get("/desk/withdrawals/{id:int}/progress.json", opt=ONE, sync_to_thread=True)
def progress(request: Visit, id: int) -> Standing:
    """How far it is, for programs."""
    office, line = office_of(request), _line(request, id)
    left = office.withdrawing.showing(line)
    return Standing(
        id=id,
        institution=line.institution,
        state=line.state,
        editions={name: name in left for name in line.editions},
        note=line.note,
    )


@post("/desk/withdrawals/{id:int}/confirm", opt=AGREE, sync_to_thread=True)
def confirm(request: Visit, id: int, data: Typed) -> Response[Any]:
    """Agrees to exactly what was shown, with a fresh second factor; once agreed to it only goes on."""
    person, office, line = person_of(request), office_of(request), _line(request, id)
    if line.state == "asked":
        problems = _wrong(request, person, line, data)
        if problems and for_program(request):
            raise FormRefused(problems)
        if problems:
            said = {one.field: one.remedy for one in problems}
            return _sheet(request, id, Tried(data, said))
    try:
        office.withdrawing.confirm(id, data.get("seen", ""), person.actor, office.now())
    except Conflict as refused:
        if for_program(request):
            raise
        return _sheet(request, id, Tried({}, {"seen": str(refused)}), status=409)
    return Redirect(f"{up_from(request)}desk/withdrawals/{id}/", status_code=303)


@post("/desk/withdrawals/{id:int}/decline", opt=AGREE, sync_to_thread=True)
def decline(request: Visit, id: int, data: Typed) -> Response[Any]:
    """Does not agree, with a reason; whoever asked may take it back so."""
    person, office = person_of(request), office_of(request)
    _line(request, id)
    try:
        form = read_form(DeclineForm, {"reason": data.get("reason", "")})
        with writing(office.engine) as session:
            decline_withdrawal(session, id, form, by=person.actor, now=office.now())
    except FormRefused as refused:
        if for_program(request):
            raise
        return _sheet(request, id, Tried(data, by_field(refused.problems)))
    return Redirect(f"{up_from(request)}desk/withdrawals/{id}/", status_code=303)


WITHDRAWAL_ROUTES: list[HTTPRouteHandler] = [
    withdrawals,
    new,
    ask,
    withdrawal,
    progress,
    confirm,
    decline,
]


def _may(person: Person, act: str) -> bool:
    return allowed(person.role, act) and not person.places


def _owed(office: Office, person: Person) -> list[Due]:
    """The duties to withdraw, and upheld objections whose record is still to be undone, those due first."""
    with reading(office.engine) as session:
        lines = queries.matters(
            session,
            kinds=("withdrawal", "objection"),
            jurisdictions=person.places,
            open_only=True,
            limit=ALL,
        )
    wanted = [one for one in lines if one.kind == "withdrawal" or one.state == "upheld"]
    return dues(wanted, person.role, office.now().date(), office.calendar)


def _asked(
    office: Office, person: Person, values: dict[str, str], editions: tuple[str, ...]
) -> int:
    """The request's number; raises FormRefused with everything that is wrong at once."""
    now = office.now()
    typed = values.get("institution", "").strip()
    said: dict[str, Any] = {
        "institution": read_institution_id(office.prefix, typed) or typed,
        "editions": editions,
        "reason": values.get("own_reason", "").strip() or values.get("reason", ""),
        "document_no": values.get("document_no", ""),
        "organ": values.get("organ", ""),
    }
    found: list[Problem] = []
    try:
        form = read_form(WithdrawalRequestForm, said)
    except FormRefused as refused:
        # What can be read of the rest is looked at too, so that all is told at once.
        found += refused.problems
        form = WithdrawalRequestForm.model_construct(**said)
    known = {one.field for one in found}
    found += [one for one in office.withdrawing.problems(form, now) if one.field not in known]
    if found:
        raise FormRefused(found)
    with writing(office.engine) as session:
        ground = Ground(seen="")
        return ask_withdrawal(session, form, ground, by=person.actor, now=now)


def _wrong(
    request: Visit, person: Person, line: WithdrawalRequestLine, data: dict[str, str]
) -> list[Problem]:
    """Why this person cannot agree to this now; the code is looked at last, for looking uses it up."""
    preview = office_of(request).withdrawing.preview(line, office_of(request).now())
    if _is_own(person, line, preview):
        said = "由您本人呈请，所撤的记录又没有由别人撤销，不能由您同意。请由另一人核对后同意"
        return [_needed("seen", said)]
    if data.get("seen") != preview.seen:
        return [_needed("seen", "在您查看之后有变动，没有撤回。请重新核对下面的内容")]
    if not data.get("checked"):
        return [_needed("checked", "请逐版核对，核对完在这里打钩")]
    return [_needed(key, said) for key, said in wrong_code(request, person, data).items()]


def _needed(field: str, remedy: str) -> Problem:
    return Problem(field=field, label="“同意撤回”", value="", remedy=remedy)


def _is_own(person: Person, line: WithdrawalRequestLine, preview: Preview) -> bool:
    ground = Ground(seen=preview.seen, undone_by=preview.undone_by)
    return line.recorded_by == person.account and ground.needs_another(person.account)


def _line(request: Visit, id: int) -> WithdrawalRequestLine:
    office = office_of(request)
    with reading(office.engine) as session:
        rows = queries.withdrawal_requests(session, id=id)
    if not rows:
        raise NotFound("撤回", str(id))
    return rows[0]


def _form(request: Visit, typed: str, tried: Tried | None = None) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    now = office.now()
    id = read_institution_id(office.prefix, typed) or typed.strip()
    name, printed = "", tuple[Printed, ...]()
    problems = dict(tried.problems) if tried else {}
    try:
        with reading(office.engine) as session:
            name = queries.credit_file(session, id, now.date()).name
        printed = office.withdrawing.printed(id, now)
    except NotFound as wrong:
        problems.setdefault("institution", str(wrong))
    chosen = tried.editions if tried else tuple(one.edition for one in printed if one.undone)
    return page(
        request,
        "withdrawal_new.html",
        status=422 if problems else 200,
        person=person,
        here="withdrawals",
        id=id,
        name=name,
        printed=printed,
        chosen=chosen,
        reasons=REASONS,
        values=tried.values if tried else {"organ": office.organ},
        problems=problems,
    )


def _sheet(request: Visit, id: int, tried: Tried | None = None, status: int = 422) -> Response[Any]:
    person, office, line = person_of(request), office_of(request), _line(request, id)
    now = office.now()
    preview = office.withdrawing.preview(line, now)
    left = office.withdrawing.showing(line) if line.state in ("confirmed", "done") else ()
    with reading(office.engine) as session:
        needs_code = bool(account_row(session, person.account).totp_secret) or not office.fictional
        names = CLOCK | {one.account: one.name for one in accounts(session, now)}
    done = len(line.editions) - len(left)
    passed = (now - line.confirmed_at).total_seconds() if line.confirmed_at else 0.0
    return page(
        request,
        "withdrawal.html",
        status=status if tried else 200,
        person=person,
        here="withdrawals",
        line=line,
        preview=preview,
        left=left,
        done=done,
        minutes=round(passed / done * len(left) / 60 + 0.5) if done else 0,
        names=names,
        states=STATES,
        own=_is_own(person, line, preview),
        needs_code=needs_code,
        may_agree=_may(person, "confirm_withdrawal"),
        values=tried.values if tried else {},
        problems=tried.problems if tried else {},
    )
