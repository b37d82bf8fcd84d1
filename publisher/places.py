"""How places are called: 海曙区 is typed 海曙, haishu, or 宁波海曙."""

import re

from publisher.edition import Manifest
from publisher.grams import normalise
from publisher.sounds import readings

_CITY = re.compile(r"(?:[^省]{2,3}省)?(.{2,6}?(?:市|州|盟|地区)|.{2,12}?自治州)")
# Who an autonomous place is named after; in its name 族 may lack: 双江拉祜族佤族布朗族傣族自治县, 阿坝藏族羌族自治州.
_PEOPLES = (
    "柯尔克孜|哈萨克|乌孜别克|塔吉克|俄罗斯|塔塔尔|维吾尔|达斡尔|鄂温克|鄂伦春|布朗|布依|傈僳|拉祜"
    "|仡佬|仫佬|毛南|土家|朝鲜|哈尼|景颇|阿昌|普米|德昂|独龙|基诺|保安|东乡|裕固|撒拉|锡伯|赫哲|京"
    "|门巴|珞巴|高山|蒙古|各|回|藏|苗|彝|壮|满|侗|瑶|白|傣|黎|佤|畲|水|纳西|土|羌|怒"
)
_AUTONOMOUS = re.compile(rf"(.{{2,}}?)(?:(?:{_PEOPLES})族?)+自治([县州旗区])")
_ZONES = {
    "高新技术产业开发区": "高新区",
    "高新技术产业园区": "高新区",
    "经济技术开发区": "经开区",
    "综合保税区": "保税区",
}
_TAIL = re.compile(r"(?:旅游度假区|开发区|保税区|新区|族?自治[县州旗区]|区|市|县|旗|州|盟|地区)$")


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
    """海曙区 and 海曙; 宁波国家高新区, 高新区 and 高新; 耿马傣族佤族自治县, 耿马自治县, 耿马县 and 耿马."""
    if found := _AUTONOMOUS.fullmatch(name):
        own, rank = found.groups()
        return (name, f"{own}自治{rank}", f"{own}{rank}", own)
    bare = name.removeprefix(_cut(city)).removeprefix("国家") if city else name
    spoken = next((brief for long, brief in _ZONES.items() if bare.endswith(long)), bare)
    return tuple(dict.fromkeys((name, bare, spoken, _cut(spoken))))


def _cut(name: str) -> str:
    """A name of two signs stays whole."""
    if own := own_word(name):
        return own
    cut = _TAIL.sub("", name)
    return cut if len(cut) > 1 else name


def own_word(name: str) -> str:
    """What an autonomous place is called without its peoples and its rank; empty for any other place.

    >>> own_word("双江拉祜族佤族布朗族傣族自治县"), own_word("云县")
    ('双江', '')
    """
    found = _AUTONOMOUS.fullmatch(name)
    return found[1] if found else ""


def sounded(name: str) -> str:
    """A place as it is typed by sound."""
    return "".join(readings(one)[0] for one in name)
