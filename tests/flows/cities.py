"""Small cities of one installation: each its folder, data, role and schema, with institutions and people."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from config.cities.installation import Installation, Member, load_installation
from config.register import OPERATOR, existing_register, grant_to, open_register, owned_by
from config.settings import DEMO_MARK
from registry import acts, queries
from registry.accounts import create_account
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import AccountForm, InstitutionForm

HERE = Path(__file__).parents[2] / "config"
PASSWORD = "three plain words"  # noqa: S105 a test's
PREFIXES = ("NB", "HZ", "WZ", "JX", "HU", "SX", "JH", "QZ", "ZS", "TZ", "LS", "YW")
NAMES = (
    "宁波",
    "杭州",
    "温州",
    "嘉兴",
    "湖州",
    "绍兴",
    "金华",
    "衢州",
    "舟山",
    "台州",
    "丽水",
    "义乌",
)


def city_folder(folder: Path, at: int) -> str:
    """A city's own folder with Ningbo's policy and holidays; gives its number."""
    id, name = f"city{at}", NAMES[at]
    folder.mkdir(parents=True)
    for part in ("policy", "holidays", "imports", "checklists"):
        shutil.copytree(HERE / part, folder / part)
    (folder / "city.toml").write_text(
        f'id = "{id}"\nprefix = "{PREFIXES[at]}"\nname = "{name}市"\n'
        f'organ = "{name}市教育局"\ncontact = "电话 0570-{at:07}"\n'
        "[[jurisdictions]]\n"
        f'id = "3300{at:02}"\nname = "{name}区"\norgan = "{name}区教育局"\n',
        "utf-8",
    )
    return id


def installation_file(
    root: Path,
    many: int,
    servers: Mapping[str, str],
    *,
    on: Mapping[int, str] | None = None,
    roles: bool = False,
) -> Path:
    """`cities.toml` for so many cities, the folders beside it; `on` says which server a city lies on.

    With `roles` each city uses a database role of its own.
    """
    lines = ['title = "浙江省民办教育机构信用名单"', 'hosts = ["all.example"]', "[servers]"]
    lines += [f'{name} = "{url}"' for name, url in servers.items()]
    for at in range(many):
        id = city_folder(root / f"city{at}", at)
        lines += [f"[cities.{id}]", f'folder = "{id}"', f'data = "data/{id}"']
        lines += [f'hosts = ["{id}.example"]']
        server = (on or {}).get(at, next(iter(servers), ""))
        lines += [f'server = "{server}"  # where it lies'] if server else []
        lines += [f'role = "{id}_app"'] if roles else []
        data = root / "data" / id
        data.mkdir(parents=True, exist_ok=True)
        (data / DEMO_MARK).write_text("test")
    file = root / "cities.toml"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def with_roles(file: Path) -> Installation:
    """Makes the roles of each city as README says: one that owns the schema, one for the program."""
    whole = load_installation(file, {})
    for one in whole.members:
        names = (f"{one.id}_owner", one.role)
        for url in whole.common.servers.values():
            with create_engine(make_url(url), poolclass=NullPool).begin() as connection:
                connection.execute(text("REVOKE ALL ON DATABASE postgres FROM PUBLIC"))
                for role in names:
                    connection.execute(text(f"CREATE ROLE {role} LOGIN"))
                    connection.execute(text(f"GRANT CONNECT ON DATABASE postgres TO {role}"))
                connection.execute(text(f"GRANT CREATE ON DATABASE postgres TO {names[0]}"))
        owned = owned_by(one.settings, names[0])
        engine = open_register(owned)
        assert grant_to(engine, owned, one.role) == [one.role]
        engine.dispose()
    return whole


def without_roles(whole: Installation) -> None:
    """Takes the roles away again, with all they own."""
    for url in whole.common.servers.values():
        with create_engine(make_url(url), poolclass=NullPool).begin() as connection:
            for one in whole.members:
                for role in (f"{one.id}_owner", one.role):
                    connection.execute(text(f"DROP OWNED BY {role} CASCADE"))
                    connection.execute(text(f"DROP ROLE {role}"))


def filled(file: Path) -> Installation:
    """The installation with a register in each city: an institution, and a reviewer who may sign in."""
    whole = load_installation(file, {})
    for at, one in enumerate(whole.members):
        engine = open_register(one.settings)
        now = datetime.now(UTC)
        sheet = {
            "name": f"{NAMES[at]}市晨光艺术培训学校",
            "jurisdiction": f"3300{at:02}",
            "opened_on": "2020-03-01",
            "address": f"{NAMES[at]}区中山西路 1 号",
        }
        who = {"id": "reviewer", "name": "李", "password": PASSWORD, "role": "reviewer"}
        with writing(engine) as session:
            form = read_form(InstitutionForm, sheet)
            acts.register_institution(
                session, form, prefix=one.settings.prefix, by=OPERATOR, now=now
            )
            create_account(session, read_form(AccountForm, who), by=OPERATOR, now=now)
        engine.dispose()
    return whole


def cleared(whole: Installation, *only: str) -> None:
    """Drops every schema of the installation, in use or left, on every server, or on those named."""
    for url in (whole.common.servers[one] for one in only or whole.common.servers):
        engine = create_engine(make_url(url), poolclass=NullPool)
        with engine.begin() as connection:
            query = text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'city%'")
            for schema in connection.execute(query).scalars():
                connection.execute(text(f'DROP SCHEMA "{schema}" CASCADE'))


@contextmanager
def at_work(url: str, whole: Installation) -> Iterator[list[dict[str, Any]]]:
    """People of every city at work in another process; what they were answered is there at the end."""
    words = [url, f"{datetime.now(UTC):%Y-%m-%d}"]
    for one in whole.members:
        words += [one.hosts[0], institution_of(one)]
    command = [sys.executable, "-m", "tests.bench.city_load", *words]
    root = HERE.parent
    env = {**os.environ, "PYTHONPATH": str(root)}
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=root, env=env, stdin=pipe, stdout=pipe, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    said: list[dict[str, Any]] = []
    try:
        assert process.stdout.readline() == "at work\n"
        yield said
    finally:
        out, _ = process.communicate("")
        said += json.loads(out) if out.strip() else []


def institution_of(member: Member) -> str:
    """The one institution of a city."""
    engine = existing_register(member.settings)
    with reading(engine) as session:
        [found] = queries.institutions(session, datetime.now(UTC).date(), limit=2)
    engine.dispose()
    return found.id


def complaints_of(member: Member) -> list[str]:
    """What was complained of, as the register holds it, wherever it lies now."""
    engine = existing_register(member.settings)
    with reading(engine) as session:
        found = list(session.execute(text("SELECT text FROM complaint ORDER BY matter")).scalars())
    engine.dispose()
    return found


def fingerprint(url: str, schema: str) -> dict[str, str]:
    """A digest of every table of a schema, whatever the order of its rows."""
    found = {}
    with create_engine(make_url(url), poolclass=NullPool).connect() as connection:
        tables = text(
            "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE nspname = :schema AND relkind = 'r' ORDER BY 1"
        )
        for table in list(connection.execute(tables, {"schema": schema}).scalars()):
            rows = f'SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), \'\')) FROM "{schema}"."{table}" t'  # noqa: S608
            found[table] = connection.execute(text(rows)).scalar_one()
    return found
