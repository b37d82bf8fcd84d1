"""The districts as a grid of equal squares (方位示意): no area bias, and no survey map."""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from publisher.edition import Jurisdiction
from publisher.places import own_word

WIDE, TALL = 86, 78
ACROSS = 5
_ENDING = re.compile(r"(?<=..)(旅游度假区|开发区|(?<!高)新区|族?自治[县旗]|(?<!高新)区|县|市|旗)$")


class Place(Struct, frozen=True, kw_only=True):
    """Where a city draws a district or a zone, in squares from the upper left."""

    across: int
    down: int
    zone: bool = False


class Tile(Struct, frozen=True, kw_only=True):
    """One square: what it is called, where it stands, and how many stand on which list."""

    id: str
    name: str
    label: str
    x: int
    y: int
    zone: bool
    counts: Mapping[str, int]


class Tiles(Struct, frozen=True, kw_only=True):
    """The whole grid."""

    width: int
    height: int
    tiles: tuple[Tile, ...]


def tiles(
    jurisdictions: Sequence[Jurisdiction],
    counts: Mapping[str, Mapping[str, int]],
    places: Mapping[str, Place],
    city: str = "",
) -> Tiles:
    """The squares as the city places them; those it does not place follow in rows below."""
    found = tuple(_tiles(jurisdictions, counts, places, city))
    return Tiles(
        width=max((one.x for one in found), default=0) + WIDE,
        height=max((one.y for one in found), default=0) + TALL,
        tiles=found,
    )


def _tiles(
    jurisdictions: Sequence[Jurisdiction],
    counts: Mapping[str, Mapping[str, int]],
    places: Mapping[str, Place],
    city: str,
) -> Iterator[Tile]:
    below = max((one.down + 1 for id, one in places.items()), default=0)
    others = 0
    for one in jurisdictions:
        place = places.get(one.id)
        if place is None:
            place = Place(across=others % ACROSS, down=below + others // ACROSS)
            others += 1
        yield Tile(
            id=one.id,
            name=one.name,
            label=short(one.name, city),
            x=1 + place.across * WIDE,
            y=1 + place.down * TALL,
            zone=place.zone,
            counts=counts.get(one.id, {}),
        )


def short(name: str, city: str) -> str:
    """What a square has room for: the name without the city's before it and without its ending.

    >>> short("宁波前湾新区", "宁波市"), short("海曙区", "宁波市"), short("宁波国家高新区", "宁波市")
    ('前湾', '海曙', '高新区')
    """
    if own := own_word(name):
        return own[:5]
    before = city.removesuffix("市")
    rest = name.removeprefix(before) if before and len(name) > len(before) + 2 else name
    return _ENDING.sub("", rest.removeprefix("国家"))[:5]
