"""How often one address may ask: fair between addresses, bounded in memory, and said with Retry-After."""

from collections import OrderedDict
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import ceil

from msgspec import Struct

# Whoever asks from this very machine is its operator, or a proxy that has not been named in
# FORWARDED_ALLOW_IPS: to slow it down would be to slow down everybody.
OWN = frozenset({"127.0.0.1", "::1", ""})
REMEMBERED = 20_000


class Rate(Struct, frozen=True, kw_only=True):
    """So many at once, and so many a second after that."""

    burst: int
    a_second: float


# Many phones of one carrier share an address; a page is cheap, a search is not, a complaint is an act.
RATES = {
    "page": Rate(burst=400, a_second=40),
    "ask": Rate(burst=150, a_second=15),
    "write": Rate(burst=8, a_second=1 / 120),
    # A whole office signs in at nine from one address, each in up to three steps; a guess costs a slow digest.
    "enter": Rate(burst=120, a_second=1),
}


# Sums of seconds are not exact; whoever has waited as told is not told to wait again.
ROUNDED = 1e-9


class Limits:
    """One bucket an address and a kind of request; the one not used longest is forgotten first."""

    def __init__(self, rates: dict[str, Rate] = RATES, remembered: int = REMEMBERED) -> None:
        self.rates, self.remembered = rates, remembered
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def wait(self, kind: str, address: str, now: float) -> int:
        """Seconds until the address may ask again; 0 when it may now, which then counts."""
        if address in OWN:
            return 0
        rate, key = self.rates[kind], (kind, neighbourhood(address))
        left, last = self._buckets.get(key, (float(rate.burst), now))
        left = min(rate.burst, left + max(0.0, now - last) * rate.a_second)
        allowed = left >= 1 - ROUNDED
        self._buckets[key] = (left - 1 if allowed else left, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self.remembered:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, ceil((1 - left) / rate.a_second))


@lru_cache(maxsize=4096)
def neighbourhood(address: str) -> str:
    """The address; of IPv6 the first 64 bits, which are one household's.

    >>> neighbourhood("2001:db8::1") == neighbourhood("2001:db8::2:1")
    True
    """
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if isinstance(read, IPv6Address):
        if read.ipv4_mapped:
            return str(read.ipv4_mapped)
        return str(IPv6Address(int(read) >> 64 << 64))
    return str(read)


ASKED = frozenset({"api", "browse", "en", "near", "receipt", "search", "suggest", "verify"})
SIGNED_IN = frozenset({"desk", "join", "me", "my", "sign-in", "sign-out"})


def kind_of(method: str, path: str) -> str:
    """What a request costs: `page`, `ask`, `write` or `enter`; empty for whoever is signed in."""
    first = path.lstrip("/").partition("/")[0]
    if first in SIGNED_IN:
        return "enter" if method == "POST" and first in ("join", "sign-in") else ""
    if method == "POST" and first == "report":
        return "write"
    return "ask" if first in ASKED else "page"
