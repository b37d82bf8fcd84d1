"""The doctor: a sound installation has no fault, and each one seeded is named, and nothing else."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text as text_of

from config.backups import MARK
from config.doctor import Sign, examine
from config.settings import Settings, load_settings
from registry.database import leading, open_database
from registry.uploads import place_of
from tests.flows.sound_city import PHOTO, build, city_folder, holding, made_sound, resigned, run
from tests.registry.receivers import MailServer, running

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 10, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR_AGO = time.time() - 7200
ASK = """
import sys
from datetime import datetime
from config.doctor import examine
found = examine(datetime.fromisoformat(sys.argv[1]))
print([one.fault for one in found if one.problem])
"""


class Broken:
    """A copy of the sound installation, and its city's folder, for one fault."""

    def __init__(self, settings: Settings, city: Path) -> None:
        self.settings, self.city = settings, city
        self.data, self.editions = settings.data, settings.editions
        self.keys, self.register = settings.keys, settings.data / "register.db"
        self.newest, self.first = self.editions / "2026-11", self.editions / "2026-09"

    def write(self, name: str, old: str, new: str) -> None:
        """Changes a text in a file of the city."""
        file = self.city / name
        said = file.read_text("utf-8")
        assert old in said
        file.write_text(said.replace(old, new, 1), "utf-8")

    def add(self, name: str, words: str) -> None:
        """Adds words at the end of a file of the city."""
        with (self.city / name).open("a", encoding="utf-8") as file:
            file.write(words)

    def sql(self, *statements: str) -> None:
        """Changes the register by hand."""
        run(self.settings, *statements)


Break = Callable[[Broken], object]
DIGEST = "UPDATE edition SET digest ="
OLD = "UPDATE {} SET {} = '2026-11-09 00:00:00.000000'"


def certificate(file: Path, days: int) -> None:
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bureau")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    )
    made = made.serial_number(1).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    made = made.not_valid_after(NOW + timedelta(days=days))
    file.write_bytes(made.sign(key, None).public_bytes(Encoding.PEM))


def other_pair(one: Broken) -> None:
    certificate(one.keys / "paper.crt", 300)
    shutil.copy(one.keys / "bureau.key", one.keys / "paper.key")


def old_link(one: Broken) -> None:
    (one.editions / "current").unlink()
    (one.editions / "current").symlink_to("2026-09")


def orphan(one: Broken) -> None:
    place = place_of(one.data / "uploads", sha256(b"nobody's").hexdigest())
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"nobody's")
    os.utime(place, (HOUR_AGO, HOUR_AGO))


def photo(one: Broken) -> Path:
    return place_of(one.data / "uploads", sha256(PHOTO).hexdigest())


def staging(one: Broken) -> None:
    left = one.editions / "0-staging-2026-12"
    left.mkdir()
    os.utime(left, (HOUR_AGO, HOUR_AGO))


def chain(one: Broken) -> None:
    digest = resigned(one.settings, "2026-11", previous="0" * 64)
    one.sql(f"{DIGEST} '{digest}' WHERE period = '2026-11'")


def foreign_pub(file: Path) -> None:
    fresh = Ed25519PrivateKey.generate().public_key()
    file.write_bytes(fresh.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def two_policies(one: Broken) -> None:
    policies = one.city / "policy"
    text = (policies / "NB-2026-1.toml").read_text("utf-8")
    (policies / "NB-2026-2.toml").write_text(text.replace("NB-2026-1", "NB-2026-2"), "utf-8")


def dead(one: Broken) -> None:
    one.sql(
        "INSERT INTO outbox (key, kind, account, institution, subject, body, link, made_at)"
        " VALUES ('k', 'due', 'head', '', 's', 'b', '', '2026-10-01 00:00:00.000000')",
        "INSERT INTO delivery (notice, channel, attempts, next_at, failed_at, error) VALUES"
        " ('k', 'mail', 8, '2026-10-01 00:00:00.000000', '2026-10-02 00:00:00.000000', '550')",
    )


def dangling(one: Broken) -> None:
    connection = sqlite3.connect(one.register)  # without our pragmas nothing is enforced
    connection.execute("INSERT INTO recovery (account, code_hash) VALUES ('nobody', 'x')")
    connection.commit()
    connection.close()


def no_wal(one: Broken) -> None:
    connection = sqlite3.connect(one.register)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()


def torn(one: Broken) -> None:
    raw = bytearray(one.register.read_bytes())
    raw[4096 * 8 : 4096 * 12] = b"\xff" * 4096 * 4
    one.register.write_bytes(raw)


def edit_ledger(one: Broken) -> None:
    row = "SELECT sql FROM sqlite_master WHERE name = 'ledger_no_update'"
    connection = sqlite3.connect(one.register)
    (guard,) = connection.execute(row).fetchone()
    connection.execute("DROP TRIGGER ledger_no_update")
    connection.execute("UPDATE ledger SET account = 'x' WHERE seq IN (3, 5)")
    connection.execute(guard)  # whoever does such a thing puts the guard back
    connection.commit()
    connection.close()


def strip_roles(one: Broken, roles: str, but: str = "") -> None:
    ended = "UPDATE \"grant\" SET ended_at = '2026-10-01 00:00:00.000000'"
    one.sql(f"{ended} WHERE role IN ({roles}) AND account <> '{but}'")


FAULTS: dict[str, tuple[str, Break]] = {
    "settings that are no TOML": ("city.settings", lambda one: one.add("city.toml", "\n[[")),
    "an unknown setting": ("city.settings", lambda one: one.write("city.toml", "prefix", "prefox")),
    "no policy for today": (
        "policy.none",
        lambda one: [(one.city / "policy" / f"NB-202{n}-1.toml").unlink() for n in (6,)],
    ),
    "two policies in force": ("policy.two", two_policies),
    "a policy that is no TOML": (
        "policy.broken",
        lambda one: one.add("policy/NB-2027-1.toml", "[["),
    ),
    "a day between two policies": (
        "policy.seam",
        lambda one: one.write("policy/NB-2026-1.toml", "until = 2027-01-01", "until = 2026-12-31"),
    ),
    "no days off for this year": (
        "holidays.missing",
        lambda one: (one.city / "holidays/2026.toml").unlink(),
    ),
    "days off that are no TOML": (
        "holidays.broken",
        lambda one: one.add("holidays/2026.toml", "[["),
    ),
    "a checklist that is no TOML": (
        "checklist.broken",
        lambda one: one.add("checklists/NB-QD-2026-1.toml", "[["),
    ),
    "a certificate that ends soon": (
        "certificate.ending",
        lambda one: certificate(one.keys / "paper.crt", 30),
    ),
    "a certificate of another key": ("certificate.mismatch", other_pair),
    "a certificate that is none": (
        "certificate.broken",
        lambda one: (one.keys / "paper.crt").write_text("-----BEGIN CERTIFICATE-----\n"),
    ),
    "a key others can read": ("key.open", lambda one: (one.keys / "bureau.key").chmod(0o644)),
    "a salt others can read": ("key.open", lambda one: (one.keys / "salt.key").chmod(0o640)),
    "a lost key": ("key.lost", lambda one: (one.keys / "bureau.key").unlink()),
    "a lost salt": ("key.lost", lambda one: (one.keys / "salt.key").unlink()),
    "a key that is none": ("key.broken", lambda one: (one.keys / "bureau.key").write_text("key")),
    "a public key of another pair": (
        "key.mismatch",
        lambda one: foreign_pub(one.keys / "bureau.pub"),
    ),
    "another public key published": (
        "key.beside",
        lambda one: foreign_pub(one.editions / "bureau.pub"),
    ),
    "a mail server that is away": (
        "mail.away",
        lambda one: one.add(
            "city.toml", '\n[mail]\nhost = "127.0.0.1"\nport = 1\nsender = "a@b"\n'
        ),
    ),
    "a platform that is away": (
        "webhook.away",
        lambda one: one.add("city.toml", '\n[webhook]\nurl = "http://127.0.0.1:1/x"\n'),
    ),
    "an identity provider that is away": (
        "sign_on.away",
        lambda one: one.add(
            "city.toml", '\n[sign_on]\nissuer = "http://127.0.0.1:1"\nclient = "xinyong"\n'
        ),
    ),
    "a database that is none": (
        "database.damaged",
        lambda one: one.register.write_bytes(b"a letter, not a database " * 999),
    ),
    "a database with a torn page": ("database.damaged", torn),
    "a database of an older version": (
        "database.old",
        lambda one: one.sql("UPDATE alembic_version SET version_num = '0001'"),
    ),
    "a database of a newer version": (
        "database.newer",
        lambda one: one.sql("UPDATE alembic_version SET version_num = '9999'"),
    ),
    "write-ahead logging off": ("database.wal", no_wal),
    "a guard of the ledger gone": (
        "database.triggers",
        lambda one: one.sql("DROP TRIGGER ledger_no_delete"),
    ),
    "a row that refers to nobody": ("database.references", dangling),
    "a ledger that was edited": ("ledger.broken", edit_ledger),
    "dead letters": ("outbox.dead", dead),
    "a clock that stands": (
        "schedule.silent",
        lambda one: one.sql(OLD.format("pulse", "ticked_at")),
    ),
    "an upload of no act": ("upload.orphan", orphan),
    "an upload that was changed": ("upload.other", lambda one: photo(one).write_bytes(b"other")),
    "an upload that is gone": ("upload.missing", lambda one: photo(one).unlink()),
    "no administrator": (
        "people.no_administrator",
        lambda one: strip_roles(one, "'administrator'"),
    ),
    "no publisher": ("people.no_publisher", lambda one: strip_roles(one, "'publisher'")),
    "one alone who prepares and signs": (
        "people.one_signer",
        lambda one: strip_roles(one, "'publisher', 'head'", but="publisher"),
    ),
    "a signer without a second factor": (
        "people.second_factor",
        lambda one: one.sql("UPDATE account SET totp_secret = '' WHERE id = 'signer'"),
    ),
    "a lost key of the second factors": (
        "second.lost",
        lambda one: (one.keys / "second.key").unlink(),
    ),
    "another key of the second factors": (
        "second.other",
        lambda one: (one.keys / "second.key").write_bytes(b"k" * 32),
    ),
    "a key of the second factors that is none": (
        "second.broken",
        lambda one: (one.keys / "second.key").write_bytes(b"short"),
    ),
    "a key of the second factors others can read": (
        "key.open",
        lambda one: (one.keys / "second.key").chmod(0o644),
    ),
    "a row without its folder": (
        "edition.no_folder",
        lambda one: shutil.rmtree(one.first),
    ),
    "a folder without its row": (
        "edition.no_row",
        lambda one: one.sql("UPDATE edition SET state = 'prepared' WHERE period = '2026-09'"),
    ),
    "an edition that is not the one released": (
        "edition.other",
        lambda one: one.sql(f"{DIGEST} '{'0' * 64}' WHERE period = '2026-09'"),
    ),
    "a list that was edited": (
        "edition.edited",
        lambda one: (one.newest / "list.csv").write_bytes(b"all is well"),
    ),
    "an entry that was edited": (
        "edition.edited",
        lambda one: (one.first / "entries.jsonl").write_bytes(
            (one.first / "entries.jsonl").read_bytes().replace(b'"white"', b'"black"', 1)
        ),
    ),
    "a file put among the signed ones": (
        "edition.edited",
        lambda one: (one.newest / "notice.html").write_text("<h1>"),
    ),
    "a signature that is not the bureau's": (
        "edition.edited",
        lambda one: (one.newest / "edition.json.sig").write_bytes(b"0" * 64),
    ),
    "a chain that does not hold": ("edition.chain", chain),
    "no current edition": ("current.broken", lambda one: (one.editions / "current").unlink()),
    "an older edition made current": ("current.old", old_link),
    "what a crash of a release left": ("staging.left", staging),
    "a backup older than a day": (
        "backup.old",
        lambda one: (one.data / MARK).write_text((NOW - timedelta(days=2)).isoformat()),
    ),
    "no backup at all": ("backup.none", lambda one: (one.data / MARK).unlink()),
}


@pytest.fixture(scope="module")
def sound(demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = tmp_path_factory.mktemp("sound") / "data"
    shutil.copytree(demo.data, data, symlinks=True)
    environ = {"XINYONG_DATA": str(data)}
    return made_sound(load_settings(None, environ), environ, NOW)


@pytest.fixture
def one(sound: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Broken:
    data, city = tmp_path / "data", city_folder(tmp_path / "city", 2027)
    shutil.copytree(sound.data, data, symlinks=True)
    monkeypatch.setenv("XINYONG_DATA", str(data))
    monkeypatch.setenv("XINYONG_CITY", str(city))
    monkeypatch.setenv("XINYONG_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    return Broken(load_settings(), city)


def faults(now: datetime = NOW) -> list[Sign]:
    return [one for one in examine(now) if one.problem]


def test_a_sound_installation_has_no_fault(one: Broken) -> None:
    assert faults() == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_seeded_fault_is_named_and_nothing_else(one: Broken, name: str) -> None:
    wanted, break_it = FAULTS[name]
    break_it(one)
    found = faults()
    assert [sign.fault for sign in found] == [wanted], found
    assert "请" in found[0].problem, "it says what to do"


def test_a_clock_behind_the_ledger_is_named(one: Broken) -> None:
    assert [sign.fault for sign in faults(datetime(2026, 9, 30, tzinfo=NOW.tzinfo))] == [
        "clock.behind"
    ]


def test_the_next_years_days_off_are_missed_from_november_on(one: Broken) -> None:
    (one.city / "holidays/2027.toml").unlink()
    assert [sign.fault for sign in faults()] == ["holidays.next"]


def test_a_process_that_holds_the_lock_and_does_nothing_is_named(one: Broken) -> None:
    one.sql(OLD.format("pulse", "ticked_at"))
    lock = Path(f"{one.register}.leader")
    lock.touch()
    with holding(lock) as pid:
        while subprocess.run(["flock", "-n", lock, "true"], check=False).returncode == 0:
            time.sleep(0.01)
        found = faults()
    assert [sign.fault for sign in found] == ["lock.stale"]
    assert str(pid) in found[0].problem


def test_mail_that_would_go_in_clear_is_named_and_is_a_fault_no_more_once_it_is_wanted(
    one: Broken,
) -> None:
    with running(MailServer()) as server:
        one.add(
            "city.toml", f'\n[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsender = "a@b"\n'
        )
        assert [sign.fault for sign in faults()] == ["mail.open"]
        one.add("city.toml", "starttls = false\n")
        assert faults() == []


def test_a_database_server_that_is_away_is_named(
    one: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINYONG_DATABASE", "postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert [sign.fault for sign in faults()] == ["database.away"]


def test_a_data_folder_that_is_misnamed_is_named(
    one: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINYONG_DATA", "/nowhere/at/all")
    assert [sign.fault for sign in faults()] == ["data.missing"]


def asked(before: str = "", **environ: str) -> str:
    """What another process finds, started after a shell has changed its world."""
    line = [sys.executable, "-c", ASK, NOW.isoformat()]
    if before:
        line = [
            "unshare",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            f'{before} && exec "$@"',
            "sh",
            *line,
        ]
        if os.getuid() == 0:
            line.remove("--map-root-user")
    done = subprocess.run(
        line, env={**os.environ, **environ}, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_disk_without_room_is_named(one: Broken) -> None:
    copy = f"cp -a {one.data} {one.data}.kept && mount -t tmpfs -o size=80m tmpfs {one.data}"
    assert asked(f"{copy} && cp -a {one.data}.kept/. {one.data}/") == "['disk.full']"


def test_a_disk_that_is_read_only_is_named(one: Broken) -> None:
    mount = f"mount --bind {one.data} {one.data} && mount -o remount,bind,ro {one.data}"
    assert asked(mount) == "['data.readonly']"


def test_missing_fonts_are_named(one: Broken, tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    file = tmp_path / "fonts.conf"
    head = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
    file.write_text(f"{head}<fontconfig><dir>{tmp_path / 'fonts'}</dir></fontconfig>")
    assert asked(FONTCONFIG_FILE=str(file)) == "['print.fonts']"


def test_a_missing_library_of_the_papers_is_named(one: Broken, tmp_path: Path) -> None:
    for name in ("libpango-1.0.so.0", "libpango-1.0.so", "libpango-1.0-0"):
        (tmp_path / name).write_text("no library")
    assert asked(LD_LIBRARY_PATH=str(tmp_path)) == "['print.library']"


def test_missing_time_zones_are_named(one: Broken, tmp_path: Path) -> None:
    (tmp_path / "tzdata").mkdir()
    (tmp_path / "tzdata/__init__.py").touch()
    assert asked(PYTHONPATH=f"{tmp_path}:{ROOT}", PYTHONTZPATH="") == "['machine.timezones']"


def test_the_command_tells_programs_the_fault_and_ends_with_status_1(one: Broken) -> None:
    (one.keys / "bureau.key").chmod(0o644)
    words = [sys.executable, "-m", "config", "doctor", "--json"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "key.open" in [sign["fault"] for sign in json.loads(done.stdout)]


@pytest.fixture
def large(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The same installation on a server, as of today by the server's own clock."""
    now = datetime.now(NOW.tzinfo)
    city = city_folder(tmp_path / "city", now.year, now.year + 1)
    environ = {"XINYONG_DATA": str(tmp_path / "data"), "XINYONG_DATABASE": postgres}
    for name, value in {**environ, "XINYONG_CITY": str(city)}.items():
        monkeypatch.setenv(name, value)
    made = build(environ | {"XINYONG_CITY": str(city)}, now)
    yield made
    engine = open_database(made.database)
    with engine.begin() as connection:
        connection.execute(text_of(f'DROP SCHEMA "{made.schema}" CASCADE'))
    engine.dispose()


def test_on_a_server_too_each_fault_is_named_and_nothing_else(large: Settings) -> None:
    now = datetime.now(NOW.tzinfo)
    assert faults(now) == []
    wrong = [sign.fault for sign in faults(now + timedelta(minutes=10))]
    assert wrong == ["clock.database"]
    run(large, "ALTER TABLE ledger DISABLE TRIGGER ledger_append_only")
    assert [sign.fault for sign in faults(now)] == ["database.triggers"]
    run(large, "ALTER TABLE ledger ENABLE TRIGGER ledger_append_only")
    run(large, "UPDATE pulse SET ticked_at = now() - interval '1 hour'")
    engine = open_database(large.database, large.schema)
    with leading(engine) as mine:
        assert mine
        found = faults(now)
    engine.dispose()
    assert [sign.fault for sign in found] == ["lock.stale"]
    assert "pg_terminate_backend" in found[0].problem
