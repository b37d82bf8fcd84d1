"""How places are called: 海曙区 is typed 海曙, haishu, or 宁波海曙."""

import re

from publisher.edition import Manifest
from publisher.grams import normalise
from publisher.sounds import readings

_CITY = re.compile(r"(.{2,6}?(?:市|州|盟|地区))")
_ZONES = {
    "高新技术产业开发区": "高新区",
    "高新技术产业园区": "高新区",
    "经济技术开发区": "经开区",
    "综合保税区": "保税区",
}
_TAIL = re.compile(r"(?:旅游度假区|开发区|保税区|新区|区|市|县|旗|州|盟|地区)$")


def city_of(manifest: Manifest) -> str:
    """The city in full, as its organ names it; empty where it does not."""
    found = _CITY.match(manifest.organ)
    return normalise(found[1]) if found else ""


def leading(manifest: Manifest) -> tuple[str, ...]:
    """The places that may lead a name, in short and in full: the city's, then each jurisdiction's."""
    city = city_of(manifest)
    found = [city, _cut(city)] if city else []
    for one in manifest.jurisdictions:
        found += forms(normalise(one.name), city)
    return tuple(dict.fromkeys(filter(None, found)))


def forms(name: str, city: str = "") -> tuple[str, ...]:
    """海曙区 and 海曙; 宁波国家高新区, 高新区 and 高新."""
    bare = name.removeprefix(_cut(city)).removeprefix("国家") if city else name
    spoken = next((brief for long, brief in _ZONES.items() if bare.endswith(long)), bare)
    return tuple(dict.fromkeys((name, bare, spoken, _cut(spoken))))


def _cut(name: str) -> str:
    """A name of two signs stays whole."""
    cut = _TAIL.sub("", name)
    return cut if len(cut) > 1 else name


def sounded(name: str) -> str:
    """A place as it is typed by sound."""
    return "".join(readings(one)[0] for one in name)
