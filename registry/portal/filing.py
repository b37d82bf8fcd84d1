"""Handing in: a reply, a statement and defence with evidence, an objection, taking a request back."""

from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from sqlmodel import Session

from registry import acts, queries
from registry.accounts import Person
from registry.acts import Filed
from registry.database import reading, writing
from registry.errors import FormRefused, NotFound, StepRefused, read_form
from registry.faces.desk import Office, Visit, by_field, office_of, page, person_of, up_from
from registry.faces.filled import SENT, Sent, taken
from registry.forms import DefenceSheet, ObjectionSheet, ReplyForm, StepForm
from registry.portal.own import FILINGS, title_of
from registry.portal.rights import STEPS, may
from registry.queries import ShownMatter
from registry.queries.receipts import receipts
from registry.uploads import WHOLE


@get(
    "/my/matters/{id:str}/{what:str}",
    opt={"reach": {"id": "nothing", "what": "nothing"}},
    sync_to_thread=False,
)
def filing_form(request: Visit, id: str, what: str) -> Response[Any]:
    """The empty form; a reply in force comes with its text, to be replaced."""
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        matter = _matter(session, office, person, id, what)
        said = queries.replies_of(session, person.institution, id)
    before = [one.text for one in said if one.kind == "reply"] if what == "reply" else []
    values = {"draft": uuid4().hex, "text": before[-1] if before else ""}
    return _form(request, person, matter, what, values, ())


@post(
    "/my/matters/{id:str}/{what:str}",
    opt={"reach": {"id": "nothing", "what": "nothing"}},
    dependencies=SENT,
    request_max_body_size=WHOLE,
    sync_to_thread=True,
)
def file_it(request: Visit, id: str, what: str, sent: NamedDependency[Sent]) -> Response[Any]:
    """Records it with its proof of receipt; a form with mistakes comes back whole, its files kept."""
    person, office = person_of(request), office_of(request)
    values = sent.values
    with reading(office.engine) as session:
        matter = _matter(session, office, person, id, what)
    problems: dict[str, str] = {}
    try:
        receive(office, person, values, sent.files)
    except FormRefused as refused:
        problems |= by_field(refused.problems)
    with reading(office.engine) as session:
        files = kept(session, person, values)
    if values.get("act") == "add" or problems:
        return _form(request, person, matter, what, values, files, problems)
    try:
        with writing(office.engine) as session:
            subject = _record(session, office, person, what, id, values, files)
            seq = receipts(session, person.institution, subject)[0].seq
    except FormRefused as refused:
        problems = by_field(refused.problems)
        return _form(request, person, matter, what, values, files, problems)
    return Redirect(f"{up_from(request)}my/receipts/{seq}/", status_code=303)


FILING_ROUTES: list[HTTPRouteHandler] = [filing_form, file_it]


def receive(
    office: Office, person: Person, values: dict[str, str], files: tuple[tuple[str, bytes], ...]
) -> None:
    """Keeps the files of a form that is still being written; raises FormRefused for the first bad one."""
    for file in files:
        filed = taken(office, file)
        with writing(office.engine) as session:
            acts.keep_draft(
                session,
                person.institution,
                values.get("draft", ""),
                filed,
                by=person.actor,
                now=office.now(),
            )


def kept(session: Session, person: Person, values: dict[str, str]) -> tuple[Filed, ...]:
    """The files of the draft but those taken out again."""
    out = set(values.get("out", "").split())
    if drop := values.get("drop"):
        out.add(drop)
        values["out"] = " ".join(sorted(out))
        values["act"] = "add"
    found = acts.drafted(session, person.institution, values.get("draft", ""))
    return tuple(one for one in found if one.sha256 not in out)


def _matter(session: Session, office: Office, person: Person, id: str, what: str) -> ShownMatter:
    matter = queries.shown_matter(session, person.institution, id)
    if what not in FILINGS:
        raise NotFound("页面", what)
    if not may(matter, what, office.now().date()):
        raise StepRefused(
            f"{matter.kind_name}“{id}”现在是“{matter.state_name}”，不能{FILINGS[what]}。"
            "请回到这件事项，看现在可以办什么。"
        )
    return matter


def _record(  # noqa: PLR0913 what is recorded, by whom, about what
    session: Session,
    office: Office,
    person: Person,
    what: str,
    id: str,
    values: dict[str, str],
    files: tuple[Filed, ...],
) -> str:
    """Does the act; gives the matter under which its receipt stands."""
    by, now = person.actor, office.now()
    typed = {"about": id, "on": now.date(), "text": values.get("text", "")}
    if what == "defence":
        acts.defend(session, read_form(DefenceSheet, typed), files, by=by, now=now)
    elif what == "objection":
        sheet = read_form(ObjectionSheet, typed)
        return acts.object_to(session, sheet, files, by=by, now=now, calendar=office.calendar)
    elif what in STEPS:
        step = read_form(StepForm, {"on": now.date(), "reason": values.get("text", "")})
        acts.take_step(session, id, STEPS[what], step, by=by, now=now, calendar=office.calendar)
    elif values.get("act") == "withdraw":
        acts.withdraw_reply(session, id, by=by, now=now)
    else:
        acts.reply_to(session, read_form(ReplyForm, typed), by=by, now=now)
    return id


def _form(  # noqa: PLR0913 what a form that comes back holds
    request: Visit,
    person: Person,
    matter: ShownMatter,
    what: str,
    values: dict[str, str],
    files: tuple[Filed, ...],
    problems: dict[str, str] | None = None,
) -> Response[Any]:
    office = office_of(request)
    with reading(office.engine) as session:
        said = queries.replies_of(session, person.institution, matter.id)
    wrong = dict(problems or {})
    if "reason" in wrong:
        wrong["text"] = wrong.pop("reason")
    return page(
        request,
        "my_filing.html",
        status=422 if wrong else 200,
        here="matters",
        person=person,
        matter=matter,
        title=title_of(matter, office.policy(office.now().date())),
        what=what,
        word=FILINGS[what],
        values={"draft": "", "out": "", "text": "", **values},
        files=files,
        problems=wrong,
        replied=any(one.kind == "reply" for one in said),
    )
