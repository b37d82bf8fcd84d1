"""Several cities on one port: each by its host, or under its number on the common host; nothing is shared."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from litestar.types import ASGIApp, Receive, Send

from config.app import common_app
from config.bucket.errors import NoBucket
from config.cities.file import host_of
from config.cities.house import House
from config.cities.installation import Installation
from config.journal import CITY
from config.mistakes import sentence_of
from config.settings import SettingsError, load_checks, load_policies
from config.web import faced
from publisher.pages import render
from publisher.site.cities import Together, frame
from publisher.site.front import is_held_back, moved, tell
from publisher.site.limits import Limits
from publisher.site.pages import release_of_pages
from publisher.site.refusals import Problem
from registry.calendar import load_calendar
from registry.watch import Check, Watch

# What is answered whatever the host: probes ask by address, and a page about a mistake needs its sheet.
ANYWHERE = ("/healthz", "/readyz", "/metrics", "/static/")
_PORT = re.compile(r":[0-9]*$")


class CitiesRefused(SettingsError):
    """Cities that cannot be served as they are; all reasons are told at once."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(
            "\n".join([f"有 {len(sentences)} 处要改：", *(f"  {s}" for s in sentences)])
        )


def houses_of(
    whole: Installation, *, schedule: bool, public: Path | None, from_store: bool = False
) -> list[House]:
    """The cities to be served; `public` holds a folder of editions for each. Raises CitiesRefused.

    `from_store` keeps each of those folders a copy of its city's store.
    """
    wrong: list[str] = []
    for one in whole.members:
        if not one.hosts and public is None:
            wrong.append(
                f"cities.{one.id}.hosts 没有写。两个市的工作台不能合用一个域名，请写它的域名。"
            )
        if not one.hosts and public is not None and not whole.hosts:
            wrong.append(f"cities.{one.id}.hosts 没有写，也没有共同的 hosts。请写其中之一。")
        if from_store and one.settings.city.store is None:
            wrong.append(str(NoBucket(one.settings.name)))
        elif from_store and public is not None:
            (public / one.id).mkdir(exist_ok=True)
        if public is not None and not (public / one.id).is_dir():
            wrong.append(f"文件夹 {public / one.id} 不存在。请把“{one.id}”的版次文件夹放在那里。")
        if public is None:
            wrong += _unfit(one.settings)
    if wrong:
        raise CitiesRefused(wrong)
    return [
        House(
            one,
            schedule=schedule,
            public=public / one.id if public else None,
            from_store=from_store,
        )
        for one in whole.members
    ]


def _unfit(settings: Any) -> list[str]:
    """What of a city's folder stops it, before anything is opened."""
    found = []
    for load in (load_policies, load_checks, lambda one: load_calendar(one.holidays)):
        try:
            load(settings)
        except Exception as wrong:
            said = sentence_of(wrong)
            if said is None:
                raise
            found.append(f"{settings.name}：{said}")
    return list(dict.fromkeys(found))


def several(whole: Installation, houses: Sequence[House], watchers: str = "") -> ASGIApp:
    """All cities as one app for a server: by host, by prefix, and the common site."""
    common = Together(
        title=whole.common.title,
        organ=whole.common.organ,
        address=whole.common.site,
        pages=release_of_pages(),
        cities=tuple(one.neighbour() for one in houses),
    )
    shared = common_app(common, lambda: watch_of(houses), watchers)
    return Dispatch(whole, houses, common, faced(shared, _limited(shared)))


def watch_of(houses: Sequence[House]) -> Watch:
    """How the cities are: one check for each, which says what fails."""
    checks = []
    for house in houses:
        seen = house.look()
        bad = [
            f"{one.what}：{one.said}".removesuffix("。")
            for one in seen.checks
            if one.warns or not one.ok
        ]
        name, said = house.settings.name, "；".join(bad) or "正常"
        checks.append(
            Check(key=house.member.id, what=name, ok=seen.ready, said=said, warns=bool(bad))
        )
    return Watch(at=datetime.now(UTC), checks=tuple(checks))


class Dispatch:
    """Sends each request to its city; an unknown host is told which hosts there are."""

    def __init__(
        self, whole: Installation, houses: Sequence[House], together: Together, common: ASGIApp
    ) -> None:
        self.common, self.hosts, self.houses = common, set(whole.hosts), tuple(houses)
        self.together = together
        self.by_host = {host: one for one in houses for host in one.member.hosts}
        self.by_prefix = {one.member.id: one for one in houses if not one.member.hosts}
        self.known = (*whole.hosts, *self.by_host)
        self.named = [(whole.common.title, one) for one in whole.hosts]
        self.named += [(one.settings.name, host) for host, one in self.by_host.items()]

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        host = host_of(_host(scope))
        if house := self.by_host.get(host):
            await _in(house, scope, receive, send)
        elif host in self.hosts:
            await self._common(scope, receive, send)
        elif scope["path"].startswith(ANYWHERE):
            await self.common(scope, receive, send)
        else:
            await self._unknown(host, scope, send)

    async def _common(self, scope: Any, receive: Receive, send: Send) -> None:
        first, slash, _ = scope["path"].lstrip("/").partition("/")
        house = self.by_prefix.get(first)
        if house is None:
            await self.common(scope, receive, send)
        elif not slash:
            there = f"{first}/".encode()  # relative links need the folder
            headers = [(b"location", there), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 308, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            within = moved(scope, f"/{first}")
            within["app_root_path"] = f"/{first}"  # for whole addresses
            await _in(house, within, receive, send)

    async def _unknown(self, host: str, scope: Any, send: Send) -> None:
        shown = f"“{host}”" if host else "这个地址"
        advice = f"{shown}不是这里任何一个市的域名。请检查网址，或者从下面选一个："
        remedy = "域名是新的，请管理员写进 cities.toml 的 hosts。"
        said = Problem(
            title="这台服务器上没有这个网站",
            status=421,  # Misdirected Request (RFC 9110 §15.5.20)
            detail=f"{advice}{'、'.join(self.known)}。{remedy}",
        )
        port = _PORT.search(_named(scope))
        tail = f"{port[0] if port else ''}/"
        links = [(name, f"{scope['scheme']}://{one}{tail}") for name, one in self.named]

        def page(up: str) -> str:
            values = {"headline": said.title, "advice": advice, "hosts": links}
            return render.page("cities_problem.html", **frame(self.together, up), **values)

        await tell(scope, send, said, page=page)

    async def _live(self, receive: Receive, send: Any) -> None:
        """Opens every city before the first request, and closes them after the last."""
        await receive()
        stop, turn, tasks = asyncio.Event(), asyncio.Lock(), []
        for house in self.houses:
            opened = asyncio.Event()
            task = asyncio.create_task(house.live(opened, stop, turn))
            waiting = asyncio.create_task(opened.wait())
            await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
            tasks.append(task)
            if task.done() and (wrong := task.exception()) is not None:
                waiting.cancel()
                said = sentence_of(wrong) or repr(wrong)
                await send({"type": "lifespan.startup.failed", "message": said})
                break
        else:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        await send({"type": "lifespan.shutdown.complete"})


async def _in(house: House, scope: Any, receive: Receive, send: Send) -> None:
    token = CITY.set(house.member.id)
    try:
        await house.app(scope, receive, send)
    finally:
        CITY.reset(token)


def _named(scope: Any) -> str:
    """The host a request names, as it stands there; empty where it names none or two."""
    named = [value for key, value in scope["headers"] if key == b"host"]
    return named[0].decode("latin-1") if len(named) == 1 else ""


def _host(scope: Any) -> str:
    """The host a request names, without its port."""
    return _PORT.sub("", _named(scope))


def _limited(app: ASGIApp) -> ASGIApp:
    """The common site, asked no more often than a city's own."""
    bounds = Limits()

    async def serve(scope: Any, receive: Receive, send: Send) -> None:
        if not await is_held_back(bounds, scope, send):
            await app(scope, receive, send)

    return serve
