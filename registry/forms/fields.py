"""What every form shares: days and texts as people write them, and unknown fields refused."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, BeforeValidator, model_validator
from sqlmodel import Field, SQLModel

from registry.resident_number import plain_of, resident_numbers

_DAY = re.compile(r"(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but the tab and the line's end
# What nobody sees or typed: marks of width, of direction and of hyphenation that come along when a text is copied;
# the two joiners only beside what they do not join.
_PLAIN = r"\x00-\x7f\u2e80-\ua4cf\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_UNSEEN = re.compile(
    r"[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]"
    rf"|(?:(?<=[{_PLAIN}])|^)[\u200c\u200d]+|[\u200c\u200d]+(?=[{_PLAIN}]|$)"
)


# How a certificate says that it has no end; it is kept as the calendar's last day. Left empty, nobody has said.
ENDLESS = frozenset(
    f"{to}{word}"
    for to in ("", "至")
    for word in (
        *("长期", "长期有效", "永久", "永久有效", "永续", "永续经营", "不约定期限"),
        *("无固定期限", "无固定期", "无期限", "无限期", "不限期"),
    )
)


def parse_day(value: object) -> object:
    """A day as people write it; numbers are refused, for pydantic would take them as Unix time."""
    if isinstance(value, datetime):
        raise ValueError("请只写日期，不带时间，如 2026-03-01")
    if value is None or isinstance(value, date):
        return value
    text = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else ""
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError("请写日期，如 2026-03-01")
    year, month, day = (int(part) for part in match.groups() if part)
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("没有这一天，请核对年月日") from None


def _optional_day(value: object) -> object:
    return None if value == "" else parse_day(value)


def _optional_end(value: object) -> object:
    return date.max if isinstance(value, str) and value.strip() in ENDLESS else _optional_day(value)


def _stripped(value: object) -> object:
    """Text without blanks at its ends, the ideographic space included; control signs refused."""
    if not isinstance(value, str):
        return value
    # A browser sends the lines of a text with carriage returns.
    text = value.replace("\r\n", "\n").strip().strip("\u3000\ufeff")
    if _CONTROL.search(text):
        raise ValueError("含有不可见的控制字符，请删去后重新输入")
    return text


def _seen(value: object) -> object:
    """A name or an address as it is read: what nobody sees makes no other one of it, nor turns what follows."""
    return _UNSEEN.sub("", value) if isinstance(value, str) else value


NO_RESIDENT_NUMBER = "这里填的会公开，里面却有身份证号码，请删去"


def _published(text: str) -> str:
    """A text that is printed; raises ValueError where a resident number stands in it."""
    if any(resident_numbers(plain_of(text))):
        raise ValueError(NO_RESIDENT_NUMBER)
    return text


def published_fields(form: type[SQLModel]) -> list[str]:
    """The fields of a form whose text is printed, in order."""
    return [
        name
        for name, field in form.model_fields.items()
        if any(getattr(one, "func", None) is _published for one in field.metadata)
    ]


Day = Annotated[date, BeforeValidator(parse_day)]
OptionalDay = Annotated[date | None, BeforeValidator(_optional_day)]
OptionalEnd = Annotated[date | None, BeforeValidator(_optional_end)]
Text = Annotated[str, BeforeValidator(_stripped)]
PublicText = Annotated[Text, AfterValidator(_published)]
CalledText = Annotated[PublicText, BeforeValidator(_seen)]

Status = Literal["active", "suspended", "closed"]
NameKind = Literal["legal", "brand", "branch"]
ContactKind = Literal["consult", "complaint", "phone", "website", "email", "wechat", "address"]
AnswerWord = Literal["符合", "不符合", "不适用", "未查"]
CoverClass = Literal["premises", "performance", "accident", "employer", "credit"]
AnnualResult = Literal["合格", "基本合格", "不合格"]
ListName = Literal["black", "watch"]
ChangeKind = Literal["contact", "premises", "cover", "staff"]
RoleName = Literal[
    "inspector", "reviewer", "head", "publisher", "auditor", "institution", "administrator"
]


class Crossed(NamedTuple):
    """A mistake of several fields together: which ones it rests on, and what to do."""

    fields: tuple[str, ...]
    said: str


class Form(SQLModel):
    """The rules of every form: a field nobody knows is an error, not a silent loss."""

    model_config = {"extra": "forbid"}

    def crossed(self) -> Iterator[Crossed]:
        """Every mistake that its fields make only together; a field that is not known yet makes none."""
        return iter(())

    @model_validator(mode="after")
    def _not_crossed(self) -> Self:
        if found := [one.said for one in self.crossed()]:
            raise ValueError("；".join(found))
        return self


def in_order(label: str, *days: tuple[str, date | None]) -> Iterator[Crossed]:
    """Two days by the names of their fields, of which the second may not come before the first."""
    (first, since), (last, until) = days
    if since and until and until < since:
        said = f"{label}截止日期 {until} 早于起始日期 {since}，请改正其中一个"
        yield Crossed((first, last), said)


class Dated(Form):
    """Something that holds from its first to its last day, both included."""

    since: Day = Field(title="起始日期")
    until: OptionalDay = Field(default=None, title="截止日期")

    def crossed(self) -> Iterator[Crossed]:
        """Its days out of order."""
        yield from in_order("", ("since", self.since), ("until", self.until))
