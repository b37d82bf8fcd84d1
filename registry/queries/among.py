"""Whether a column is one of many values: one statement for any number of them."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import BindParameter, Dialect, TypeDecorator
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _Texts(TypeDecorator[Sequence[str]]):
    """Many texts as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """The type that the database knows."""
        own = ARRAY(sa.Text()) if dialect.name == "postgresql" else sa.Text()
        return dialect.type_descriptor(own)

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        """The texts as the database takes them."""
        texts = list(value or ())
        return texts if dialect.name == "postgresql" else msgspec.json.encode(texts).decode()


class among(FunctionElement[bool]):
    """`column IN` texts, which are a single parameter: to expand a thousand costs as much as their rows."""

    inherit_cache = True
    type = sa.Boolean()

    def __init__(self, column: Any, texts: Sequence[str] | BindParameter[Sequence[str]]) -> None:
        values = texts if isinstance(texts, BindParameter) else sa.literal(texts, _Texts())
        super().__init__(column, values)

    def self_group(self, against: Any = None) -> "among":
        """It is a condition as it stands: compared with 1, as SQLite's booleans are, it would use no index."""
        return self


def texts_named(name: str) -> BindParameter[Sequence[str]]:
    """The texts that a statement is given when it is run."""
    return sa.bindparam(name, type_=_Texts())


@compiles(among, "sqlite")
def _in_sqlite(element: among, compiler: Any, **said: Any) -> str:
    column, texts = (compiler.process(one, **said) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608 both are compiled


@compiles(among, "postgresql")
def _in_postgresql(element: among, compiler: Any, **said: Any) -> str:
    column, texts = (compiler.process(one, **said) for one in element.clauses)
    return f"{column} = ANY({texts})"
