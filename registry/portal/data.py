"""The institution's own data, and asking to have it changed."""

from contextlib import suppress
from decimal import Decimal
from typing import Any, get_args

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from registry import acts, queries
from registry.accounts import Person
from registry.database import reading, writing
from registry.errors import FormRefused, NotFound, read_form, refuse
from registry.faces.desk import Visit, by_field, office_of, page, person_of, up_from
from registry.faces.session import Typed
from registry.forms import ChangeKind, ChangeSheet
from registry.money import fen_of
from registry.numbers import row_number
from registry.queries.changes import FIELDS, KINDS, WORDS, label_of
from registry.queries.receipts import receipts

_DAYS = ("since", "until")
HINTS = {
    "text": "电话写上区号，如 0574-87654321；网站写完整的网址，以 https:// 或者 http:// 开头",
    "certificate": "17 位，照教师资格证填写；公示时隐去中间几位。不要填身份证号",
}


@get("/my/data", sync_to_thread=False)
def my_data(request: Visit) -> Response[Any]:
    """Everything the institution keeps up to date itself, and the changes that wait."""
    person, office = person_of(request), office_of(request)
    today = office.now().date()
    with reading(office.engine) as session:
        kinds = [
            (what, word, queries.own_rows(session, person.institution, what, today))
            for what, word in KINDS.items()
        ]
        waiting = queries.changes(session, institution=person.institution)
        file = queries.credit_file(session, person.institution, today)
    return page(
        request, "my_data.html", here="data", person=person, kinds=kinds, waiting=waiting, file=file
    )


@get("/my/data/{what:str}", opt={"reach": {"what": "nothing"}}, sync_to_thread=False)
def change_form(request: Visit, what: str) -> Response[Any]:
    """The form for one row, filled with what is there; empty for a new one."""
    person, office = person_of(request), office_of(request)
    kind = _kind(what)
    row = request.query_params.get("row", "")
    values: dict[str, str] = {}
    if row:
        with reading(office.engine) as session:
            found = queries.own_row(
                session, person.institution, kind, row_number(row), office.now().date()
            )
        values = {field: _typed(field, one) for field, one in found.values.items()}
    return _form(request, person, kind, {**values, "row": row})


@post("/my/data/{what:str}", opt={"reach": {"what": "nothing"}}, sync_to_thread=True)
def ask(request: Visit, what: str, data: Typed) -> Response[Any]:
    """Opens the change, with its receipt; a form with mistakes comes back whole."""
    person, office = person_of(request), office_of(request)
    kind, now = _kind(what), office.now()
    try:
        sheet = read_form(
            ChangeSheet,
            {
                "institution": person.institution,
                "on": now.date(),
                "what": kind,
                "row": data.get("row") or None,
                "reason": data.get("reason", ""),
            },
        )
        with writing(office.engine) as session:
            matter = acts.ask_change(
                session,
                sheet,
                _read(kind, data),
                by=person.actor,
                now=now,
                calendar=office.calendar,
            )
            seq = receipts(session, person.institution, matter)[0].seq
    except FormRefused as refused:
        return _form(request, person, kind, data, by_field(refused.problems))
    return Redirect(f"{up_from(request)}my/receipts/{seq}/", status_code=303)


DATA_ROUTES: list[HTTPRouteHandler] = [my_data, change_form, ask]


def _kind(what: str) -> ChangeKind:
    for one in get_args(ChangeKind):
        if one == what:
            kind: ChangeKind = one
            return kind
    raise NotFound("资料种类", what)


def _typed(field: str, value: Any) -> str:
    """A value as it stands in the form."""
    if field == "sum_fen":
        return f"{Decimal(value) / 100:f}"
    if field == "public":
        return "yes" if value else ""
    if field == "addresses":
        return "\n".join(value)
    return "" if value is None else str(value)


def _read(kind: ChangeKind, data: dict[str, str]) -> dict[str, object]:
    """What was typed as the form's fields; amounts are typed in yuan, places one a line."""
    said: dict[str, object] = {}
    for field in FIELDS[kind]:
        value = data.get(field, "").strip()
        if field == "sum_fen":
            said[field] = _fen(value)
        elif field == "addresses":
            said[field] = [one.strip() for one in value.splitlines() if one.strip()]
        elif field == "public":
            said[field] = bool(value)
        elif value or field not in _DAYS:
            said[field] = value
    return said


def _fen(typed: str) -> int:
    with suppress(ValueError):
        fen = fen_of(typed or "0")
        if 0 <= fen < 10**15:
            return fen
    raise refuse("sum_fen", "“保额（元）”", typed, "请写数字，最多两位小数，如 5000000")


def _form(
    request: Visit,
    person: Person,
    what: ChangeKind,
    values: dict[str, str],
    problems: dict[str, str] | None = None,
) -> Response[Any]:
    fields = [
        (field, label_of(what, field), _sort(field), HINTS.get(field, "")) for field in FIELDS[what]
    ]
    return page(
        request,
        "my_change.html",
        status=422 if problems else 200,
        here="data",
        person=person,
        what=what,
        word=KINDS[what],
        fields=fields,
        words=WORDS,
        values={"row": "", "reason": "", **values},
        problems=problems or {},
    )


def _sort(field: str) -> str:
    """How a field is asked for."""
    if field in _DAYS:
        return "date"
    if field in WORDS:
        return "choice"
    return {"public": "tick", "addresses": "lines"}.get(field, "text")
