"""Whether a column is one of many values: one statement for any number of them."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Dialect, TypeDecorator
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

    def __init__(self, column: Any, texts: Sequence[str]) -> None:
        super().__init__(column, sa.literal(texts, _Texts()))


@compiles(among, "sqlite")
def _in_sqlite(element: among, compiler: Any, **said: Any) -> str:
    column, texts = (compiler.process(one, **said) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608 both are compiled


@compiles(among, "postgresql")
def _in_postgresql(element: among, compiler: Any, **said: Any) -> str:
    column, texts = (compiler.process(one, **said) for one in element.clauses)
    return f"{column} = ANY({texts})"
