"""Which numbers of `city.toml` cannot be used: of publication, of the gate and of the draw."""

from collections.abc import Iterator

from config.city import City, GateBounds, Publication
from registry.drafts import LISTS
from registry.drawing import HEAVIEST

Wrong = tuple[str, object, str]
_PUBLICATION = {"working_day": (1, 20), "hour": (0, 23), "ahead": (0, 15), "minutes": (1, 1440)}
_AT_LEAST_NONE = "请写不小于 0 的整数"


def wrong_numbers(city: City) -> Iterator[Wrong]:
    """Each field with its value and what to write instead."""
    yield from _of_publication(city.publication)
    yield from _of_gate(city.gate)
    yield from _of_lists(city.gate)
    for grade, weight in {**city.draw.grades, "other": city.draw.other}.items():
        if not 0 <= weight <= HEAVIEST:
            yield f"draw.{grade}", weight, f"请写 0 到 {HEAVIEST} 的整数"


def _of_publication(publication: Publication) -> Iterator[Wrong]:
    for field, (least, most) in _PUBLICATION.items():
        value = getattr(publication, field)
        if not least <= value <= most:
            yield f"publication.{field}", value, f"请写 {least} 到 {most} 的整数"


def _of_gate(gate: GateBounds) -> Iterator[Wrong]:
    for field in ("min_institutions", "max_institutions", "max_new_black"):
        if getattr(gate, field) < 0:
            yield f"gate.{field}", getattr(gate, field), _AT_LEAST_NONE
    if gate.min_institutions > gate.max_institutions:
        yield "gate.min_institutions", gate.min_institutions, "请写不大于 max_institutions 的整数"
    for field in ("max_change_percent", "max_place_loss_percent"):
        if not 0 <= getattr(gate, field) <= 100:
            yield f"gate.{field}", getattr(gate, field), "请写 0 到 100 的整数"
    for number in gate.public_numbers:
        if len(number.strip()) < 5:
            yield "gate.public_numbers", number, "请写完整的办公电话或者邮箱"


def _of_lists(gate: GateBounds) -> Iterator[Wrong]:
    for key, of in gate.lists.items():
        if key not in LISTS:
            yield f"gate.lists.{key}", key, f"名单只有 {'、'.join(LISTS)}"
        for field in ("min", "max", "max_added", "max_removed"):
            value = getattr(of, field)
            if value is not None and value < 0:
                yield f"gate.lists.{key}.{field}", value, _AT_LEAST_NONE
        if of.max is not None and of.min > of.max:
            yield f"gate.lists.{key}.min", of.min, "请写不大于 max 的整数"
