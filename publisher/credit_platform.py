"""双公示 for the national credit platform: penalties and licences in its columns, checked before they leave.

What the law withholds stays empty: numbers of
papers and persons, contacts (个人信息保护法 第二十五条); a natural person is told as 姓某.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from publisher.credit_columns import LICENCE, LONGEST, MUST, MUST_OF_WITHDRAWAL, PENALTY
from publisher.gate.privacy import KINDS, OF_NUMBERS, personal
from publisher.persons import is_natural, masked

WORKING_DAYS = 7
ENDLESS = "2099-12-31"
# What people typed, read for personal data, and the numbers of papers, read for numbers of persons alone. The columns of
# certificates are not read: what the platform's form wants of a person there is no leak.
_TEXTS = (
    *("CF_XDR_MC", "CF_FRDB", "CF_WFXW", "CF_SY", "CF_YJ", "CF_CFLB", "CF_NR", "CF_CFJG"),
    *("XK_XDR_MC", "XK_FRDB", "XK_NR", "XK_XKJG"),
)
_NUMBERS = ("CF_WSH", "CF_NR_ZKDX", "XK_XKBH", "BZ")
WHO = ("自然人", "个体工商户", "法人及非法人组织")


class Subject(Struct, frozen=True, kw_only=True):
    """Who was decided on."""

    name: str
    legal_form: str
    code: str
    registration_no: str
    legal_representative: str
    licence_no: str

    @property
    def sort(self) -> str:
        """A natural person, a trader or a body, by what the register says of its legal form and code."""
        form = self.legal_form
        if is_natural(form):
            return WHO[0]
        return WHO[1] if "个体" in form or self.code.startswith("92") else WHO[2]


class Penalty(Struct, frozen=True, kw_only=True):
    """A final penalty decision; `conduct` is what sort of fault it is, `shown_until` by the policy.

    `known_on` and `end_known_on` are the first days on which it could be told that it is final, and ended.
    """

    matter: str
    subject: Subject
    document_no: str
    organ: str
    decided_on: date
    final_on: date
    known_on: date
    ended_on: date | None
    end_known_on: date | None
    ended_by: str
    conduct: str
    statement: str
    article: str
    kinds: str
    fine_fen: int
    confiscated_fen: int
    shown_until: date | None


class Licence(Struct, frozen=True, kw_only=True):
    """A school licence; `ended_on` is the first day on which it no longer holds, the rest as of a penalty."""

    matter: str
    subject: Subject
    number: str
    organ: str
    scope: str
    since: date
    until: date | None
    known_on: date
    ended_on: date | None
    end_known_on: date | None
    ended_by: str


class Source(Struct, frozen=True, kw_only=True):
    """Who reports, and the codes of the organs as far as the city has set them."""

    organ: str
    codes: Mapping[str, str]


class Row(Struct, frozen=True, kw_only=True):
    """One line: its matter, its cells by key, the last day to report it, and whether it withdraws."""

    matter: str
    cells: Mapping[str, str]
    due_on: date | None
    withdraws: bool = False


class Lacking(Struct, frozen=True, kw_only=True):
    """A cell that keeps its line back: empty, too long or personal; the sentence names matter, field and remedy."""

    matter: str
    field: str
    label: str
    remedy: str

    @property
    def sentence(self) -> str:
        """The problem in one sentence."""
        return f"{self.matter}：“{self.label}”（{self.field}）{self.remedy}。"


Due = Callable[[date], date]


def penalty_rows(
    found: Iterable[Penalty], days: tuple[date, date], source: Source, due: Due
) -> list[Row]:
    """What became known to be final between two days, and the withdrawal of what became known to have ended.

    What has ended is never told as if it stood, whichever days are asked for (行政处罚法 第四十八条).
    """
    rows = []
    for one in found:
        if one.ended_on is not None:
            if _between(one.end_known_on, days):
                rows.append(_withdrawn_penalty(one, source, due))
        elif _between(one.known_on, days):
            rows.append(
                Row(matter=one.matter, cells=_penalty(one, source), due_on=due(one.final_on))
            )
    return rows


def licence_rows(
    found: Iterable[Licence], days: tuple[date, date], source: Source, due: Due
) -> list[Row]:
    """The licences that became known between two days, and the end of those whose end did."""
    rows = []
    for one in found:
        if one.ended_on is not None:
            if _between(one.end_known_on, days):
                cells = _licence(one, source, one.ended_by) | {"XK_NR": "", "BZ": _stop(one)}
                rows.append(
                    Row(matter=one.matter, cells=cells, due_on=due(one.ended_on), withdraws=True)
                )
        elif _between(one.known_on, days):
            # The register knows when a licence begins, and not when it was decided on.
            rows.append(Row(matter=one.matter, cells=_licence(one, source, "有效"), due_on=None))
    return rows


def _between(day: date | None, days: tuple[date, date]) -> bool:
    return day is not None and days[0] <= day <= days[1]


def lacking(rows: Iterable[Row], offices: tuple[str, ...] = ()) -> list[Lacking]:
    """Every mandatory cell that is empty, and every one that is too long or personal, of every row.

    `offices` are numbers of offices, which may stand in a text.
    """
    return [
        Lacking(matter=row.matter, field=key, label=(PENALTY | LICENCE)[key], remedy=remedy)
        for row in rows
        for key, cell in row.cells.items()
        for remedy in _remedies(row, key, cell, offices)
    ]


def _remedies(row: Row, key: str, cell: str, offices: tuple[str, ...]) -> Iterator[str]:
    """What is to be done about a cell."""
    must = MUST_OF_WITHDRAWAL if row.withdraws else MUST
    if key in must and not cell:
        yield "没有登记，请先补登"
    elif len(cell) > LONGEST.get(key, len(cell)):
        yield f"有 {len(cell)} 个字，超过 {LONGEST[key]} 个，请改正"
    elif key.endswith("_SHXYM") and not cell and row.cells[key[:6] + "_LB"] == WHO[2]:
        yield "没有登记，请补登；是自然人或者个体工商户的，请改正法人类型"
    if key in _TEXTS or key in _NUMBERS:
        for one in personal(cell, offices, OF_NUMBERS if key in _NUMBERS else ()):
            yield f"含有{KINDS[one.kind]}（{one.masked}），请更正登记，删去它再报"


def myriads(fen: int) -> str:
    """An amount in 万元 with six decimals; empty for none."""
    return f"{Decimal(fen) / 1_000_000:.6f}" if fen else ""


def _penalty(one: Penalty, source: Source) -> dict[str, str]:
    revoked = any(word in one.kinds for word in ("吊销", "暂扣"))
    cells = dict.fromkeys(PENALTY, "")
    cells |= {
        **_who("CF", one.subject),
        "CF_WSH": one.document_no,
        "CF_WFXW": one.conduct,
        "CF_SY": one.statement,
        "CF_YJ": one.article,
        "CF_CFLB": one.kinds,
        "CF_NR": "；".join(_content(one)),
        "CF_NR_FK": myriads(one.fine_fen),
        "CF_NR_WFFF": myriads(one.confiscated_fen),
        "CF_NR_ZKDX": f"办学许可证 {one.subject.licence_no}"
        if revoked and one.subject.licence_no
        else "",
        "CF_JDRQ": one.decided_on.isoformat(),
        "CF_GSJZQ": one.shown_until.isoformat() if one.shown_until else "",
        "CF_CFJG": one.organ,
        "CF_CFJGDM": source.codes.get(one.organ, ""),
        "CF_SJLY": source.organ,
        "CF_SJLYDM": source.codes.get(source.organ, ""),
    }
    return cells


def _content(one: Penalty) -> Iterator[str]:
    """What was imposed, from the kinds and the amounts of the decision."""
    if one.kinds:
        yield one.kinds
    for label, fen in (("罚款", one.fine_fen), ("没收", one.confiscated_fen)):
        if fen:
            yield f"{label} {Decimal(fen) / 100:.2f} 元"


def _withdrawn_penalty(one: Penalty, source: Source, due: Due) -> Row:
    whole = _penalty(one, source)
    kept = {*MUST_OF_WITHDRAWAL, "CF_XDR_LB", "CF_XDR_SHXYM", "CF_CFJGDM", "CF_SJLYDM"}
    cells = {key: cell if key in kept else "" for key, cell in whole.items()}
    ended = one.ended_on or one.final_on
    cells["BZ"] = f"撤回：{one.ended_by}，自 {ended} 起停止公示"
    return Row(matter=one.matter, cells=cells, due_on=due(ended), withdraws=True)


def _licence(one: Licence, source: Source, state: str) -> dict[str, str]:
    return dict.fromkeys(LICENCE, "") | {
        **_who("XK", one.subject),
        "XK_XKLB": "普通",
        "XK_XKZS": "民办学校办学许可证",
        "XK_XKBH": one.number,
        "XK_NR": one.scope,
        "XK_YXQZ": one.since.isoformat(),
        "XK_YXQZI": _last_day(one.until),
        "XK_XKJG": one.organ,
        "XK_XKJGDM": source.codes.get(one.organ, ""),
        "XK_ZT": state,
        "XK_LYDW": source.organ,
        "XK_LYDWDM": source.codes.get(source.organ, ""),
    }


def _last_day(until: date | None) -> str:
    """The last day as the platform has it, which writes 2099-12-31 for 长期."""
    return "" if until is None else ENDLESS if until == date.max else until.isoformat()


def _stop(one: Licence) -> str:
    return f"{one.ended_by}，自 {one.ended_on} 起不再有效"


def _who(side: str, one: Subject) -> dict[str, str]:
    """The subject's columns; what identifies a natural person is withheld."""
    natural = one.sort == WHO[0]
    code = "" if natural else one.code
    number = "" if natural else one.registration_no
    civil, public = code.startswith("5"), code.startswith("12")
    return {
        f"{side}_XDR_MC": masked(one.name) if natural else one.name,
        f"{side}_XDR_LB": one.sort,
        f"{side}_XDR_SHXYM": code,
        f"{side}_XDR_GSZC": number if code.startswith("9") else "",
        f"{side}_XDR_SYDW": number if public else "",
        f"{side}_XDR_SHZZ": number if civil else "",
        f"{side}_FRDB": "" if natural else one.legal_representative,
    }
