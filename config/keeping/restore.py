"""A backup brought back: staged and checked beside, then switched in; into an empty place only."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from alembic.script import ScriptDirectory
from msgspec import Struct
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from config.keeping.alone import LOCK, alone
from config.keeping.checked import Checked, check
from config.keeping.errors import BackupDamaged, KeepingError, NotEmpty
from config.keeping.packed import Manifest, Told, Unpacked, read_back, unpack
from config.keeping.public import add_published
from config.keeping.register_copy import FILES, fill_schema
from config.keeping.sealed import opened
from config.progress import Report
from config.settings import RESTORING, Settings, load_settings
from publisher.signing import is_signed
from registry.database import MIGRATIONS, open_database
from registry.errors import NewerDatabase
from registry.place import place_of


class Restored(Struct, frozen=True, kw_only=True):
    """What was brought back: where, of which city, and what a person has to look at."""

    data: Path
    city: Path
    manifest: Manifest
    checked: Checked
    added: tuple[str, ...]


class Wanted(Struct, frozen=True, kw_only=True):
    """What to restore, with which keys, and where to.

    `published` is a folder of editions as the public has them, with the years' accounts in it or beside it:
    what came out after the backup is taken from there, so that the chains go on where the public left them.
    """

    file: Path
    key: Path | None
    data: Path
    signer: Path | None = None
    published: Path | None = None


def restore(wanted: Wanted, report: Report, environ: Mapping[str, str] = os.environ) -> Restored:
    """Restores a backup; a crash at any step leaves nothing that could be used, and may be repeated.

    Raises NotEmpty, KeyNeeded, WrongKey or BackupDamaged.
    """
    data = wanted.data.absolute()
    data.parent.mkdir(parents=True, exist_ok=True)
    stage = data.with_name(f".{data.name}.restoring")
    stage.mkdir(mode=0o700, exist_ok=True)
    with alone(stage, "恢复"):
        try:
            return _restored(wanted, data, stage, report, environ)
        finally:
            shutil.rmtree(stage, ignore_errors=True)  # what is not switched in is nobody's


def _restored(
    wanted: Wanted, data: Path, stage: Path, report: Report, environ: Mapping[str, str]
) -> Restored:
    _check_empty(data)
    _sweep(stage)
    with opened(wanted.file, wanted.key) as stream:
        taken = unpack(Told(stream, wanted.file.stat().st_size, report), stage)
    check_signature(taken, stage / "data", wanted.signer)
    _link(stage, taken.manifest)
    added = add_published(wanted.published, stage / "data") if wanted.published else ()
    settings = _settings_of(stage / "city", data, environ)
    _fits(taken.manifest, settings, data)
    if settings.schema:
        checked = _into_schema(settings, stage, data, taken, report)
    else:
        checked = _into_folder(stage, data, taken.manifest, report)
    return Restored(
        data=data, city=data / "city", manifest=taken.manifest, checked=checked, added=added
    )


def rehearse(engine: Engine, settings: Settings, plain: Path, report: Report) -> Checked:
    """Restores a backup beside what is there, checks it, and takes it away again."""
    stage = plain.with_name("rehearsal")
    stage.mkdir(mode=0o700)
    with plain.open("rb") as stream:
        taken = unpack(Told(stream, plain.stat().st_size, report), stage)
    check_signature(taken, stage / "data", None)
    _link(stage, taken.manifest)
    try:
        if settings.schema:
            schema = _beside(settings.schema, "rehearsal")
            address = place_of(engine).url.render_as_string(hide_password=False)
            _drop(address, schema)
            sql = stage / "register" / FILES["postgresql"]
            fill_schema(address, sql, taken.manifest.schema, schema)
            try:
                return _checked(address, schema, stage / "data", taken.manifest, report)
            finally:
                _drop(address, schema)
        register = stage / "register" / FILES["sqlite"]
        return _checked(f"sqlite:///{register}", "", stage / "data", taken.manifest, report)
    finally:
        shutil.rmtree(stage)


def check_signature(taken: Unpacked, data: Path, signer: Path | None) -> None:
    """Raises BackupDamaged unless the manifest bears the bureau's signature, by its own key or a given one."""
    own = data / "keys" / "bureau.pub"
    if signer is None and not own.is_file():
        return  # made before the first signing key
    key = signer or own
    if not taken.signature or not is_signed(taken.said, taken.signature, key):
        raise BackupDamaged([f"清单没有 {key.name} 的签名，不是本局做的备份，或者被改动过"])


def _check_empty(data: Path) -> None:
    if data.is_mount():
        raise KeepingError(
            f"{data} 是挂载点，不能整个换入。请用 --into {data / 'data'} 另指其中的文件夹。"
        )
    if data.is_dir() and not any(data.iterdir()):
        return
    if (data / RESTORING).is_file():
        return  # what an earlier attempt left, which nothing can have used
    if data.exists() or data.is_symlink():
        remedy = "请用 --into 另指一个空文件夹，或者先把它移走。"
        raise NotEmpty(f"数据文件夹 {data} 里已有内容", remedy)


def _sweep(stage: Path) -> None:
    for path in stage.iterdir():
        if path.name != LOCK:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _link(stage: Path, manifest: Manifest) -> None:
    for name, target in manifest.links.items():
        to = os.fsdecode(read_back(f"data/{target}").name)
        place = stage / read_back(name)
        if target != to or not place.parent.is_dir() or place.exists():
            raise BackupDamaged([f"链接“{name}”的名称不合规定"])
        place.symlink_to(to)


def _settings_of(city: Path, data: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of the city that is restored; what it sends notices with is not needed for that."""
    lent = {"XINYONG_WEBHOOK_SECRET": "-"}
    return load_settings(city, {**lent, **environ, "XINYONG_DATA": str(data)})


def _fits(manifest: Manifest, settings: Settings, data: Path) -> None:
    known = {one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if manifest.revision not in known:
        raise NewerDatabase(manifest.revision)
    engine = "postgresql" if settings.schema else "sqlite"
    if engine != manifest.engine:
        how = {
            "postgresql": "备份来自 PostgreSQL。请把环境变量 XINYONG_DATABASE 设为一个 PostgreSQL 库",
            "sqlite": "备份来自 SQLite。请去掉环境变量 XINYONG_DATABASE",
        }
        raise KeepingError(f"{how[manifest.engine]}，再执行一次。")
    if (
        engine == "sqlite"
        and Path(make_url(settings.database).database or "") != data / "register.db"
    ):
        raise KeepingError(
            "环境变量 XINYONG_DATABASE 指着别处的 SQLite 文件。请去掉它再执行一次，登记册放在数据文件夹里。"
        )


def _into_folder(stage: Path, data: Path, manifest: Manifest, report: Report) -> Checked:
    """With SQLite everything is one folder, so that one renaming switches it in."""
    whole = _whole(stage)
    os.replace(stage / "register" / FILES["sqlite"], whole / "register.db")
    checked = _checked(f"sqlite:///{whole / 'register.db'}", "", whole, manifest, report)
    for left in ("register.db-wal", "register.db-shm"):
        (whole / left).unlink(missing_ok=True)
    os.sync()
    if (data / RESTORING).is_file():
        shutil.rmtree(data)  # what an attempt with the other database left
    os.rename(whole, data)
    os.sync()
    return checked


def _into_schema(
    settings: Settings, stage: Path, data: Path, taken: Unpacked, report: Report
) -> Checked:
    """With PostgreSQL two places are switched in; the marker in the folder bars its use until both are."""
    address, schema = settings.database, settings.schema
    fresh, word = _beside(schema, "restoring"), f"restored {sha256(taken.said).hexdigest()}"
    _clear(data, address, schema)
    _drop(address, fresh)
    whole = _whole(stage)
    try:
        dump = stage / "register" / FILES["postgresql"]
        fill_schema(address, dump, taken.manifest.schema, fresh)
        checked = _checked(address, fresh, whole, taken.manifest, report)
    except BaseException:
        _drop(address, fresh)
        raise
    (whole / RESTORING).write_text(word)
    os.sync()
    os.rename(whole, data)
    _switch_schema(address, fresh, schema, word)
    _unbar(data)
    return checked


def _switch_schema(address: str, fresh: str, schema: str, word: str) -> None:
    with _plain(address) as connection:
        # An administrator may have made the schema beforehand; anything in it stops this.
        connection.execute(text(f'DROP SCHEMA IF EXISTS "{schema}" RESTRICT'))
        connection.execute(text(f'ALTER SCHEMA "{fresh}" RENAME TO "{schema}"'))
        connection.execute(text(f"COMMENT ON SCHEMA \"{schema}\" IS '{word}'"))


def _unbar(data: Path) -> None:
    (data / RESTORING).unlink()
    os.sync()


def _clear(data: Path, address: str, schema: str) -> None:
    """Takes away what an attempt that was cut short left in both places; raises NotEmpty for all else."""
    marker = data / RESTORING
    begun = marker.read_text() if marker.is_file() else ""
    with _plain(address) as connection:
        many = connection.execute(
            text(
                "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = :schema"
            ),
            {"schema": schema},
        ).scalar_one()
        said = connection.execute(
            text(
                "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :schema"
            ),
            {"schema": schema},
        ).scalar()
        if many and not (begun and said == begun):
            remedy = f"请换一个库，或者确认不再需要以后由管理员执行 DROP SCHEMA {schema} CASCADE。"
            raise NotEmpty(f"数据库里已有模式 {schema}", remedy)
        if many:
            connection.execute(text(f'DROP SCHEMA "{schema}" CASCADE'))
    if begun:
        shutil.rmtree(data)


def _whole(stage: Path) -> Path:
    """The folder to be switched in: the data, and the city's folder in it."""
    whole = stage / "data"
    whole.mkdir(exist_ok=True)
    if (stage / "city").is_dir():
        os.rename(stage / "city", whole / "city")
    return whole


def _checked(address: str, schema: str, data: Path, manifest: Manifest, report: Report) -> Checked:
    engine = open_database(address, schema)
    try:
        found = check(engine, data, manifest, report)
    finally:
        engine.dispose()
    if found.problems:
        raise BackupDamaged(found.problems)
    return found


def _beside(schema: str, word: str) -> str:
    # PostgreSQL cuts names after 63 bytes, and two that are cut alike would be one.
    return f"{schema[:40]}_{sha256(schema.encode()).hexdigest()[:8]}_{word}"


def _drop(address: str, schema: str) -> None:
    with _plain(address) as connection:
        connection.execute(text(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'))


@contextmanager
def _plain(address: str) -> Iterator[Connection]:
    """One transaction on a connection of its own, that looks into no city's schema."""
    with create_engine(address, poolclass=NullPool).begin() as connection:
        yield connection
