"""A report of somebody the lists do not hold: what stands at the door, and the district whose authority goes there."""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import HTTPException

from publisher.site.answers import Visit, answer, common, store_of
from publisher.site.complaints import (
    NO_STORE,
    UNREGISTERED,
    answered,
    counter_of,
    handed_in,
    own_page,
    too_long,
    typed_in,
)
from publisher.site.pages import unregistered
from publisher.streets import street_of

LONGEST = {"named": 200, "address": 300, "text": 4000, "contact": 200}
FIELDS = ("jurisdiction", *LONGEST)
QUERY = 100


@get("/report/unregistered", sync_to_thread=False)
def report_unregistered(request: Visit) -> Response[Any]:
    """The form, with what was searched for in vain filled in; on a node without the register, whom to tell."""
    said = request.query_params.get("name", "").strip()[:QUERY]
    # What holds a house's number was an address.
    filled = {"address" if street_of(said)[1] else "named": said}
    if counter_of(request) is None:
        edition = store_of(request).current()
        return answer(request, lambda values: unregistered(edition, values, filled))
    return _page(request, filled, {})


@post("/report/unregistered", guards=[own_page])
async def hand_in_unregistered(request: Visit) -> Response[Any]:
    """Takes a report in and gives its receipt; whatever is wrong with it, nothing typed is lost."""
    counter = counter_of(request)
    if counter is None:
        raise HTTPException(
            "这个网站不接收举报。请按本页所写，找那个地址所在区域的主管部门。", status_code=404
        )
    form = await request.form()
    filled = typed_in(form, FIELDS)
    places = store_of(request).current().places
    report = {"kind": UNREGISTERED, **filled}
    taken = await handed_in(counter, form, report, faults(filled, frozenset(places)))
    if isinstance(taken, dict):
        return _page(request, filled, taken, 422)
    name = filled["named"] or filled["address"]
    return answered(request, "taken.html", 201, taken=taken, name=name)


def faults(filled: dict[str, str], places: frozenset[str]) -> dict[str, str]:
    """What is wrong with a report, by field, all at once."""
    found = {}
    if filled["jurisdiction"] not in places:
        found["jurisdiction"] = "请选择那个地址在哪个区域，由那里的主管部门去看。"
    if len(filled["address"]) < 4:
        found["address"] = "请写清地址：路名、门牌号，或者小区、楼宇、楼层、房间。"
    if len(filled["text"]) < 10:
        found["text"] = "请写清看到了什么，至少十个字。"
    return found | too_long(filled, LONGEST)


def _page(
    request: Visit, filled: dict[str, str], problems: dict[str, str], status: int = 200
) -> Response[Any]:
    counter, edition = counter_of(request), store_of(request).current()
    ticket = counter.ticket() if counter else ""
    text = unregistered(edition, common(request), filled, problems, ticket)
    return Response(text, status_code=status, media_type="text/html", headers=NO_STORE)
