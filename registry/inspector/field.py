"""Visits where there is no signal: the page, what it takes along, and the records it sends, each once."""

from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from anyio import to_thread
from litestar import Response, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.response import Redirect
from msgspec import Struct

from registry import acts, queries
from registry.accounts import Person
from registry.acts.inspections import SameKey
from registry.checklists import Checklist
from registry.database import reading, writing
from registry.errors import NotAllowed, NotFound, refuse
from registry.faces.desk import Office, Visit, office_of, page, person_of, up_from
from registry.forms import SeenForm
from registry.inspector.entry import SCRIPTS
from registry.inspector.printed import printed
from registry.inspector.sheet import KINDS, as_typed, reference_of, sheet_of
from registry.inspector.snapshot import snapshot_of
from registry.uploads import LIMIT, keep

HERE = Path(__file__).parent
NOT_KEPT = {"Cache-Control": "no-store"}
# A file beyond the limit is read still, to be refused in words that name its size.
SOMEWHAT_TOO_LARGE = LIMIT + 8_000_000


class Sent(Struct, frozen=True, kw_only=True):
    """A record as the phone sends it: whose it is, its fields, and its files by their digests."""

    account: str
    values: dict[str, str]
    files: tuple[dict[str, str | None], ...] = ()


@get("/desk/field", opt={"needs": "record_inspection"}, sync_to_thread=False)
def field(request: Visit) -> Response[Any] | Redirect:
    """The page that installs, with every checklist in it; filled from what the phone took along."""
    person, office = person_of(request), office_of(request)
    raw: bytes = request.scope.get("raw_path") or b""
    if not raw.split(b"?")[0].endswith(b"/"):
        return Redirect(f"{up_from(request)}desk/field/")
    on = office.now().date()
    policy = office.policy(on)
    answer = page(
        request,
        "field.html",
        person=person,
        here="field",
        kinds=KINDS,
        checklists=current(office),
        rules=policy.by_code,
        reference=lambda item: reference_of(policy, item),
        indicators=[one for one in policy.by_code.values() if not one.bonus],
        policy=policy,
        printed=printed(SeenForm),
    )
    answer.headers["Content-Security-Policy"] = SCRIPTS
    return answer


@get("/desk/field/worker.js", opt={"needs": "nobody"}, sync_to_thread=False)
def worker(request: Visit) -> Response[bytes]:
    """The service worker; it lies here because a worker rules only what is below its own address."""
    # A worker fetches under the policy of its own script, not of the page that starts it.
    rules = "default-src 'none'; connect-src 'self'"
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": rules}
    content = (HERE / "worker.js").read_bytes()
    return Response(content, media_type="text/javascript", headers=headers)


@get("/desk/field/app.webmanifest", opt={"needs": "nobody"}, sync_to_thread=False)
def manifest(request: Visit) -> Response[dict[str, Any]]:
    """What makes the page an app on the phone's first screen."""
    icon = {"src": "../../static/mark.svg", "sizes": "any", "type": "image/svg+xml"}
    said = {
        "name": f"{office_of(request).organ}外出检查",
        "short_name": "外出检查",
        "lang": "zh-Hans",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#b0221c",
        "icons": [icon],
    }
    return Response(said, media_type="application/manifest+json")


@get("/desk/field/snapshot", opt={"needs": "record_inspection"}, sync_to_thread=True)
def snapshot(request: Visit) -> Response[Any]:
    """The inspector's tasks and institutions with their history, to be taken along."""
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        found = snapshot_of(session, office, person)
    return Response(found, headers=NOT_KEPT)


@put(
    "/desk/field/visits/{key:str}",
    opt={"needs": "record_inspection", "reach": {"key": "nothing"}},
    sync_to_thread=True,
)
def receive(request: Visit, key: str, data: JSONBody[Sent]) -> Response[Any]:
    """Records a visit once: 201 when new, 200 when it is there already, 409 when its key is another's.

    `missing` names the files whose bytes are still to come.
    """
    person, office = person_of(request), office_of(request)
    _own(person, data.account)
    values = {**data.values, "key": key}
    files = [{name: one for name, one in file.items() if one} for file in data.files]
    sheet = sheet_of(values, files, office)
    try:
        with writing(office.engine) as session, as_typed(values, office):
            done = acts.record_visit(
                session, sheet, by=person.actor, now=office.now(), calendar=office.calendar
            )
    except SameKey as conflict:
        return _conflict(office, conflict)
    with reading(office.engine) as session:
        there = {one.sha256 for one in queries.visit(session, done.id).files}
    missing = [one.sha256 for one in sheet.files if one.sha256 not in there]
    body = {"visit": done.id, "matters": done.matters, "missing": missing}
    return Response(body, status_code=201 if done.fresh else 200, headers=NOT_KEPT)


@put(
    "/desk/field/visits/{key:str}/files/{digest:str}",
    opt={"needs": "record_inspection", "reach": {"key": "nothing", "digest": "nothing"}},
    request_max_body_size=SOMEWHAT_TOO_LARGE,
)
async def receive_file(request: Visit, key: str, digest: str) -> Response[Any]:
    """Takes in the bytes of a file a record names: 201 when new, 200 when they are there already."""
    content = await request.body()
    return await to_thread.run_sync(_take_file, request, key, digest, content)


FIELD_ROUTES: list[HTTPRouteHandler] = [
    field,
    worker,
    manifest,
    snapshot,
    receive,
    receive_file,
]


def current(office: Office) -> list[Checklist]:
    """The checklists in force today."""
    on = office.now().date()
    return [
        one for one in office.checklists if one.since <= on and (not one.until or on < one.until)
    ]


def _take_file(request: Visit, key: str, digest: str, content: bytes) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    now = office.now()
    with reading(office.engine) as session:
        visit = queries.visit_of_key(session, key)
        if not visit:
            raise NotFound("检查", key)
        _own(person, queries.visit(session, visit).recorded_by)
    if sha256(content).hexdigest() != digest:
        raise refuse("files", "“附件”", digest, "收到的内容和登记的摘要不一致，请再送一次")
    kept = keep(office.uploads, content, "files", now.tzinfo or UTC)
    with writing(office.engine) as session:
        fresh = acts.attach_to_visit(session, visit, kept, by=person.actor, now=now)
    return Response({"sha256": digest}, status_code=201 if fresh else 200, headers=NOT_KEPT)


def _own(person: Person, account: str) -> None:
    """A record and its files are sent by whoever filled it in, though somebody else may have signed in since."""
    if account != person.account:
        raise NotAllowed(
            f"这条记录是账户“{account}”填写的，现在登录的是“{person.account}”。"
            f"请由“{account}”登录后送出。"
        )


def _conflict(office: Office, conflict: SameKey) -> Response[Any]:
    """What is recorded already, for the person who decides."""
    with reading(office.engine) as session:
        seen = queries.visit(session, conflict.visit)
    there = {
        "visit": seen.id,
        "institution": seen.institution,
        "on": seen.on,
        "kind": seen.kind,
        "officers": [seen.first_officer, seen.second_officer],
        "findings": [one.code for one in seen.matters],
        "answers": {one.item: one.answer for one in seen.answers},
        "recorded_at": seen.recorded_at,
        "recorded_by": seen.recorded_by,
    }
    body = {
        "type": "about:blank",
        "title": "和已有的记录冲突",
        "status": 409,
        "detail": str(conflict),
        "recorded": there,
    }
    raw = msgspec.json.encode(body)
    return Response(raw, status_code=409, media_type="application/problem+json", headers=NOT_KEPT)
