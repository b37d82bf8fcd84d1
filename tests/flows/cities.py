"""Small cities of one installation: each its folder, data, role and schema, with institutions and people."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from config.cities.installation import Installation, load_installation
from config.register import OPERATOR, open_register
from config.settings import DEMO_MARK
from registry import acts
from registry.accounts import create_account
from registry.database import writing
from registry.errors import read_form
from registry.forms import AccountForm, InstitutionForm

HERE = Path(__file__).parents[2] / "config"
PASSWORD = "three plain words"  # noqa: S105 a test's
PREFIXES = ("NB", "HZ", "WZ", "JX", "HU", "SX", "JH", "QZ", "ZS", "TZ", "LS", "YW")
NAMES = ("宁波", "杭州", "温州", "嘉兴", "湖州", "绍兴", "金华", "衢州", "舟山", "台州", "丽水", "义乌")


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
    root: Path, many: int, servers: Mapping[str, str], *, on: Mapping[int, str] | None = None
) -> Path:
    """`cities.toml` for so many cities, the folders beside it; `on` says which server a city lies on."""
    lines = ['title = "浙江省民办教育机构信用名单"', 'hosts = ["all.example"]', "[servers]"]
    lines += [f'{name} = "{url}"' for name, url in servers.items()]
    for at in range(many):
        id = city_folder(root / f"city{at}", at)
        lines += [f"[cities.{id}]", f'folder = "{id}"', f'data = "data/{id}"']
        lines += [f'hosts = ["{id}.example"]']
        server = (on or {}).get(at, next(iter(servers), ""))
        lines += [f'server = "{server}"  # where it lies'] if server else []
        data = root / "data" / id
        data.mkdir(parents=True)
        (data / DEMO_MARK).write_text("test")
    file = root / "cities.toml"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


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


def cleared(whole: Installation) -> None:
    """Drops every schema of the installation, in use or left, on every server."""
    for url in whole.common.servers.values():
        engine = create_engine(make_url(url), poolclass=NullPool)
        with engine.begin() as connection:
            query = text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'city%'")
            for schema in connection.execute(query).scalars():
                connection.execute(text(f'DROP SCHEMA "{schema}" CASCADE'))
