"""The one door to everything signed in: what an address needs, whose subject it names, who goes through.

A handler says both in its `opt`; see `registry.faces` for how.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from anyio import to_thread
from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException, PermissionDeniedException
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from sqlmodel import Session

from registry.access import PERMISSIONS, allowed
from registry.accounts import Person, account_of, touch, was_given
from registry.database import reading, writing
from registry.errors import NotAllowed, NotFound
from registry.faces.desk import (
    Kept,
    SignInNeeded,
    StageNeeded,
    WrongFace,
    office_of,
    token_of,
)
from registry.numbers import LONGEST
from registry.procedure import TRANSITIONS
from registry.queries.places import (
    HELD,
    SUBJECTS,
    campaign_place,
    institution_behind,
    jurisdiction_of,
    matter_place,
)

OPEN = "nobody"  # no sign-in: signing in itself, an invitation
HALF = "half"  # a right password is enough: the second factor, an own password, signing out
ANYONE = "anyone"  # whoever is signed in: the own account
FACES = {"/desk": "read_register", "/my": "use_portal"}
SECRET = ("password", "otp")  # what is typed in such a field is never sent back
# What anybody may send: the longest form without files is far shorter. More is read only of whoever was signed in.
ORDINARY = 1_000_000
Door = ASGIConnection[Any, Any, Any, Any]


def needs_of(handler: BaseRouteHandler) -> tuple[str, ...]:
    """The acts of which one must be allowed; an address of a face needs that face at least."""
    said = handler.opt.get("needs", "")
    if said:
        return (said,) if isinstance(said, str) else tuple(said)
    path = min(handler.paths)
    return tuple(need for start, need in FACES.items() if f"{path}/".startswith(f"{start}/"))


def reach_of(handler: BaseRouteHandler) -> Mapping[str, str]:
    """Which parameter or field names which kind of subject."""
    reach: Mapping[str, str] = handler.opt.get("reach", {})
    return reach


def checked(handlers: Iterable[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """The handlers, each of which says whom it is for; one that does not is refused at the start."""
    acts = {f"{one.kind}.{one.act}" for one in TRANSITIONS}
    known = {OPEN, HALF, ANYONE, *PERMISSIONS, *acts}
    kinds = {*SUBJECTS, *HELD, "jurisdiction", "nothing"}
    found = list(handlers)
    for handler in found:
        where = f"{handler.handler_name} ({min(handler.paths)})"
        if not needs_of(handler) or not set(needs_of(handler)) <= known:
            raise ImproperlyConfiguredException(f"{where}: opt['needs'] names no act anyone may do")
        if wrong := set(reach_of(handler).values()) - kinds:
            raise ImproperlyConfiguredException(f"{where}: opt['reach'] names {wrong}")
        named = {part[1:].split(":")[0] for part in min(handler.paths).split("/") if "{" in part}
        if missing := named - set(reach_of(handler)):
            raise ImproperlyConfiguredException(
                f"{where}: opt['reach'] must say what {missing} names, 'nothing' if no institution"
            )
    return found


def same_origin(connection: Door, _: BaseRouteHandler) -> None:
    """A guard: what another site's page sends in a visitor's name is refused."""
    if connection.scope.get("method") in ("GET", "HEAD"):
        return
    site = connection.headers.get("Sec-Fetch-Site", "same-origin")
    origin = connection.headers.get("Origin", "")
    host = connection.headers.get("Host", "")
    own = ("", f"http://{host}", f"https://{host}")
    if site not in ("same-origin", "none") or origin not in own:
        raise PermissionDeniedException("请从本站的页面提交。")


async def admit(connection: Door, handler: BaseRouteHandler) -> None:
    """A guard: lets through whoever may do what the address is for, where its subject lies."""
    needs = needs_of(handler)
    if OPEN in needs:
        return
    if _is_large(connection, handler) and not await to_thread.run_sync(_was_here, connection):
        raise SignInNeeded(_path(connection), Kept())
    kept = await _typed(connection)
    named = {
        (kind, value.strip())
        for name, kind in reach_of(handler).items()
        for value in _values(connection, kept, name)
        if value.strip() and kind != "nothing"
    }
    connection.state.person = await to_thread.run_sync(
        partial(_admitted, connection, needs, named, kept)
    )
    _require_numbers(connection)


def reaches(session: Session, person: Person, institution: str) -> bool:
    """Whether an institution lies where the person's present capacity holds."""
    if person.institution:
        return person.institution == institution
    return not person.places or jurisdiction_of(session, institution) in person.places


def require_reach(session: Session, person: Person, institution: str) -> None:
    """Raises NotAllowed for an institution beyond the person's present capacity."""
    if not reaches(session, person, institution):
        raise NotAllowed(_BEYOND.format(person.capacity, institution))


_BEYOND = "您现在的身份是{}，“{}”不在管辖范围内。请由有管辖权的人办理。"


def _admitted(
    connection: Door, needs: tuple[str, ...], named: set[tuple[str, str]], kept: Kept
) -> Person:
    office, path = office_of(connection), _path(connection)
    with reading(office.engine) as session:
        person = account_of(session, token_of(connection), office.now(), lenient=office.fictional)
        if person is None:
            raise SignInNeeded(path, kept)
        if HALF not in needs:
            if person.stage:
                raise StageNeeded(person, path, kept)
            _require_need(person, needs)
        for kind, value in sorted(named):
            try:
                _require_subject(session, person, kind, value)
            except NotFound:
                # A wrong number typed into a form is named beside its field, with all else that is wrong.
                if value in map(str, connection.path_params.values()):
                    raise
    if person.stale:
        with writing(office.engine) as session:
            touch(session, person.session, office.now())
    return person


def _require_need(person: Person, needs: tuple[str, ...]) -> None:
    if ANYONE in needs or any(allowed(person.role, need) for need in needs):
        return
    other = "您还有别的身份，可以在“我的账户”里更换。" if person.several else ""
    if "use_portal" in needs:
        raise WrongFace(f"这里是机构服务。请从“检查工作台”查看机构。{other}")
    if person.institution:
        raise WrongFace(f"这里是检查工作台。请从“机构服务”查看本机构的信用。{other}")
    raise WrongFace(f"您现在的身份是{person.capacity}，不能办这件事。{other}")


def _require_subject(session: Session, person: Person, kind: str, value: str) -> None:
    if kind in HELD:
        if place := campaign_place(session, kind, value):
            _require_subject(session, person, "jurisdiction", place)
        return
    if kind == "jurisdiction":
        if person.institution or (person.places and value not in person.places):
            raise NotAllowed(_BEYOND.format(person.capacity, value))
        return
    institution = institution_behind(session, kind, value)
    if not institution:
        _require_subject(session, person, "jurisdiction", matter_place(session, value))
        return
    if not reaches(session, person, institution):
        raise NotAllowed(_BEYOND.format(person.capacity, value))


def _require_numbers(connection: Door) -> None:
    """Raises NotFound for a number in the address that is longer than any row's."""
    for value in connection.path_params.values():
        if isinstance(value, int) and len(digits := str(value)) > LONGEST:
            raise NotFound("编号", f"{digits[:LONGEST]}…")


def _is_large(connection: Door, handler: BaseRouteHandler) -> bool:
    """Whether more than an ordinary form may come, where that is allowed at all."""
    if connection.scope.get("method") in ("GET", "HEAD") or not isinstance(
        handler, HTTPRouteHandler
    ):
        return False
    most = handler.resolve_request_max_body_size() or 0
    said = connection.headers.get("Content-Length", "")
    length = int(said) if said.isascii() and said.isdigit() and len(said) < 16 else most
    return ORDINARY < length <= most


def _was_here(connection: Door) -> bool:
    with reading(office_of(connection).engine) as session:
        return was_given(session, token_of(connection))


async def _typed(connection: Door) -> Kept:
    """What a form holds: its texts, without secrets; `lost` says that a file could not be kept."""
    if connection.scope.get("method") in ("GET", "HEAD"):
        return Kept()
    form = await connection.form()  # type: ignore[attr-defined] # a request, for this is HTTP
    pairs = list(form.multi_items())
    return Kept(
        pairs=tuple(
            (key, one) for key, one in pairs if isinstance(one, str) and not key.startswith(SECRET)
        ),
        lost=any(getattr(one, "filename", "") for _, one in pairs),
    )


def _values(connection: Door, kept: Kept, name: str) -> list[str]:
    found = [one for key, one in kept.pairs if key == name]
    found += [str(one) for key, one in connection.query_params.multi_items() if key == name]
    return found + [str(one) for key, one in connection.path_params.items() if key == name]


def _path(connection: Door) -> str:
    url = connection.url
    return f"{url.path}?{url.query}" if url.query else url.path
