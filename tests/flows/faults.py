"""What goes wrong with an installation, each fault seeded on its own: its name for people, its code, and how."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlmodel import Session, col, select

from config.backups import MARK
from config.settings import Settings
from registry.database import open_database
from registry.ledger import digest_of
from registry.tables import LedgerEntry
from registry.uploads import place_of
from tests.flows.sound_city import PHOTO, resigned, run

NOW = datetime(2026, 11, 10, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR_AGO = time.time() - 7200


class Broken:
    """A copy of the sound installation, and its city's folder, for one fault."""

    def __init__(self, settings: Settings, city: Path) -> None:
        self.settings, self.city = settings, city
        self.data, self.editions = settings.data, settings.editions
        self.keys, self.register = settings.keys, settings.data / "register.db"
        self.newest, self.first = self.editions / "2026-11", self.editions / "2026-09"

    @property
    def account(self) -> Path:
        """The account of the year before, by its own folder."""
        return (self.data / "reports/2025").resolve()

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
BACKUP = '\n[backup]\nfolder = "{}"\nkey = "age1nobody"\n'
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


def rewrite_ledger(settings: Settings) -> None:
    """One entry in another's name, and every entry after it sealed anew: the chain holds."""
    engine = open_database(settings.database)
    row = "SELECT sql FROM sqlite_master WHERE name = 'ledger_no_update'"
    with Session(engine) as session:
        guard = session.connection().exec_driver_sql(row).scalar_one()
        session.connection().exec_driver_sql("DROP TRIGGER ledger_no_update")
        previous = ""
        for entry in session.exec(select(LedgerEntry).order_by(col(LedgerEntry.seq))).all():
            entry.account = "x" if entry.seq == 3 else entry.account
            entry.previous, entry.digest = previous, ""
            previous = entry.digest = digest_of(entry)
        session.flush()
        session.connection().exec_driver_sql(guard)
        session.commit()
    engine.dispose()


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
    "a certificate that cannot be read": (
        "certificate.broken",
        lambda one: (one.keys / "paper.pem").mkdir(),
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
        lambda one: (
            one.sql("UPDATE account SET email = 'office@example.cn'"),
            one.add("city.toml", '\n[mail]\nhost = "127.0.0.1"\nport = 1\nsender = "a@b"\n'),
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
    "a ledger written anew as a whole": (
        "ledger.rewritten",
        lambda one: rewrite_ledger(one.settings),
    ),
    "a signature put into another's name": (
        "ledger.differs",
        lambda one: one.sql(
            "UPDATE edition SET approved_by = prepared_by WHERE period = '2026-10'"
        ),
    ),
    "dead letters": ("outbox.dead", dead),
    "a clock that stands": (
        "schedule.silent",
        lambda one: one.sql(OLD.format("pulse", "ticked_at")),
    ),
    "a day's run that nobody ends": (
        "schedule.undone",
        lambda one: one.sql(OLD.format("pulse", "began_at")),
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
    "a release that died before it was noted": (
        "edition.unfinished",
        lambda one: one.sql("UPDATE edition SET state = 'approved' WHERE period = '2026-09'"),
    ),
    "an edition that is not the one released": (
        "ledger.differs edition.other",
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
    "a chain that does not hold": ("ledger.differs edition.chain", chain),
    "no current edition": ("current.broken", lambda one: (one.editions / "current").unlink()),
    "an older edition made current": ("current.old", old_link),
    "what a crash of a release left": ("staging.left", staging),
    "a year's account that is gone": ("report.no_folder", lambda one: shutil.rmtree(one.account)),
    "a year's account that was edited": (
        "report.edited",
        lambda one: (one.account / "index.html").write_text("<p>all is well"),
    ),
    "a year that shows no account": (
        "report.old",
        lambda one: (one.data / "reports/2025").unlink(),
    ),
    "a backup older than a day": (
        "backup.old",
        lambda one: (one.data / MARK).write_text((NOW - timedelta(days=2)).isoformat()),
    ),
    "no backup at all": ("backup.none", lambda one: (one.data / MARK).unlink()),
    "a disk for backups that is not there": (
        "backup.folder",
        lambda one: one.add("city.toml", '\n[backup]\nfolder = "/nowhere/at/all"\n'),
    ),
    "a key for backups that is none": (
        "backup.needs",
        lambda one: one.add("city.toml", BACKUP.format(one.city.parent)),
    ),
}
