"""How alembic runs here: on the engine it is given, all or nothing, one process at a time."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Engine, text
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import registry.tables  # noqa: F401 fills the metadata

MIGRATING = 0x4D49  # advisory lock


def _render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if kind == "type" and type(item).__name__ == "UTCDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def _run(engine: Engine) -> None:
    lite = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(write=True) as connection:
        raw: Any = connection.connection.driver_connection
        if lite:
            raw.execute("PRAGMA foreign_keys=OFF")  # inside a transaction this would do nothing
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=True,
            compare_type=True,
            transactional_ddl=True,
            render_item=_render,
        )
        with context.begin_transaction():
            if not lite:
                city = engine.get_execution_options().get("city", "")
                lock = text("SELECT pg_advisory_xact_lock(:key, hashtext(:city))")
                connection.execute(lock, {"key": MIGRATING, "city": city})
            context.run_migrations()
            if lite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"foreign keys broken by a migration: {broken}")
        if lite:
            raw.execute("PRAGMA foreign_keys=ON")


_run(context.config.attributes["engine"])
