"""The jurisdictions in `city.toml` as the register takes them, and those that it would refuse."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from config.city import City, CityJurisdiction
from config.limits import Wrong
from registry.errors import FormRefused, read_form
from registry.forms import JurisdictionForm


def form_of(place: CityJurisdiction) -> JurisdictionForm:
    """What the register keeps of a jurisdiction; raises FormRefused."""
    values = msgspec.structs.asdict(place)
    values.pop("tile")  # of the site's figure, not of the register
    return read_form(JurisdictionForm, values)


def wrong_places(city: City) -> Iterator[Wrong]:
    """Each field with its value and what to write instead."""
    if not city.jurisdictions:
        yield "jurisdictions", None, _alone(city)
    ids = {one.id for one in city.jurisdictions}
    for number, one in enumerate(city.jurisdictions, 1):
        at = f"jurisdictions[{number}]"
        yield from _of_form(one, at)
        if one.tile and not all(0 <= square < 20 for square in one.tile):
            yield f"{at}.tile", one.tile, "请写 0 到 19 的整数"
        if one.parent and one.parent not in ids:
            yield f"{at}.parent", one.parent, "没有这个编号的区域，请先写这个上级区域，或者留空"
        yield from _of_earlier(one, city.jurisdictions[: number - 1], at)


def _alone(city: City) -> str:
    return (
        "机构都登记在区县名下；不设区县的市，请把本市自己写成唯一的一处："
        f'[[jurisdictions]] 下面写 id = "本市的行政区划代码"、name = "{city.name}"、organ = "{city.organ}"'
    )


def _of_form(place: CityJurisdiction, at: str) -> Iterator[Wrong]:
    try:
        form_of(place)
    except FormRefused as refused:
        for one in refused.problems:
            known = one.field in JurisdictionForm.model_fields
            # What two fields make together is the days out of order.
            yield (
                (f"{at}.{one.field}", one.value, one.remedy)
                if known
                else (f"{at}.until", place.until, one.remedy)
            )


def _of_earlier(
    place: CityJurisdiction, earlier: Sequence[CityJurisdiction], at: str
) -> Iterator[Wrong]:
    """What it shares with one before it: a number never, a name on no day that both are there."""
    for other in earlier:
        if other.id == place.id:
            yield f"{at}.id", place.id, "每个区县的编号只能出现一次"
        elif other.name.strip() == place.name.strip() and _meet(other, place):
            remedy = f"{other.id} 和 {place.id} 同名，台账里分不出是哪一个，请改正其中一个的名称，或者删去一节"
            yield f"{at}.name", place.name, remedy


def _meet(one: CityJurisdiction, other: CityJurisdiction) -> bool:
    last = min(one.until or date.max, other.until or date.max)
    return max(one.since, other.since) <= last
