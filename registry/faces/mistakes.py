"""What a signed-in person did wrong: a page in plain words, or problem+json (RFC 9457) for programs."""

from typing import Any

from litestar import Response
from litestar.exceptions import HTTPException

from registry.accounts import SecondFactorLocked
from registry.errors import (
    Conflict,
    FormRefused,
    NotAllowed,
    NotFound,
    RegisterBusy,
    RegistryError,
    StepRefused,
)
from registry.faces.desk import SignInNeeded, StageNeeded, Visit, WrongFace, page
from registry.faces.session import ask_for_stage, ask_to_sign_in

STATUS: dict[type[Exception], tuple[int, str]] = {
    FormRefused: (422, "有几处要改"),
    StepRefused: (409, "现在不能这样办"),
    Conflict: (409, "和已有的记录冲突"),
    NotAllowed: (403, "没有权限"),
    WrongFace: (403, "没有权限"),
    NotFound: (404, "没有找到"),
    RegisterBusy: (503, "请过几秒再试"),
    SecondFactorLocked: (503, "两步验证现在用不了"),
}


def told(request: Visit, wrong: Exception) -> Response[Any] | None:
    """The answer to a person's mistake, or to one who has to wait; None for what is neither."""
    answer = _told(request, wrong)
    if answer is not None and isinstance(wrong, RegisterBusy):
        answer.headers["Retry-After"] = str(wrong.seconds)
    return answer


def _told(request: Visit, wrong: Exception) -> Response[Any] | None:
    if isinstance(wrong, SignInNeeded):
        return (
            _problem(401, "请先登录", wrong)
            if for_program(request)
            else ask_to_sign_in(request, wrong)
        )
    if isinstance(wrong, StageNeeded):
        return (
            _problem(403, "登录还没有完成", wrong)
            if for_program(request)
            else ask_for_stage(request, wrong)
        )
    if isinstance(wrong, RegistryError | WrongFace):
        status, title = next(
            (found for kind, found in STATUS.items() if isinstance(wrong, kind)), (400, "办不了")
        )
    elif isinstance(wrong, HTTPException) and wrong.status_code == 403:
        status, title = 403, "没有权限"
    else:
        return None
    if for_program(request):
        return _problem(status, title, wrong)
    said = wrong.detail if isinstance(wrong, HTTPException) else str(wrong)
    return page(
        request,
        "mistake.html",
        status=status,
        headline=title,
        advice=said,
        person=request.scope.get("state", {}).get("person"),
    )


def for_program(request: Visit) -> bool:
    """Whether the answer is for a program, not for a person at a page."""
    return "text/html" not in request.headers.get("Accept", "text/html")


def _problem(status: int, title: str, wrong: Exception) -> Response[Any]:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": wrong.detail if isinstance(wrong, HTTPException) else str(wrong),
    }
    if isinstance(wrong, FormRefused):
        body["errors"] = [
            {"field": one.field, "value": one.value, "detail": one.sentence}
            for one in wrong.problems
        ]
    return Response(body, status_code=status, media_type="application/problem+json")
