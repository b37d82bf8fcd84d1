"""Where a city's schema lies on PostgreSQL; a city that has moved to another server is followed there."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import NullPool

from registry.errors import CityMoved, CityMoving, RegisterBusy

MOVED = "moved to "  # the comment on a schema that was left; the name of the other server follows
MARK = (
    "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = {} "
    "AND left(obj_description(oid, 'pg_namespace'), 9) = 'moved to '"
)
GONE = ("42P01", "3F000")  # no such table, no such schema: it has just been renamed
WAITED = ("55P03", "40P01")  # waited too long for a lock, or for one another


class Place:
    """The server a city's schema lies on now; `servers` are the others it may have moved to, by name."""

    def __init__(self, url: URL, schema: str, servers: Mapping[str, str]) -> None:
        self.url, self.schema, self.servers = url, schema, servers

    def follow(self, mark: str) -> None:
        """Goes where the mark of a schema that was left points; raises CityMoved where nobody knows the way."""
        name = mark.removeprefix(MOVED)
        if name not in self.servers:
            raise CityMoved(name)
        self.url = make_url(self.servers[name])

    def lone(self, **words: Any) -> Engine:
        """An engine on a connection of its own that looks into no schema."""
        return create_engine(self.url, poolclass=NullPool, **words)

    def mark(self) -> str:
        """What is written on the schema where the city was last seen; empty while it lies there."""
        with self.lone().connect() as connection:
            return mark_of(connection, self.schema)

    def is_on_its_way(self) -> bool:
        """Whether the schema is marked as left, or not yet where it goes."""
        known = text("SELECT count(*) FROM pg_namespace WHERE nspname = :schema")
        with self.lone().connect() as connection:
            there = connection.execute(known, {"schema": self.schema}).scalar()
            return not there or bool(mark_of(connection, self.schema))


def place_of(engine: Engine) -> Place:
    """Where the city of an engine lies, followed to this instant."""
    place: Place = engine.get_execution_options()["place"]
    for _ in range(len(place.servers) + 1):
        if not (mark := place.mark()):
            return place
        place.follow(mark)
    raise CityMoved(place.schema)


def mark_of(connection: Connection, schema: str) -> str:
    """What is written on a schema that was left; empty for every other."""
    return str(connection.execute(text(MARK.format(":schema")), {"schema": schema}).scalar() or "")


def keep_place(engine: Engine, place: Place) -> None:
    """From now on every connection of the engine is to where the city lies, and none to where it was."""

    def connect(dialect: Any, _: object, __: object, given: dict[str, Any]) -> Any:
        own = {key: given[key] for key in ("options",) if key in given}
        for _step in range(len(place.servers) + 1):
            args, words = dialect.create_connect_args(place.url)
            raw = dialect.connect(*args, **{**words, **own})
            if not (mark := _asked(raw, place.schema)):
                return raw
            raw.close()
            place.follow(mark)
        raise CityMoved(place.schema)

    def still(raw: Any, _: object, __: object) -> None:
        try:
            mark = _asked(raw, place.schema)
        except dialect_error as wrong:
            raise DisconnectionError(str(wrong)) from None
        if mark:
            raise DisconnectionError(mark)

    dialect_error = engine.dialect.loaded_dbapi.Error
    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkout", still)
    event.listen(engine, "handle_error", lambda context: _told(context, place))


def _asked(raw: Any, schema: str) -> str:
    """The mark, in no transaction; in place of a ping, at the same cost."""
    raw.autocommit = True
    try:
        row = raw.execute(MARK.format("%s"), (schema,)).fetchone()
    finally:
        if not raw.closed:
            raw.autocommit = False
    return row[0] if row else ""


def _told(context: ExceptionContext, place: Place) -> None:
    """A statement that met the move, or waited for it too long, is told as what it is: nothing was written."""
    state = getattr(context.original_exception, "sqlstate", None)
    if state in WAITED:
        raise RegisterBusy from context.original_exception
    if state in GONE and place.is_on_its_way():
        raise CityMoving from context.original_exception
