"""What the registry refuses, each with a Chinese sentence naming the field, the value and the remedy."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from msgspec import Struct
from pydantic import BaseModel, ValidationError

Form = TypeVar("Form", bound=BaseModel)
# What a mistake that no single field makes is a mistake of.
WHOLE = "本表"


class RegistryError(Exception):
    """A user's or an operator's mistake; the text is the sentence to show."""


class Problem(Struct, frozen=True, kw_only=True):
    """One wrong field: its name, its Chinese label, the value found and what to write instead."""

    field: str
    label: str
    value: str
    remedy: str

    @property
    def sentence(self) -> str:
        """The problem as one Chinese sentence."""
        shown = f"的值“{self.value}”不能用" if self.value else "没有填写或不合规定"
        return f"{self.label}{shown}：{self.remedy}。"


class FormRefused(RegistryError):
    """A form with wrong fields; `problems` names all of them at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("".join(one.sentence for one in self.problems))


class NotFound(RegistryError):
    """Nothing is registered under this number."""

    def __init__(self, what: str, id: str) -> None:
        self.what, self.id = what, id
        super().__init__(f"登记册里没有{what}“{id}”。请核对编号后再试。")


class Conflict(RegistryError):
    """The act contradicts what is already recorded."""


class NotAllowed(RegistryError):
    """The actor's role, jurisdiction or earlier part in the matter forbids the act."""


class StepRefused(RegistryError):
    """The matter's course knows no such step from where it stands, or a paper is missing."""


class NewerDatabase(RegistryError):
    """The database was migrated by a newer version of this software."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"数据库的版本“{revision}”比本软件新，没有改动任何内容。请先升级本软件再打开。"
        )


class RegisterBusy(RegistryError):
    """Somebody else held the register too long; nothing was written, and the same may be asked again."""

    seconds = 3
    said = "登记册正忙，这一次没有写入任何内容。请过几秒再办一次。"

    def __init__(self, said: str = "") -> None:
        super().__init__(said or self.said)


class RegisterAway(RegisterBusy):
    """The database cannot be reached, or cannot keep anything; the sentence says why."""

    seconds = 30


class ClockLeapt(RegisterBusy):
    """The machine's clock was set by more than a day; nothing is written that it would date."""

    seconds = 60

    def __init__(self, at: datetime, rightly: datetime) -> None:
        super().__init__(
            f"本机的钟突然走到了 {at:%Y-%m-%d %H:%M}，按经过的时间应当是 {rightly:%Y-%m-%d %H:%M}。"
            "为免记错日期，这期间不办理、不发布、不撤下任何内容。请管理员对好时间（timedatectl set-ntp true），"
            "对好后自动继续；如果现在的时间才是对的，请重新启动 xinyong 服务。"
        )


class CityMoving(RegisterBusy):
    """The city moves to another server at this instant; nothing was written."""

    said = "本市的登记册正在迁往另一台数据库服务器，这一次没有写入任何内容。请过几秒再办一次。"


class CityMoved(RegistryError):
    """The city left this server for one that is not known here."""

    def __init__(self, server: str) -> None:
        super().__init__(
            f"本市的登记册已经迁往数据库服务器“{server}”，这里的旧处不再使用。"
            "请在 cities.toml 的 [servers] 里写上它，或者把 XINYONG_DATABASE 改为它的地址。"
        )


def refuse(field: str, label: str, value: object, remedy: str) -> FormRefused:
    """A refusal of a single field."""
    shown = "" if value is None else str(value)
    return FormRefused([Problem(field=field, label=label, value=shown, remedy=remedy)])


def read_form(form: type[Form], data: Mapping[str, object]) -> Form:
    """The form these fields make, or a FormRefused that names every wrong field at once."""
    try:
        return form.model_validate(dict(data))
    except ValidationError as wrong:
        raise FormRefused(problems_of(wrong, form)) from None


def problems_of(wrong: ValidationError, form: type[BaseModel]) -> list[Problem]:
    """What pydantic found, field by field, in words an office worker understands."""
    found = []
    for error in wrong.errors(include_url=False):
        place = [str(part) for part in error["loc"]]
        field = ".".join(place) or form.__name__
        known = form.model_fields.get(place[0]) if place else None
        label = f"“{known.title}”" if known and known.title else f"“{field}”" if place else WHOLE
        # What was typed as a password must not come back on a page or in a log.
        value = None if "password" in place else error.get("input")
        shown = "" if not place or value is None or isinstance(value, dict | list) else str(value)
        context = {key: str(item) for key, item in error.get("ctx", {}).items()}
        found.append(
            Problem(
                field=field,
                label=label,
                value=shown if len(shown) <= 60 else shown[:60] + "…",
                remedy=_remedy(error["type"], error["msg"], context),
            )
        )
    return found


def _remedy(kind: str, message: str, context: Mapping[str, str]) -> str:
    if kind in ("value_error", "assertion_error"):
        return message.split(", ", 1)[-1]
    patterns = {
        "missing": "请填写这一项",
        "string_too_short": "请填写这一项，至少 {min_length} 个字",
        "string_too_long": "请缩短到 {max_length} 个字以内",
        "string_type": "请写文字",
        "string_pattern_mismatch": "写法不对，请照说明改写",
        "int_parsing": "请写整数",
        "int_type": "请写整数",
        "int_from_float": "请写整数",
        "greater_than_equal": "请写不小于 {ge} 的数",
        "less_than_equal": "请写不大于 {le} 的数",
        "greater_than": "请写大于 {gt} 的数",
        "bool_parsing": "请写“是”或“否”",
        "bool_type": "请写“是”或“否”",
        "literal_error": "请从 {expected} 中选一项",
        "enum": "请从 {expected} 中选一项",
        "extra_forbidden": "没有这个字段，请删去",
        "decimal_parsing": "请写数字",
    }
    pattern = patterns.get(kind)
    if pattern is None:
        return "请照说明改写"
    return pattern.format_map(context).replace(" or ", "、").replace("'", "")
