"""The addresses for machines that watch: alive, ready, and the figures; only the first is public."""

from ipaddress import ip_address
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from config.metrics import CONTENT_TYPE, Measures

NO_STORE = {"Cache-Control": "no-store"}
Visit = Request[Any, Any, Any]


@get("/healthz", sync_to_thread=False)
def alive() -> Response[str]:
    """The process answers."""
    return Response("ok\n", media_type=MediaType.TEXT, headers=NO_STORE)


@get("/readyz", sync_to_thread=True)
def ready(request: Visit) -> Response[Any]:
    """Whether this node can serve, check by check; 503 when one fails."""
    _require_watcher(request)
    seen = request.app.state.watch()
    body = {
        "ready": seen.ready,
        "at": seen.at.isoformat(timespec="seconds"),
        "checks": {
            one.key: {"ok": one.ok, "warns": one.warns, "said": one.said} for one in seen.checks
        },
    }
    return Response(body, status_code=200 if seen.ready else 503, headers=NO_STORE)


@get("/metrics", sync_to_thread=True)
def metrics(request: Visit) -> Response[bytes]:
    """The figures in Prometheus' text format."""
    _require_watcher(request)
    measures: Measures = request.app.state.measures
    return Response(measures.text(), media_type=CONTENT_TYPE, headers=NO_STORE)


PROBES: list[HTTPRouteHandler] = [alive, ready, metrics]


def _require_watcher(request: Visit) -> None:
    """Only this machine and the networks of the setting; whoever comes through a proxy we do not know is neither."""
    state = request.scope.get("state", {})
    if not state.get("relayed", False) and _is_watcher(request):
        return
    raise NotFoundException


def _is_watcher(request: Visit) -> bool:
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return address.is_loopback or any(address in one for one in request.app.state.watchers)
