"""The operator's page: what must hold, what is to be mended, and the figures as pictures and tables."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from registry.faces.desk import Visit, office_of, page, person_of
from registry.inspector.ledger import act_word
from registry.watch import Watch

SIZES = {"wide": 690, "narrow": 358}
HEIGHT, LEFT, TOP, BOTTOM = 150, 44, 12, 28
LABELLED = 7  # days between two dates on the axis


class Bar(Struct, frozen=True, kw_only=True):
    """One bar, and its date where the axis tells it."""

    x: float
    y: float
    width: float
    height: float
    label: str = ""


class Bars(Struct, frozen=True, kw_only=True):
    """Acts of each day, drawn at its natural size."""

    size: str
    width: int
    height: int
    left: int
    bottom: int
    top: int
    most: int
    bars: tuple[Bar, ...]


@get("/desk/operations", opt={"needs": "watch_operations"}, sync_to_thread=True)
def operations(request: Visit) -> Response[Any]:
    """How the installation is."""
    seen = office_of(request).watch()
    return page(
        request,
        "operations.html",
        person=person_of(request),
        here="operations",
        seen=seen,
        drawings=[drawn(seen.days, size) for size in SIZES] if any(n for _, n in seen.days) else [],
        figures=_figures(seen),
        acts=sorted(((act_word(act), n) for act, n in seen.acts.items()), key=lambda one: -one[1]),
        used=_share(seen),
        roles={"administrator": "管理员", "publisher": "市级发布员"},
    )


OPERATION_ROUTES: list[HTTPRouteHandler] = [operations]


def drawn(days: Sequence[tuple[date, int]], size: str) -> Bars:
    """The acts of each day as bars; a day without any has none."""
    width, bottom = SIZES[size], HEIGHT - BOTTOM
    most = max((many for _, many in days), default=0) or 1
    room = (width - LEFT - 4) / max(len(days), 1)
    bars = []
    for place, (day, many) in enumerate(days):
        high = (bottom - TOP) * many / most
        bars.append(
            Bar(
                x=round(LEFT + room * place + 1, 1),
                y=round(bottom - high, 1),
                width=round(room - 2, 1),
                height=round(high, 1),
                label=f"{day.month}-{day.day}" if place % LABELLED == 0 else "",
            )
        )
    return Bars(
        size=size,
        width=width,
        height=HEIGHT,
        left=LEFT,
        bottom=bottom,
        top=TOP,
        most=most,
        bars=tuple(bars),
    )


def lasting(seconds: float | None) -> str:
    """How long ago, to the largest unit; what is not known is said so."""
    if seconds is None:
        return "不知道"
    for size, word in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= size:
            return f"{int(seconds // size)} {word}前"
    return "刚才"


def _figures(seen: Watch) -> list[tuple[str, str]]:
    def many(value: int | None) -> str:
        return "不知道" if value is None else f"{value:,}"

    disk = "不知道"
    if seen.disk_free is not None and seen.disk_size is not None:
        disk = f"剩余 {seen.disk_free / 1e9:.1f} GB，共 {seen.disk_size / 1e9:.1f} GB"
    newest = f"{seen.edition}（{lasting(seen.edition_age)}发布）" if seen.edition else "还没有"
    return [
        ("现行版次", newest),
        ("已发布的版次", many(seen.editions)),
        ("已撤回的条目", many(seen.withdrawn)),
        ("台账条数", many(seen.entries)),
        ("等待发出的提醒", many(seen.waiting)),
        ("没有送达的提醒", many(seen.dead)),
        ("最近一次备份", lasting(seen.backup_age)),
        ("磁盘", disk),
    ]


def _share(seen: Watch) -> int | None:
    """How much of the disk is used, in percent."""
    if seen.disk_free is None or not seen.disk_size:
        return None
    return round(100 * (1 - seen.disk_free / seen.disk_size))
