"""What every row says of its recording, and how constraints are named."""

from pydantic import AwareDatetime
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
