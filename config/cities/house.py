"""One city's site among several in a process; while its register is away its editions are served all the same."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.types import ASGIApp, Receive, Send
from msgspec.structs import replace
from sqlalchemy.exc import DBAPIError

from config.app import public_app, settings_app, site_of
from config.cities.installation import Member
from config.health import public_watch
from config.journal import CITY
from config.mistakes import sentence_of
from config.web import faced
from publisher.site.cities import Neighbour
from publisher.site.front import front, tell
from publisher.site.limits import SIGNED_IN
from publisher.site.refusals import Problem
from registry.errors import RegisterBusy
from registry.watch import Watch

log = logging.getLogger("xinyong")
AGAIN = 30  # seconds until a register that was away is looked for again


class House:
    """One city: what answers for it now. `public` is a folder of its editions, where that is all there is."""

    def __init__(
        self,
        member: Member,
        *,
        schedule: bool,
        public: Path | None = None,
        from_store: bool = False,
    ) -> None:
        self.member, self.schedule, self.public = member, schedule, public
        self.from_store = from_store
        self.settings = member.settings
        self.editions = public or self.settings.editions
        data = self.settings.data
        self.log = data / "logs" if public is None else None
        self.app: ASGIApp = _closed
        self.look: Callable[[], Watch] = lambda: public_watch(self.editions, datetime.now(UTC))

    def neighbour(self) -> Neighbour:
        """The city as the common site knows it."""
        host = self.member.hosts[0] if self.member.hosts else ""
        return Neighbour(id=self.member.id, host=host, site=site_of(self.editions, self.settings))

    async def live(self, opened: asyncio.Event, stop: asyncio.Event, turn: asyncio.Lock) -> None:
        """Serves until it is told to stop; `opened` is set once something answers."""
        CITY.set(self.member.id)
        while not stop.is_set():
            async with turn:
                app = await asyncio.to_thread(self._full)
            if app is None:
                self._serve(public_app(self.editions, self.settings), away=True)
                opened.set()
                await _either(stop, AGAIN)
                continue
            async with app.lifespan():
                self.look = app.state.watch
                self._serve(app)
                opened.set()
                await stop.wait()

    def _full(self) -> Litestar | None:
        """The city's site; None while its database cannot be reached."""
        if self.public is not None:
            return public_app(self.public, self.settings, from_store=self.from_store)
        try:
            return settings_app(self.settings, schedule=self.schedule)
        except (DBAPIError, RegisterBusy) as wrong:
            log.error("%s：%s", self.settings.name, sentence_of(wrong) or repr(wrong))
            return None

    def _serve(self, app: Litestar, *, away: bool = False) -> None:
        inner = front(app)
        self.app = faced(app, _without_register(inner) if away else inner, self.log)


def _without_register(app: ASGIApp) -> ASGIApp:
    """The public site; whoever wants to sign in is told to come again."""

    async def serve(scope: Any, receive: Receive, send: Send) -> None:
        if scope["path"].lstrip("/").partition("/")[0] in SIGNED_IN:
            await tell(scope, send, _AWAY, AGAIN)
        else:
            await app(scope, receive, send)

    return serve


_AWAY = Problem(
    title="登记册暂时连不上",
    status=503,
    detail="本市的数据库现在连不上，名单照常可以查。管理员正在处理，请过一会儿再登录。",
)


async def _closed(scope: Any, _: Receive, send: Send) -> None:
    await tell(scope, send, replace(_AWAY, title="网站正在打开"), AGAIN)


async def _either(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
