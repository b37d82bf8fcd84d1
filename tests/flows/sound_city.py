"""A small installation in which nothing is wrong, to be broken in one place at a time."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec
import rfc8785
from sqlalchemy import Engine, text

import config
from config.backups import MARK
from config.demo.build import build_demo
from config.key_files import vault_of
from config.settings import DEMO_MARK, Settings, demo_settings, load_settings
from config.yearly import release_account, year_of
from registry.accounts import account_row
from registry.database import open_database, writing
from registry.pulse import beat
from registry.queries import institutions
from registry.tables import Attachment
from registry.uploads import place_of

CITY = Path(config.__file__).parent
PHOTO = b"a photo, as far as the doctor can tell"


def city_folder(folder: Path, *years: int) -> Path:
    """A copy of the city's own files, to be edited, with days off for these years too."""
    shutil.copytree(CITY, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "demo"))
    known = (folder / "holidays/2026.toml").read_text("utf-8")
    for year in years:
        file = folder / f"holidays/{year}.toml"
        file.write_text(known.replace("2026", str(year)), "utf-8")
    return folder


def build(environ: dict[str, str], now: datetime) -> Settings:
    """A small city with one edition, made sound."""
    settings = demo_settings(load_settings(None, environ))
    build_demo(settings, 1, lambda *_: None, size=30, periods=("2026-10",))
    return made_sound(settings, environ, now)


def made_sound(settings: Settings, environ: dict[str, str], now: datetime) -> Settings:
    """A demo city no longer marked fictional: its signers with second factors, one photo, last year's account,
    a backup of now."""
    (settings.data / DEMO_MARK).unlink()
    engine = open_database(settings.database, settings.schema)
    vault = vault_of(settings, engine)
    with writing(engine) as session:
        for one in ("publisher", "signer", "head", "administrator"):
            account = account_row(session, one)
            account.totp_secret = vault.seal("JBSWY3DPEHPK3PXP", one)
            session.add(account)
        digest = sha256(PHOTO).hexdigest()
        place = place_of(settings.data / "uploads", digest)
        place.parent.mkdir(parents=True)
        place.write_bytes(PHOTO)
        owner = institutions(session, now.date(), limit=1)[0].id
        session.add(
            Attachment(
                sha256=digest,
                about="sound",
                institution=owner,
                kind="photo",
                media="image/jpeg",
                size=len(PHOTO),
                recorded_at=now,
                recorded_by="inspector",
            )
        )
    made = load_settings(None, environ)
    account = year_of(engine, made, now.year - 1, now, "登记较晚。")
    release_account(engine, made, account, by="publisher", now=now)
    beat(engine, "sound:1", now)
    engine.dispose()
    (settings.data / MARK).write_text(now.isoformat())
    return made


@contextmanager
def changed(settings: Settings) -> Iterator[Engine]:
    """The register, to be changed by hand as nobody should."""
    engine = open_database(settings.database, settings.schema)
    yield engine
    engine.dispose()


def run(settings: Settings, *statements: str) -> None:
    """Statements as somebody with the database's password would run them."""
    with changed(settings) as engine, engine.execution_options(write=True).begin() as connection:
        for one in statements:
            connection.execute(text(one))


def resigned(settings: Settings, name: str, **values: object) -> str:
    """Rewrites an edition's manifest with other values and signs it with the real key; its new digest."""
    from publisher.edition import Manifest
    from publisher.signing import sign
    from scoring.canonical import canonical

    folder, key = settings.editions / name, settings.keys / "bureau.key"
    manifest = msgspec.json.decode((folder / "edition.json").read_bytes(), type=Manifest)
    raw = canonical(msgspec.structs.replace(manifest, **values))
    (folder / "edition.json").write_bytes(raw)
    (folder / "edition.json.sig").write_bytes(sign(raw, key))
    was, now = canonical(manifest), raw
    told = folder / "removals.json"
    old, new = (sha256(one).hexdigest().encode() for one in (was, now))
    told.write_bytes(told.read_bytes().replace(old, new))
    listed = msgspec.json.decode((folder / "renderings.json").read_bytes())
    listed["removals.json"] = sha256(told.read_bytes()).hexdigest()
    renderings = rfc8785.dumps(listed)
    (folder / "renderings.json").write_bytes(renderings)
    (folder / "renderings.json.sig").write_bytes(sign(renderings, key))
    return sha256(raw).hexdigest()


@contextmanager
def holding(file: Path) -> Iterator[int]:
    """A process that holds a lock on a file and does nothing."""
    words = ["flock", "--no-fork", str(file), "sleep", "600"]
    process = subprocess.Popen(words)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()
