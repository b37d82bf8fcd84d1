"""What every row says of its recording, how constraints are named, and a reference that may name nobody."""

from pydantic import AwareDatetime
from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Recorded(SQLModel):
    """When a row was recorded and by whom: the second of the two times of every fact."""

    recorded_at: AwareDatetime
    recorded_by: str = Field(max_length=60)


class NumberOrNone(TypeDecorator[str]):
    """A number that may name nobody: empty here, NULL where it is kept, so that a foreign key holds."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Empty goes in as NULL."""
        return value or None

    def process_result_value(self, value: str | None, dialect: Dialect) -> str:
        """NULL comes out empty."""
        return value or ""
