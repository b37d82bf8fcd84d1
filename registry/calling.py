"""Calls to subscribers (Standard Webhooks): signed, never redirected, only to networks that may be reached."""

import hashlib
import hmac
import ipaddress
import json
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, partial
from secrets import token_urlsafe
from typing import Any, Literal
from urllib.parse import urlsplit

import anyio
import httpx
import msgspec
from msgspec import Struct
from standardwebhooks import Webhook as Signer

SECONDS = 15  # for the whole of a call, however slowly it is answered
READ = 64_000
LONGEST = timedelta(days=1)
# The receiver says that this one message is wrong; any other answer is about the receiver itself.
ABOUT_MESSAGE = frozenset({400, 406, 409, 413, 415, 422})
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Exception):
    """An address that is not called; the text says why and what to do."""


class Target(Struct, frozen=True, kw_only=True):
    """Whom to call: a subscription, its address, and which of its secrets signs."""

    id: str
    url: str
    generation: int


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of a call; `unreachable` is about the receiver, `refused` about the message."""

    verdict: Literal["arrived", "refused", "unreachable", "gone"]
    error: str = ""
    wait: timedelta = timedelta(0)
    said: bytes = b""


class Caller(Struct, frozen=True, kw_only=True):
    """Signs and posts; `master` derives every secret, `networks` are private ones that may be called."""

    master: bytes
    now: Callable[[], datetime]
    networks: tuple[Network, ...] = ()

    def secret(self, id: str, generation: int) -> str:
        """A subscriber's secret (`whsec_…`): the same on every node, stored on none."""
        made = hmac.new(self.master, f"{id}:{generation}".encode(), hashlib.sha256).digest()
        return f"whsec_{b64encode(made).decode()}"

    def challenge(self, target: Target) -> Outcome:
        """Asks the receiver to send a random word back; whoever cannot is not called again."""
        word = token_urlsafe(24)
        data = {"subscription": target.id, "challenge": word}
        body = json.dumps(
            {
                "type": "subscription.challenge",
                "timestamp": self.now().isoformat(timespec="seconds"),
                "data": data,
            }
        )
        outcome = self.post(target, f"challenge_{word[:16]}", body, reads=True)
        if outcome.verdict != "arrived" or _answers(outcome.said, word):
            return outcome
        said = "接收方没有把核验词（data.challenge）原样送回"
        return Outcome(verdict="refused", error=said)

    def post(self, target: Target, id: str, body: str, *, reads: bool = False) -> Outcome:
        """Posts one message under its id; never raises for what a receiver does."""
        # The library signs the numbers on the clock's face, whatever its zone; only UTC's are the instant.
        at = self.now().astimezone(UTC)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "xinyong-push",
            "webhook-id": id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Signer(self.secret(target.id, target.generation)).sign(
                id, at, body
            ),
        }
        try:
            return anyio.run(partial(self._post, target.url, headers, body.encode(), reads))
        except Refused as wrong:
            return Outcome(verdict="unreachable", error=str(wrong))
        except TimeoutError:
            return Outcome(verdict="unreachable", error=f"{SECONDS} 秒内没有答完")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as wrong:
            said = str(wrong) or type(wrong).__name__
            return Outcome(verdict="unreachable", error=f"没有应答：{said}"[:400])

    async def _post(self, url: str, headers: dict[str, str], body: bytes, reads: bool) -> Outcome:
        with anyio.fail_after(SECONDS):
            parts = urlsplit(url)
            place = await self._resolve(parts.hostname or "", parts.port, parts.scheme)
            # The address that was looked at is the one that is called: a name may change between.
            shown = f"[{place}]" if place.version == 6 else str(place)
            there = parts._replace(netloc=shown + (f":{parts.port}" if parts.port else ""))
            async with (
                httpx.AsyncClient(
                    verify=_trusted(), trust_env=False, follow_redirects=False, timeout=SECONDS
                ) as net,
                net.stream(
                    "POST",
                    there.geturl(),
                    content=body,
                    headers={**headers, "Host": parts.netloc},
                    extensions={"sni_hostname": parts.hostname or ""},
                ) as answer,
            ):
                said = b""
                if reads:
                    async for chunk in answer.aiter_raw():
                        said += chunk[: READ - len(said)]
                        if len(said) >= READ:
                            break
                return self._judged(answer, said)

    async def _resolve(self, host: str, port: int | None, scheme: str) -> Address:
        """The address of a host, if every address it has may be called."""
        found = await anyio.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
        places = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
        for place in places:
            listed = any(place in one for one in self.networks)
            if not listed and not _is_public(place):
                raise Refused(
                    f"{host} 的地址 {place} 在内部网络，没有呼叫。确需呼叫的，"
                    "请把它的网段写进环境变量 XINYONG_PUSH_NETWORKS。"
                )
            if not listed and scheme != "https":
                raise Refused("公网上的接收地址须以 https:// 开头，没有呼叫。")
        return places[0]

    def _judged(self, answer: httpx.Response, said: bytes) -> Outcome:
        code = answer.status_code
        if answer.is_success:
            return Outcome(verdict="arrived", said=said)
        if code == 410:
            return Outcome(verdict="gone", error="接收方答复 410，表示不再接收")
        if code in ABOUT_MESSAGE:
            return Outcome(verdict="refused", error=f"接收方答复 {code}")
        told = "，是转到别处，没有跟随" if answer.is_redirect else ""
        wait = _wait(answer.headers.get("Retry-After", ""), self.now())
        return Outcome(verdict="unreachable", error=f"接收方答复 {code}{told}", wait=wait)


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are taken; reading them is the dearest part of a call."""
    return httpx.create_ssl_context(trust_env=False)


def read_networks(text: str) -> tuple[Network, ...]:
    """The networks of a comma-separated list; raises ValueError that names the wrong one."""
    found = []
    for one in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(one))
        except ValueError:
            raise ValueError(one) from None
    return tuple(found)


def _is_public(place: Address) -> bool:
    """Whether an address belongs to the public internet, and leads nowhere else in disguise."""
    if isinstance(place, ipaddress.IPv6Address):
        if place.ipv4_mapped is not None:
            return _is_public(place.ipv4_mapped)
        if place.sixtofour is not None or place.teredo is not None or place in NAT64:
            return False
    return place.is_global and not place.is_multicast and not place.is_reserved


def _answers(said: bytes, word: str) -> bool:
    """Whether an answer is the word itself, or JSON whose `challenge` is."""
    plain = said.decode("utf-8", "replace").strip()
    try:
        decoded: Any = msgspec.json.decode(said)
    except msgspec.DecodeError:
        decoded = plain
    found = decoded.get("challenge") if isinstance(decoded, dict) else decoded
    return isinstance(found, str) and hmac.compare_digest(found.encode(), word.encode())


def _wait(text: str, now: datetime) -> timedelta:
    """How long `Retry-After` asks to wait (RFC 9110 §10.2.3): seconds or a day; at most a day."""
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST)
    try:
        return min(max(parsedate_to_datetime(text) - now, timedelta(0)), LONGEST)
    except (ValueError, TypeError):
        return timedelta(0)
