"""Mistakes, as a page for people and as problem+json (RFC 9457) for programs."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import MediaType, Response
from litestar.exceptions import HTTPException, NotFoundException
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR
from msgspec import Struct

from publisher.pages import render
from publisher.site.answers import READ_ABROAD, Visit, common, is_api, is_program, store_of, up_from
from publisher.site.store import NothingReleased

PROBLEM = "application/problem+json"


# What a refusal says to who reads English; the Chinese one says more of what was asked.
IN_ENGLISH = {
    400: (
        "This cannot be answered",
        "Please check the address. A day is written as 2026-11-05, is no later than today, and no earlier "
        "than the first edition.",
    ),
    404: (
        "There is no such page",
        "Please check the address, or look the institution up by its name: its number may be another one now, "
        "or it may not be in the edition in force.",
    ),
    405: ("This address is only read", "Please open it as a page."),
    429: ("Too many requests", "Please wait a little and try again."),
    503: (
        "Nothing is published yet",
        "Once the first lists are out you can look institutions up here.",
    ),
}
_OURS = ("Something went wrong here", "It has been noted. Please try again in a few minutes.")


class Fault(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a request: which parameter, its value, and what to write instead."""

    name: str
    value: str
    detail: str


class Problem(Struct, frozen=True, kw_only=True):
    """A mistake (RFC 9457); `faults` are all that is wrong with the request, `request` is its number."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    faults: tuple[Fault, ...] = ()
    request: str = ""


class Refused(HTTPException):
    """A request with mistakes in its parameters, all of them named."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("".join(one.detail for one in faults), status_code=400)
        self.faults = tuple(faults)


class Absent(NotFoundException):
    """What was asked for is well said, and not there: each parameter that leads nowhere is named."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("".join(one.detail for one in faults))
        self.faults = tuple(faults)


def said_of(wrong: Exception) -> Problem:
    """What is to be said of a mistake."""
    status = wrong.status_code if isinstance(wrong, HTTPException) else 500
    detail = wrong.detail if isinstance(wrong, HTTPException) else ""
    if isinstance(wrong, NothingReleased):
        detail = "还没有发布过名单，第一期发布以后就能查询。"
        return Problem(title="还没有发布名单", status=503, detail=detail)
    if status == 404:
        known = detail if any("\u4e00" <= one <= "\u9fff" for one in detail) else ""
        advice = "请检查地址是否写对。机构可能换了编号，也可能不在现行版次里，请用名称再查一次。"
        faults = wrong.faults if isinstance(wrong, Absent) else ()
        title = "没有找到" if faults else "没有这一页"
        return Problem(title=title, status=404, detail=known or advice, faults=faults)
    if status == 405:
        return Problem(title="这个地址不能这样请求", status=405, detail="请用 GET 读取。")
    if status < 500:
        faults = wrong.faults if isinstance(wrong, Refused) else ()
        sentence = detail or "请检查后再试。"
        return Problem(title="这个请求办不了", status=status, detail=sentence, faults=faults)
    return Problem(title="本站出了问题", status=500, detail="问题已经记录。请过几分钟再试。")


def problem_page(path: str, said: Problem, values: Mapping[str, Any]) -> str:
    """A mistake as a page, below `/en/` in English."""
    if path.lstrip("/").startswith("en/"):
        usual = IN_ENGLISH[400] if said.status < HTTP_500_INTERNAL_SERVER_ERROR else _OURS
        headline, advice = IN_ENGLISH.get(said.status, usual)
        return render.page("english_problem.html", **values, headline=headline, advice=advice)
    return render.page("problem.html", **values, headline=said.title, advice=said.detail)


def refuse(request: Visit, wrong: Exception) -> Response[Any]:
    """A mistake as a page for people, or as a problem for programs and under `/api/`."""
    number = request.scope.get("state", {}).get("request_id", "")
    problem = msgspec.structs.replace(said_of(wrong), request=number)
    headers = dict(getattr(wrong, "headers", None) or {})
    if is_program(request):
        headers |= READ_ABROAD if is_api(request) else {}
        return Response(problem, status_code=problem.status, media_type=PROBLEM, headers=headers)
    up = up_from(request)
    values: dict[str, Any] = {"up": up, "manifest": None, "organ": "", "sheets": f"{up}static/"}
    try:
        values |= common(request)
        edition = store_of(request).current()
        values |= render.about(edition.manifest, edition.digest)
    except (NothingReleased, AttributeError):
        pass
    page = problem_page(request.url.path, problem, values)
    return Response(page, status_code=problem.status, media_type=MediaType.HTML, headers=headers)
