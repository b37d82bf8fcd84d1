"""The handbooks, one for each kind of user, task by task; they need neither an edition nor a sign-in."""

from typing import Any

from litestar import MediaType, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from publisher.pages import render
from publisher.site.answers import Visit, common, store_of, up_from
from publisher.site.store import NothingReleased

FOLDER = "help"


class Handbook(Struct, frozen=True, kw_only=True):
    """A handbook: its address, its title, and whom it is for. Its text is `pages/help/<key>.html`."""

    key: str
    title: str
    whom: str


HANDBOOKS = (
    Handbook(key="public", title="家长和公众", whom="怎样查一家机构、看懂名单、反映情况"),
    Handbook(key="institution", title="机构", whom="怎样看本机构的信用、申辩、申请修复"),
    Handbook(key="inspector", title="检查员", whom="怎样外出检查、记录问题、办理事项"),
    Handbook(key="bureau", title="审核和发布", whom="怎样审核、决定、拟稿、签字、发布"),
    Handbook(key="administrator", title="管理员", whom="怎样安装、看护、升级、处理故障"),
)


def written() -> list[Handbook]:
    """The handbooks that are there."""
    return [one for one in HANDBOOKS if (render.FOLDER / FOLDER / f"{one.key}.html").is_file()]


@get("/help", sync_to_thread=False)
def handbooks(request: Visit) -> Response[str]:
    """Which handbooks there are."""
    return _page(request, "index.html", handbooks=written())


@get("/help/{key:str}", sync_to_thread=False)
def handbook(request: Visit, key: str) -> Response[str]:
    """One handbook."""
    found = next((one for one in written() if one.key == key), None)
    if found is None:
        raise NotFoundException("没有这本手册")
    return _page(request, f"{key}.html", handbook=found)


HELP_ROUTES: list[HTTPRouteHandler] = [handbooks, handbook]


def _page(request: Visit, template: str, **more: Any) -> Response[str]:
    up = up_from(request)
    values = {"manifest": None, "organ": "", "sheets": f"{up}static/", **common(request)}
    try:
        edition = store_of(request).current()
        values |= render.about(edition.manifest, edition.digest)
    except NothingReleased:
        pass  # the handbook is needed most on the first day
    text = render.page(f"{FOLDER}/{template}", **values, **more)
    headers = {"Cache-Control": "no-cache", "Vary": "Cookie"}
    return Response(text, media_type=MediaType.HTML, headers=headers)
