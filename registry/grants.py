"""What the database role of a city's program may do: all it needs, and of what may only grow no more than to add."""

from sqlalchemy import Connection, text

from registry.errors import RegistryError

# Guarded by triggers too; where an engine knows no triggers, these rights are the guard.
APPEND_ONLY = ("ledger", "step")
VERSION = "alembic_version"


class NoSuchRole(RegistryError):
    """A database role that is to be given rights is not there, or is the schema's owner."""

    def __init__(self, role: str, why: str) -> None:
        super().__init__(f"数据库用户“{role}”{why}。")


def grant(connection: Connection, schema: str, role: str) -> None:
    """Gives a role exactly these rights in one schema, and takes from it what else it had there."""
    known = text("SELECT rolsuper FROM pg_roles WHERE rolname = :role")
    found = connection.execute(known, {"role": role}).first()
    if found is None:
        raise NoSuchRole(role, "不存在。请先由数据库管理员执行 CREATE ROLE … LOGIN")
    if found.rolsuper or role == owner_of(connection, schema):
        raise NoSuchRole(
            role, f"是超级用户或者模式 {schema} 的所有者，权限限制不了它。请另建一个用户"
        )
    place, name = _quoted(schema), _quoted(role)
    tables = text(
        "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE nspname = :schema AND relkind = 'r' ORDER BY relname"
    )
    statements = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {place} FROM {name}",
        f"REVOKE ALL ON SCHEMA {place} FROM {name}",
        f"GRANT USAGE ON SCHEMA {place} TO {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {place} TO {name}",
    ]
    for table in connection.execute(tables, {"schema": schema}).scalars():
        statements.append(f"GRANT {_rights(table)} ON {place}.{_quoted(table)} TO {name}")
    for one in statements:
        connection.execute(text(one))


def roles_of(connection: Connection, schema: str) -> list[str]:
    """The roles beside its owner that may look into a schema."""
    query = text(
        "SELECT DISTINCT rolname FROM pg_namespace, aclexplode(nspacl) "
        "JOIN pg_roles ON pg_roles.oid = grantee "
        "WHERE nspname = :schema AND grantee <> nspowner ORDER BY rolname"
    )
    return list(connection.execute(query, {"schema": schema}).scalars())


def owner_of(connection: Connection, schema: str) -> str:
    """The role that owns a schema; empty where there is none."""
    query = text(
        "SELECT rolname FROM pg_namespace JOIN pg_roles ON pg_roles.oid = nspowner "
        "WHERE nspname = :schema"
    )
    return str(connection.execute(query, {"schema": schema}).scalar() or "")


def _rights(table: str) -> str:
    if table == VERSION:
        return "SELECT"
    return "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))
