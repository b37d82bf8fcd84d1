"""Push at the desk: who is told of changes, whether they can be reached, and what was given up."""

from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from registry import acts, queries
from registry.accounts import Person
from registry.calling import Caller, Target
from registry.database import reading, writing
from registry.errors import Conflict, FormRefused, NotAllowed, read_form
from registry.faces.desk import Visit, by_field, office_of, page, person_of, up_from
from registry.faces.session import Typed
from registry.forms import SubscriptionForm
from registry.queries import SubscriptionLine

KEEP = {"needs": "keep_subscriptions"}
ONE = {"needs": "keep_subscriptions", "reach": {"id": "nothing"}}
SCOPES = (
    ("city", "全市"),
    ("jurisdiction", "一个区县或者功能区"),
    ("institution", "一家机构"),
    ("search", "保存的查询（和公示网站的查询一样）"),
)


@get("/desk/subscriptions", opt=KEEP, sync_to_thread=True)
def subscription_list(request: Visit) -> Response[Any]:
    """Every subscription, and the form for another."""
    _keeper(request)
    return _list(request, {"scope": "city"}, {}, 200)


@post("/desk/subscriptions", opt=KEEP, sync_to_thread=True)
def add(request: Visit, data: Typed) -> Response[Any]:
    """Notes a subscriber and shows its secret, once."""
    person, office = _keeper(request), office_of(request)
    try:
        typed = {key: data.get(key, "") for key in ("url", "contact", "scope", "what")}
        form = read_form(SubscriptionForm, typed)
        with writing(office.engine) as session:
            id = acts.add_subscription(session, form, by=person.actor, now=office.now())
    except FormRefused as refused:
        return _list(request, data, by_field(refused.problems), 422)
    return _one(request, id, secret=_caller(request).secret(id, 1))


@get("/desk/subscriptions/{id:str}", opt=ONE, sync_to_thread=True)
def subscription(request: Visit, id: str) -> Response[Any]:
    """One subscription: where it stands, what waits, and what was given up."""
    _keeper(request)
    return _one(request, id)


@post("/desk/subscriptions/{id:str}/verify", opt=ONE, sync_to_thread=True)
def verify(request: Visit, id: str) -> Response[Any]:
    """Calls the receiver with a challenge; who answers it is told of what is new."""
    person, office = _keeper(request), office_of(request)
    with reading(office.engine) as session:
        line = queries.subscription(session, id)
    outcome = _caller(request).challenge(_target(line))
    if outcome.verdict != "arrived":
        return _one(request, id, said=f"没有通过核验：{outcome.error}。请对方改好以后再核验。")
    with writing(office.engine) as session:
        acts.activate_subscription(session, id, by=person.actor, now=office.now())
    return _back(request, id)


@post("/desk/subscriptions/{id:str}/pause", opt=ONE, sync_to_thread=True)
def pause(request: Visit, id: str, data: Typed) -> Response[Any]:
    """Stops the calls; what comes meanwhile waits."""
    person, office = _keeper(request), office_of(request)
    with writing(office.engine) as session:
        because = data.get("because", "").strip() or f"{person.name}暂停"
        acts.pause_subscription(session, id, because, by=person.actor, now=office.now())
    return _back(request, id)


@post("/desk/subscriptions/{id:str}/remove", opt=ONE, sync_to_thread=True)
def remove(request: Visit, id: str) -> Response[Any]:
    """Ends a subscription for good."""
    person, office = _keeper(request), office_of(request)
    with writing(office.engine) as session:
        acts.remove_subscription(session, id, by=person.actor, now=office.now())
    return Redirect(f"{up_from(request)}desk/subscriptions/", status_code=303)


@post("/desk/subscriptions/{id:str}/secret", opt=ONE, sync_to_thread=True)
def renew(request: Visit, id: str) -> Response[Any]:
    """Gives another secret and shows it, once."""
    person, office = _keeper(request), office_of(request)
    with writing(office.engine) as session:
        generation = acts.renew_secret(session, id, by=person.actor, now=office.now())
    return _one(request, id, secret=_caller(request).secret(id, generation))


@post("/desk/subscriptions/{id:str}/retry", opt=ONE, sync_to_thread=True)
def retry(request: Visit, id: str, data: Typed) -> Response[Any]:
    """Sends a dead letter again, or all of them."""
    person, office = _keeper(request), office_of(request)
    with writing(office.engine) as session:
        event = data.get("event", "")
        acts.retry_push(session, id, event, by=person.actor, now=office.now())
    return _back(request, id)


@post("/desk/subscriptions/{id:str}/let-go", opt=ONE, sync_to_thread=True)
def let_go(request: Visit, id: str, data: Typed) -> Response[Any]:
    """Gives up a dead letter, so that what came after it may go."""
    person, office = _keeper(request), office_of(request)
    event = data.get("event", "")
    if not event:
        raise Conflict("没有写明放弃哪一条推送。请从没有送达的推送里选一条。")
    with writing(office.engine) as session:
        acts.let_go(session, id, event, by=person.actor, now=office.now())
    return _back(request, id)


SUBSCRIPTION_ROUTES: list[HTTPRouteHandler] = [
    subscription_list,
    add,
    subscription,
    verify,
    pause,
    remove,
    renew,
    retry,
    let_go,
]


def _keeper(request: Visit) -> Person:
    """Who came; what is pushed is the whole city's, and so are those who keep it."""
    person = person_of(request)
    if person.places:
        raise NotAllowed("推送是全市的，只有市级的发布员和管理员可以办理。")
    return person


def _caller(request: Visit) -> Caller:
    caller = office_of(request).caller
    if caller is None:
        raise Conflict("本站没有设置推送。请由管理员检查。")
    return caller


def _target(line: SubscriptionLine) -> Target:
    return Target(id=line.id, url=line.url, generation=line.generation)


def _back(request: Visit, id: str) -> Response[Any]:
    return Redirect(f"{up_from(request)}desk/subscriptions/{id}/", status_code=303)


def _list(
    request: Visit, values: dict[str, str], problems: dict[str, str], status: int
) -> Response[Any]:
    office = office_of(request)
    with reading(office.engine) as session:
        lines = queries.subscriptions(session)
        places = queries.jurisdictions(session, office.now().date())
    return page(
        request,
        "subscriptions.html",
        status=status,
        person=person_of(request),
        here="push",
        lines=lines,
        places={one.id: one.name for one in places},
        scopes=SCOPES,
        values=values,
        problems=problems,
    )


def _one(request: Visit, id: str, *, secret: str = "", said: str = "") -> Response[Any]:
    office = office_of(request)
    with reading(office.engine) as session:
        line = queries.subscription(session, id)
        dead = queries.pushes(session, id, "dead")
        waiting = queries.pushes(session, id, "waiting")
        places = queries.jurisdictions(session, office.now().date())
    return page(
        request,
        "subscription.html",
        status=502 if said else 200,
        person=person_of(request),
        here="push",
        line=line,
        dead=dead,
        waiting=waiting,
        places={one.id: one.name for one in places},
        secret=secret,
        said=said,
    )
