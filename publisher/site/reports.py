"""The year's accounts on the public site: files beside the editions, exactly as they were released."""

from typing import Any

from litestar import MediaType, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.response import File, Redirect

from publisher.pages import render
from publisher.site.answers import Visit, common, enlarged, store_of, wants_big
from publisher.site.app import MEDIA
from publisher.site.shelf import is_known
from publisher.site.store import NothingReleased, Store
from publisher.year_files import FILES, NAME, accounts_of, released_years


def years_page(store: Store, values: dict[str, Any]) -> str:
    """The list of the accounts; an edition is named below it where there is one."""
    about: dict[str, Any] = {"manifest": None, "organ": "", "digest": "", "label": ""}
    try:
        edition = store.current()
        about |= render.about(edition.manifest, edition.digest)
    except NothingReleased:
        pass
    sheets = f"{values['up']}static/"
    years = released_years(accounts_of(store.editions))
    return render.page("years.html", **{**about, "sheets": sheets, **values}, years=years)


@get("/reports", sync_to_thread=False)
def report_list(request: Visit) -> Response[Any]:
    """Every year's account, the newest first."""
    text = years_page(store_of(request), common(request))
    return Response(text, media_type=MediaType.HTML, headers={"Cache-Control": "no-cache"})


@get(["/reports/{name:str}", "/reports/{name:str}/{path:path}"], sync_to_thread=False)
def report_file(request: Visit, name: str, path: str = "/") -> Response[Any] | File | Redirect:
    """A file of a year's account, exactly as it was signed; a page in the large text where that is chosen."""
    inside = path.lstrip("/")
    raw: bytes = request.scope.get("raw_path") or b""
    if NAME.fullmatch(name) is None or inside not in ("", *FILES):
        raise NotFoundException("没有这份年度报告")
    file = accounts_of(store_of(request).editions) / name / (inside or "index.html")
    if not file.is_file():
        raise NotFoundException("没有这份年度报告")
    if not inside and not raw.split(b"?")[0].endswith(b"/"):
        return Redirect(f"{name}/")  # its links are relative
    tag = f"{file.resolve().parent.name}-{file.name}"
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if file.suffix == ".html":
        headers["Vary"] = "Cookie"
        if wants_big(request):
            return enlarged(request, file, tag)
    if is_known(request.headers, tag):
        return Response(None, status_code=304, headers=headers)
    kind = MEDIA.get(file.suffix, "application/octet-stream")
    return File(path=file, media_type=kind, headers=headers, content_disposition_type="inline")


REPORT_ROUTES: list[HTTPRouteHandler] = [report_list, report_file]
