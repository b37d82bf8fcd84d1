"""A line of a ledger about an institution: its further names and places stand together in one cell each."""

import re
from collections.abc import Callable
from datetime import date

from pydantic import ValidationError, ValidationInfo, field_validator
from sqlmodel import Field

from registry.errors import problems_of
from registry.forms.fields import NameKind, Text
from registry.forms.institutions import InstitutionForm, NameForm, PremisesForm

NAMES: dict[str, NameKind] = {
    "brand_names": "brand",
    "branch_names": "branch",
    "former_names": "legal",
}
PLACES = "other_addresses"
LONGEST = 2000
_NAMES_APART = re.compile(r"\s*[；;、\n]\s*")
_PLACES_APART = re.compile(r"\s*[；;\n]\s*")
_FORMER = re.compile(r"(.+?)\s*[（(]\s*至\s*([^（）()]+?)\s*[)）]")
_ENDLESS = (
    "每个曾用名后面要写用到哪一天，如“某某培训学校（至 2024-05-01）”；不知道哪一天的，请不写在这里"
)


class InstitutionLine(InstitutionForm):
    """The sheet of an institution as a ledger has it: names are divided by ；、 or lines, places by ； or lines."""

    brand_names: Text = Field(default="", title="品牌名称", max_length=LONGEST)
    branch_names: Text = Field(default="", title="教学点名称", max_length=LONGEST)
    former_names: Text = Field(default="", title="曾用名", max_length=LONGEST)
    other_addresses: Text = Field(default="", title="其他办学地址", max_length=LONGEST)

    @field_validator(*NAMES)
    @classmethod
    def _are_names(cls, text: str, info: ValidationInfo) -> str:
        field = info.field_name or ""
        return _read(text, lambda: names_in(field, text))

    @field_validator(PLACES)
    @classmethod
    def _are_places(cls, text: str) -> str:
        return _read(text, lambda: places_in(text, date.min))


def names_in(field: str, text: str) -> list[NameForm]:
    """The names of one cell; raises ValueError for what is none."""
    parts = [one for one in _NAMES_APART.split(text) if one]
    if field != "former_names":
        return [NameForm(kind=NAMES[field], text=one) for one in parts]
    found = []
    for one in parts:
        former = _FORMER.fullmatch(one)
        if former is None:
            raise ValueError(_ENDLESS)
        found.append(
            NameForm.model_validate({"kind": "legal", "text": former[1], "until": former[2]})
        )
    return found


def places_in(text: str, since: date) -> list[PremisesForm]:
    """The places of one cell, in use from a day on; raises ValueError for what is none."""
    return [PremisesForm(address=one, since=since) for one in _PLACES_APART.split(text) if one]


def further_names(form: InstitutionForm) -> list[NameForm]:
    """Every name of a new institution beside the one it bears now."""
    cells = NAMES if isinstance(form, InstitutionLine) else {}
    return [*form.names, *(one for field in cells for one in names_in(field, getattr(form, field)))]


def further_places(form: InstitutionForm, since: date) -> list[PremisesForm]:
    """Every place of a new institution beside the first; those of a ledger from its first day on."""
    text = form.other_addresses if isinstance(form, InstitutionLine) else ""
    return [*form.premises, *places_in(text, since)]


def _read(text: str, parts: Callable[[], object]) -> str:
    try:
        parts()
    except ValidationError as wrong:
        raise ValueError(problems_of(wrong, NameForm)[0].remedy) from None
    return text
