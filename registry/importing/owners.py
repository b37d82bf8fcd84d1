"""Institutions by anything a ledger calls them: number, code, licence, registration, name."""

from collections import defaultdict
from collections.abc import Iterator

from sqlmodel import Session, select

from registry import tables
from registry.identity import read_institution_id
from registry.importing.columns import key
from registry.importing.rows import Values

Wrongs = Iterator[tuple[str, str]]


class Owners:
    """Institutions by anything a ledger calls them: number, code, licence, registration, name."""

    def __init__(self, session: Session, prefix: str) -> None:
        self.prefix = prefix
        self.found: dict[str, set[str]] = defaultdict(set)
        registration, licence, name = tables.Registration, tables.Licence, tables.Name
        self.ids = set(session.exec(select(tables.Institution.id)).all())
        for text, id in (
            *session.exec(select(registration.code, registration.institution)).all(),
            *session.exec(select(registration.number, registration.institution)).all(),
            *session.exec(select(licence.number, licence.institution)).all(),
            *session.exec(select(name.text, name.institution).where(name.kind == "legal")).all(),
        ):
            if text:
                self.found[key(text)].add(id)

    def complete(self, values: Values) -> Wrongs:
        """The number of the institution a row is about."""
        typed = str(values.get("institution", ""))
        if not typed:
            return
        own = read_institution_id(self.prefix, typed)
        found = {own} if own in self.ids else self.found.get(key(typed), set())
        if len(found) == 1:
            values["institution"] = next(iter(found))
        elif found:
            yield "institution", f"有 {len(found)} 家同名，请改写机构编号或统一社会信用代码"
        else:
            yield "institution", "登记册里没有这家，请先导入机构，或者核对写法"
