"""Labelled queries: what a parent might type for an institution of an edition, and what would answer it.

Nothing is stored: the same edition gives the same queries, each made by a rule from an institution drawn
by a fixed seed. `fits` says whether another institution satisfies the query as well as the one meant.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import NamedTuple

from publisher.filing import NAMES, read
from publisher.grams import anatomy, normalise
from publisher.places import city_of, forms, leading
from publisher.site.store import OpenEdition

# What people write for what they heard, beside the characters of the names themselves.
HOMOPHONES = "心鑫冬芳雪斯京瑞英越聚乔今报梅行还求亚唯伯节锐隆闻晶翰张搞同成晓马望变货华完扬广兴泰起名财画途忠工汗想杭旗资志只至元源园原明铭名雅牙牌"
TRADITIONAL = dict(
    zip(
        "启艺术学东书飞扬蓝鲸橡树阳云达远乐谊园国华创图贝纳优儿英语机器篮球体营编数码动画团",
        "啟藝術學東書飛揚藍鯨橡樹陽雲達遠樂誼園國華創圖貝納優兒英語機器籃球體營編數碼動畫團",
        strict=True,
    )
)


class Known(NamedTuple):
    """An institution as the rules see it."""

    id: str
    code: str
    licence: str
    place: str
    address: str
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    own: str
    trade: str

    @property
    def name(self) -> str:
        return self.names[0]


class Asked(NamedTuple):
    """A query, whom it means, and who else satisfies it; none is meant by a query for nobody."""

    kind: str
    text: str
    target: Known | None
    fits: Callable[[Known], bool]


def known(edition: OpenEdition, ids: list[str]) -> list[Known]:
    """Institutions by their numbers."""
    places = leading(edition.manifest)
    found = []
    query = (
        "SELECT id, code, licence_no, jurisdiction, address, lines FROM institution "
        "JOIN wording USING (number) WHERE id = ?"
    )
    for id in ids:
        *row, lines = edition.lookup.execute(query, (id,)).fetchone()
        read_lines = [read(one) for one in lines.split("\n")]
        names = [one for one in read_lines if one.kind in NAMES]
        at = anatomy(names[0].plain, places)
        plain = names[0].plain
        found.append(
            Known(  # type: ignore[call-arg]
                *row,
                tuple(one.plain for one in names),
                tuple(one.kind for one in names),
                plain[at.start : at.own],
                plain[at.own : at.trade],
            )
        )
    return found


def asked(edition: OpenEdition, each: int = 25, seed: int = 4) -> Iterator[Asked]:
    """The queries of every kind, as many of each as the edition gives, at most `each`."""
    random = Random(seed)  # noqa: S311 play data
    ids = edition.numbers()
    drawn = known(edition, random.sample(ids, min(len(ids), 40 * each)))
    drawn = [one for one in drawn if one.code and len(one.own) > 1]
    rules = _Rules(edition, drawn, random)
    for kind, rule in rules.all().items():
        many = 0
        for one in random.sample(drawn, len(drawn)):
            made = rule(one)
            if made is not None and many < each:
                many += 1
                yield Asked(kind, made[0], None if kind == "absent" else one, made[1])


Made = tuple[str, Callable[[Known], bool]] | None


class _Rules:
    """One rule a kind of query."""

    def __init__(self, edition: OpenEdition, drawn: list[Known], random: Random) -> None:
        self.random = random
        self.city = city_of(edition.manifest)
        self.places = {
            id: forms(normalise(one.name), self.city)[-1] for id, one in edition.places.items()
        }
        self.signs = sorted({sign for one in drawn for sign in one.own})
        self.sounds: dict[str, list[str]] = defaultdict(list)
        for sign in dict.fromkeys([*self.signs, *HOMOPHONES]):
            self.sounds[_sound(sign)].append(sign)

    def all(self) -> dict[str, Callable[[Known], Made]]:
        return {
            "exact name": lambda one: (one.name, lambda o: one.name in o.names),
            "code": lambda one: (one.code, lambda o: o.code == one.code),
            "institution number": lambda one: (one.id.replace("-", "").lower(), _same(one)),
            "licence number": lambda one: (
                (one.licence[1:] if not one.licence[:1].isdigit() else one.licence, _same(one))
                if one.licence
                else None
            ),
            "end of the code": lambda one: (
                one.code[-6:],
                lambda o: o.code.endswith(one.code[-6:]),
            ),
            "2-character fragment": lambda one: _holding(one.own[:2]),
            "fragment": lambda one: _holding(
                (one.own + one.trade + one.name.partition(one.own)[2])[: max(4, len(one.own))]
            ),
            "former name": lambda one: self.called(one, "F"),
            "branch name": lambda one: self.called(one, "R"),
            "brand name": lambda one: self.called(one, "B"),
            "abbreviation with gaps": self.gaps,
            "district and word": lambda one: self.district(one, " "),
            "pinyin": lambda one: self.pinyin(one.own + one.trade),
            "initials": self.initials,
            "mixed (nb…)": self.mixed,
            "traditional": self.traditional,
            "address": lambda one: (
                one.address.removeprefix(self.city),
                lambda o: o.address == one.address,
            ),
            "street and trade": self.street,
            "one homophone": lambda one: self.typo(one, homophone=True),
            "one wrong character": lambda one: self.typo(one, homophone=False),
            "one character missing": lambda one: self.slip(one, "missing"),
            "one character too many": lambda one: self.slip(one, "added"),
            "two swapped": lambda one: self.slip(one, "swapped"),
            "code with a wrong sign": self.wrong_code,
            "alike names": lambda one: _holding(one.own),
            "absent": self.absent,
        }

    def called(self, one: Known, kind: str) -> Made:
        texts = [text for text, sort in zip(one.names, one.kinds, strict=True) if sort == kind]
        return (texts[0], lambda o: texts[0] in o.names) if texts else None

    def gaps(self, one: Known) -> Made:
        place = self.random.choice((self.city.rstrip("市"), self.places.get(one.place, "")))
        if not place or place in one.own:
            return None
        tail = self.random.choice(("", one.name[-2:]))
        text = f"{place}{one.own}{tail}"
        return (
            text,
            lambda o: any(one.own in n and tail in n for n in o.names) and self.is_in(o, place),
        )

    def district(self, one: Known, between: str) -> Made:
        place = self.places.get(one.place, "")
        if not place:
            return None
        return (
            f"{place}{between}{one.own}",
            lambda o: self.is_in(o, place) and any(one.own in n for n in o.names),
        )

    def is_in(self, one: Known, place: str) -> bool:
        return (
            place in one.address
            or place in one.name
            or self.places.get(one.place) == place
            or place in self.city
        )

    def pinyin(self, text: str) -> Made:
        if not all("一" <= sign <= "鿿" for sign in text):
            return None
        typed = "".join(_sounds(text))
        return typed, lambda o: any(typed in "".join(_sounds(n)) for n in o.names)

    def initials(self, one: Known) -> Made:
        text = one.own + one.trade
        if len(text) < 4 or not all("一" <= sign <= "鿿" for sign in text):
            return None
        typed = "".join(one[0] for one in _sounds(text))
        return typed, lambda o: any(_reads(typed, n) for n in o.names)

    def mixed(self, one: Known) -> Made:
        if not self.city:
            return None
        head = "".join(_sound(sign)[0] for sign in self.city.rstrip("市"))
        text = one.own + one.trade
        return f"{head}{text}", lambda o: any(text in n for n in o.names)

    def traditional(self, one: Known) -> Made:
        text = one.own + one.trade
        turned = "".join(TRADITIONAL.get(sign, sign) for sign in text)
        return (turned, lambda o: any(text in n for n in o.names)) if turned != text else None

    def street(self, one: Known) -> Made:
        ends = [at for at, sign in enumerate(one.address) if sign in "路街道"]
        if not ends or not one.trade:
            return None
        street = one.address[max(0, ends[-1] - 2) : ends[-1] + 1]
        return f"{one.trade} {street}", lambda o: one.trade in o.name and street in o.address

    def typo(self, one: Known, *, homophone: bool) -> Made:
        text = (one.own + one.trade)[: max(4, len(one.own))]
        at = self.random.randrange(len(one.own))
        pool = self.sounds[_sound(text[at])] if homophone else self.signs
        pool = [sign for sign in pool if sign != text[at]]
        if not pool or len(text) < 3:
            return None
        typed = text[:at] + self.random.choice(pool) + text[at + 1 :]
        own = typed[: len(one.own)]
        if self.has_place(text):
            return None
        return typed, lambda o: _is_near(typed, o) or any(own in n for n in o.names)

    def slip(self, one: Known, how: str) -> Made:
        text = one.own + one.trade
        if len(text) < 4:
            return None
        at = self.random.randrange(1, len(text) - 1)
        typed = {
            "missing": text[:at] + text[at + 1 :],
            "added": text[:at] + self.random.choice(self.signs) + text[at:],
            "swapped": text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        }[how]
        if typed == text or self.has_place(text):
            return None
        return typed, lambda o: _is_near(typed, o)

    def has_place(self, text: str) -> bool:
        """海曙光 but for a sign is another's 海曙, which is no error."""
        return any(one in text for one in self.places.values())

    def wrong_code(self, one: Known) -> Made:
        at = self.random.randrange(4, 18)
        sign = self.random.choice([s for s in "0123456789ABCDEFGH" if s != one.code[at]])
        typed = one.code[:at] + sign + one.code[at + 1 :]
        return typed, lambda o: sum(a != b for a, b in zip(o.code, typed, strict=False)) <= 1

    def absent(self, one: Known) -> Made:
        typed = f"{self.random.choice('璀珑骊镜')}{self.random.choice('窈彧霆鲲')}{self.random.choice(['晚托', '托管', '小饭桌', '自习室'])}"
        return typed, lambda o: any(typed in n for n in o.names)


def _same(one: Known) -> Callable[[Known], bool]:
    return lambda o: o.id == one.id


def _holding(text: str) -> Made:
    return (text, lambda o: any(text in n for n in o.names)) if len(text) > 1 else None


@cache
def _sound(sign: str) -> str:
    return _sounds(sign)[0]


@cache
def _sounds(text: str) -> list[str]:
    """How a text is read aloud, with what stands beside a sign in mind."""
    from pypinyin import lazy_pinyin

    return [one.replace("ü", "v") for one in lazy_pinyin(text)]


def _follows(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(one in rest for one in letters)


def _reads(letters: str, text: str) -> bool:
    """Whether the letters are initials of the text in order, in any of its readings."""
    rest = iter(text)
    return all(any(letter in _initials(sign) for sign in rest) for letter in letters)


@cache
def _initials(sign: str) -> set[str]:
    from pypinyin import Style, pinyin

    return {one[0] for one in pinyin(sign, style=Style.NORMAL, heteronym=True)[0]}


def _is_near(typed: str, one: Known) -> bool:
    """One slip away, or all of it with gaps, or the same sound throughout as sounds are confused."""
    sound = _confused(typed)
    return any(
        _apart(typed, n) <= 1 or _follows(typed, n) or sound in _confused(n) for n in one.names
    )


def _confused(text: str) -> str:
    heard = " ".join(["", *_sounds(text), ""])
    for one, two in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng ", "n ")):
        heard = heard.replace(one, two)
    return heard


def _apart(typed: str, name: str) -> int:
    """The least number of slips (another sign, one more, one less, two swapped) against any part of a name."""
    row = [0] * (len(name) + 1)
    before = row
    for at, sign in enumerate(typed, 1):
        new = [at]
        for place, other in enumerate(name, 1):
            best = min(row[place] + 1, new[place - 1] + 1, row[place - 1] + (sign != other))
            if at > 1 and place > 1 and sign == name[place - 2] and typed[at - 2] == other:
                best = min(best, before[place - 2] + 1)
            new.append(best)
        before, row = row, new
    return min(row)
