"""The portal's address: the own rating of today, why, and what is still on its way."""

from collections import defaultdict
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from registry import queries
from registry.database import reading
from registry.faces.desk import Visit, office_of, page, person_of
from registry.portal.own import title_of
from registry.portal.repair import WORDS, repair_of
from registry.queries import ShownMatter
from scoring import Policy, Rating, assess
from scoring.assess import listings_on
from scoring.telling import line_of, next_step, vetoed, why_grade
from scoring.words import chinese, score_words

STATUS = {
    "white": "符合白名单的全部条件",
    "watch": "在重点关注名单内",
    "black": "在黑名单内",
    "none": "还不符合白名单的条件",
    "new": "新设机构，尚未评定",
}


# What the office does about an institution and tells it of; a complaint may name who complained.
TOLD = (
    "finding",
    "commendation",
    "penalty",
    "listing",
    "judgment",
    "objection",
    "repair",
    "change",
)


class Pending(Struct, frozen=True, kw_only=True):
    """A record on its way that costs nothing yet."""

    id: str
    title: str
    state_name: str
    since: str


@get("/my", sync_to_thread=False)
def my_rating(request: Visit) -> Response[Any]:
    """The signed-in institution's own rating; nobody sees another's."""
    person, office = person_of(request), office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        file = queries.credit_file(session, person.institution, on)
        matters = queries.shown_matters(session, person.institution)
    policy = office.policy(on)
    rating = assess(file.facts, policy, on)
    said: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in file.replies:
        said[one.record].append((chinese(one.on), one.text))
    tried = frozenset(request.query_params.getall("do", []))
    return page(
        request,
        "my.html",
        here="rating",
        repair=repair_of(file.facts, policy, rating, tried, office.later_policies(on)),
        person=person,
        file=file,
        rating=rating,
        headline=_headline(rating),
        distance=next_step(rating, policy),
        lines=[line_of(one, file.facts, policy, on, said[one.record]) for one in rating.reasons],
        why=why_grade(rating, file.facts, policy),
        vetoed=vetoed(rating),
        pending=_pending(matters, rating, policy),
        past=office.released.ratings(person.institution),
        words={**WORDS, "absent": "没有登记", "gone": "条目已撤下", "unsaid": "没有条目"},
        listings=listings_on(file.facts.listings, rating.status, on),
    )


def _headline(rating: Rating) -> str:
    if rating.base is None:
        return f"本机构现在{STATUS[rating.status]}，没有等级"
    return f"本机构现在 {score_words(rating)} 分，{rating.grade} 级，{STATUS[rating.status]}"


def _pending(matters: list[ShownMatter], rating: Rating, policy: Policy) -> list[Pending]:
    counted = {one.record for one in rating.reasons}
    return [
        Pending(
            id=one.id,
            title=title_of(one, policy),
            state_name=one.state_name,
            since=one.since.isoformat(),
        )
        for one in matters
        if one.open and one.kind not in ("listing", "spot") and one.id not in counted
    ]


RATING_ROUTES: list[HTTPRouteHandler] = [my_rating]
