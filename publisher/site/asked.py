"""What a program asks for in its parameters: read one by one, every mistake told at once."""

import base64
import binascii
from collections.abc import Sequence
from datetime import date

import msgspec

from publisher.grams import normalise
from publisher.site.answers import Site, Visit, read_day, site_of
from publisher.site.refusals import Absent, Fault, Refused
from publisher.site.store import OpenEdition

LONGEST = 100
USUAL, MOST = 50, 200


class Asked:
    """The parameters of a request; `done` refuses it with everything that is wrong."""

    def __init__(self, request: Visit, *known: str) -> None:
        self.faults, self.absent = list[Fault](), list[Fault]()
        self.request = request
        self.given: dict[str, str] = {}
        for name, value in request.query_params.multi_items():
            if name not in known:
                words = "、".join(known) or "没有任何参数"
                self.fault(name, value, f"没有参数“{name[:40]}”。可以用的：{words}。")
            elif name in self.given:
                self.fault(name, value, f"参数“{name}”写了两次，请只写一次。")
            else:
                self.given[name] = value

    @property
    def site(self) -> Site:
        """The site that is asked."""
        return site_of(self.request)

    def fault(self, name: str, value: str, detail: str) -> None:
        """Notes a mistake."""
        self.faults.append(Fault(name=name[:LONGEST], value=value[:LONGEST], detail=detail))

    def missing(self, name: str, value: str, detail: str) -> None:
        """Notes what is well said, and not there."""
        self.absent.append(Fault(name=name, value=value[:LONGEST], detail=detail))

    def known(self, name: str, choices: Sequence[str]) -> None:
        """Notes a value that the edition does not know."""
        value = self.given.get(name)
        if value is not None and value not in choices:
            words = "、".join(one for one in choices[:LONGEST] if one)
            self.missing(name, value, f"这一版里没有{name}“{value[:40]}”，可以写：{words}。")

    def text(self, name: str, *, needed: bool = False) -> str:
        """A text of at most a hundred characters."""
        value = self.given.get(name, "")
        if len(value) > LONGEST:
            self.fault(name, value, f"参数“{name}”太长，最多 {LONGEST} 个字。")
        if needed and not normalise(value):
            self.fault(name, value, f"参数“{name}”里没有可以查的字。请写明要查什么。")
        if any(ord(one) < 32 or ord(one) == 127 for one in value):
            self.fault(name, value, f"参数“{name}”里有控制字符，请删去。")
        return value

    def one_of(self, name: str, choices: Sequence[str]) -> str:
        """One of these words, or empty when it is not given."""
        value = self.given.get(name, "")
        if name in self.given and value not in choices:
            self.fault(
                name, value, f"参数“{name}”没有“{value[:40]}”，可以写：{'、'.join(choices)}。"
            )
        return value

    def limit(self) -> int:
        """How many items on a page."""
        value = self.given.get("limit", str(USUAL))
        if not (
            value.isascii() and value.isdecimal() and len(value) < 5 and 1 <= int(value) <= MOST
        ):
            self.fault("limit", value, f"参数“limit”请写 1 到 {MOST} 的整数。")
            return USUAL
        return int(value)

    def day(self, name: str) -> date | None:
        """A day that has come, or None when it is not given."""
        value = self.given.get(name)
        if value is None:
            return None
        day = read_day(value)
        if day is None:
            self.fault(name, value, f"参数“{name}”请写成 2026-11-05 这样的日期。")
        elif day > self.site.today():
            detail = f"{day} 还没有到，那一天的名单还不知道。请写今天或者以前的日期。"
            self.missing(name, value, detail)
            return None
        return day

    def cursor(self, parts: int, *also: str) -> tuple[str, ...]:
        """Where the page begins, as an earlier answer said: an edition or one of `also`, and what follows.

        Empty for the first page.
        """
        value = self.given.get("cursor")
        if value is None:
            return ()
        found = read_cursor(value)
        if len(found) != parts or found[0] not in (*self.site.store.names(), *also):
            self.missing("cursor", value, "没有这一页。参数“cursor”请照抄上一页的 next，或者不写。")
            return ()
        return found

    def done(self) -> None:
        """Raises Refused with every mistake found so far; Absent for what is not there (yet)."""
        if self.faults:
            raise Refused(self.faults)
        if self.absent:
            raise Absent(self.absent)

    def edition(self, cursor: tuple[str, ...] = ()) -> OpenEdition | None:
        """The edition that is asked for; a page that goes on stays with the one it began in."""
        store, day = self.site.store, self.day("as_of")
        self.done()
        found = store.in_force(day) if day else store.current()
        if not cursor:
            return found
        if day and (found is None or found.name != cursor[0]):
            detail = f"这一页属于版次 {cursor[0]}，不是 {day} 有效的版次。请只写“cursor”，或者从第一页查起。"
            self.missing("as_of", self.given["as_of"], detail)
            self.done()
        return store.edition(cursor[0])


def write_cursor(*parts: str) -> str:
    """Where the next page begins, for programs to hand back unread."""
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def read_cursor(said: str) -> tuple[str, ...]:
    """What `write_cursor` wrote; empty for anything else."""
    try:
        raw = base64.b64decode(f"{said}{'=' * (-len(said) % 4)}", altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=tuple[str, ...])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return ()
