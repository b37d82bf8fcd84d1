"""Standing duties in a file: each known by what makes it one, and told apart where it says otherwise now."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct
from sqlmodel import Session, SQLModel, select

from registry import tables
from registry.importing.columns import key
from registry.importing.owners import Owners, Wrongs
from registry.importing.rows import Values
from registry.queries.duplicates import NUMBER
from registry.queries.files import valid

Key = tuple[Any, ...]


class Change(Struct, frozen=True, kw_only=True):
    """Where a row says otherwise than the register: field → before and now; `row` is what it supersedes."""

    institution: str
    row: int
    fields: dict[str, tuple[Any, Any]]


class Twin(Struct, frozen=True, kw_only=True):
    """What a new row may be a second time of: its number in the register, or its row in this file, and why."""

    id: str = ""
    name: str = ""
    row: int = 0
    why: tuple[str, ...]


class Standing(Struct, frozen=True, kw_only=True):
    """One kind of duty: its table, what a row cannot do without, and what makes two rows the same one."""

    table: type[SQLModel]
    required: tuple[str, ...]
    own: Callable[[Any], Key]
    superseded: bool = True


STANDING: dict[str, Standing] = {
    "covers": Standing(
        table=tables.Cover,
        required=("institution", "cover_class", "insurer", "policy_no", "since", "until"),
        own=lambda one: (one.institution, one.policy_no, one.cover_class, one.since),
    ),
    "licences": Standing(
        table=tables.Licence,
        required=("institution", "number", "since"),
        own=lambda one: (one.institution, key(one.number), one.since),
    ),
    "custody-accounts": Standing(
        table=tables.Custody,
        required=("institution", "bank", "since"),
        own=lambda one: (one.institution, key(one.bank), one.since),
    ),
    "custody-reports": Standing(
        table=tables.CustodyReport,
        required=("institution", "bank", "on"),
        own=lambda one: (one.institution, key(one.bank), one.on),
        superseded=False,
    ),
    "annual-inspections": Standing(
        table=tables.AnnualInspection,
        required=("institution", "year", "result", "on"),
        own=lambda one: (one.institution, one.year),
    ),
}


class Duties:
    """What the register holds of one kind of duty."""

    def __init__(self, session: Session, owners: Owners, kind: Standing) -> None:
        self.owners, self.kind, self.required = owners, kind, kind.required
        rows: Any = session.exec(select(kind.table)).all()
        current = valid(rows) if kind.superseded else rows
        self.held: dict[Key, Any] = {kind.own(row): row for row in current}
        self.seen: dict[Key, int] = {}
        # A licence's number is one institution's; a row that gives it to another is told.
        self.numbers: dict[str, list[Twin]] = defaultdict(list)
        if kind is STANDING["licences"]:
            for row in current:
                self.numbers[key(row.number)].append(
                    Twin(id=row.institution, name=row.number, why=(NUMBER,))
                )
        accounts = session.exec(select(tables.Custody)).all()
        self.banks = {(one.institution, key(one.bank)): one.bank for one in accounts}

    def complete(self, values: Values, row: int) -> Wrongs:
        """The institution; a report needs the account it is about."""
        yield from self.owners.complete(values)
        if self.kind is not STANDING["custody-reports"] or not values.get("bank"):
            return
        bank = self.banks.get((str(values.get("institution")), key(str(values["bank"]))))
        if bank is not None:
            values["bank"] = bank
        elif values.get("institution") in self.owners.ids:
            remedy = "这家机构没有在这家银行登记监管专户，请先导入专户，或者核对银行名称"
            yield "bank", remedy

    def is_there(self, form: Any) -> bool:
        """Whether this one is recorded, here or in an earlier row."""
        own = self.kind.own(form)
        there = own in self.held or own in self.seen
        self.seen[own] = 1
        return there

    def change(self, form: Any) -> Change | None:
        """What a row says otherwise than the register; only what it says at all is compared."""
        row = self.held.get(self.kind.own(form))
        if row is None or not self.kind.superseded:
            return None
        fields = differing(form, {one: getattr(row, one, None) for one in form.model_fields_set})
        if not fields:
            return None
        return Change(institution=row.institution, row=row.id or 0, fields=fields)

    def called(self, form: Any) -> str:
        """The institution's number."""
        return str(form.institution)

    def alike(self, form: Any, row: int) -> list[Twin]:
        """The other institutions a licence's number stands for; any other duty is one institution's."""
        if self.kind is not STANDING["licences"]:
            return []
        held = self.numbers[key(form.number)]
        found = [one for one in held if one.id != form.institution]
        held.append(Twin(id=form.institution, name=form.number, row=row, why=(NUMBER,)))
        return list({one.id: one for one in reversed(found)}.values())


def differing(form: Any, held: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Each field the form fills otherwise than what is held; spelling alone makes no difference."""
    found = {}
    for field, before in held.items():
        now = getattr(form, field)
        if now in ("", None, []) or field in ("addresses", "institution"):
            continue
        same = key(str(before)) == key(str(now)) if isinstance(now, str) else before == now
        if not same:
            found[field] = (before, now)
    return found
