"""Two cities on one server: each by a role of its own, and no statement of one ever reaches the other."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from config.cities.installation import Installation, Member
from config.cities.moving import move_city
from config.clock import Clock
from config.health import Watcher
from config.mistakes import NOT_ALLOWED, sentence_of
from config.register import existing_register, grant_to, open_register, owned_by
from config.steady import Steady
from registry.access import Actor
from registry.database import leading, open_database, reading, writing
from registry.grants import APPEND_ONLY, NoSuchRole
from registry.ledger import Act, append, check
from tests.conftest import served
from tests.flows.cities import (
    at_work,
    cleared,
    complaints_of,
    filled,
    installation_file,
    with_roles,
    without_roles,
)

BY = Actor(account="li", role="reviewer", name="李")


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, postgres: str, second_postgres: str
) -> Iterator[Installation]:
    """Two cities on the first of two servers, each with its owner and its program's role."""
    servers = {"east": postgres, "west": second_postgres}
    file = installation_file(tmp_path_factory.mktemp("apart"), 2, servers, roles=True)
    with_roles(file)
    made = filled(file)
    yield made
    without_roles(made)
    cleared(made)


def engine_of(member: Member) -> Engine:
    """The city's register, as its program reaches it."""
    return existing_register(member.settings)


def refused(engine: Engine, statement: str) -> None:
    """The server itself refuses the statement, for want of rights and for nothing else."""
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner") as found,
        engine.begin() as connection,
    ):
        connection.execute(text(statement))
    assert sentence_of(found.value) == NOT_ALLOWED  # so a command says, without a traceback


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM city_city1.ledger",
        "SELECT * FROM city_city1.account",
        "INSERT INTO city_city1.pulse VALUES ('x', now(), now())",
        "CREATE TABLE city_city1.mine (id int)",
        "CREATE TABLE city_city0.mine (id int)",
        "DROP SCHEMA city_city1 CASCADE",
        "UPDATE ledger SET body = ''",
        "DELETE FROM ledger",
        "TRUNCATE ledger",
        "UPDATE step SET state = ''",
        "DELETE FROM step",
        "UPDATE alembic_version SET version_num = ''",
        "ALTER TABLE ledger DISABLE TRIGGER ALL",
        "DROP TRIGGER ledger_append_only ON ledger",
        "DROP FUNCTION append_only() CASCADE",
    ],
)
def test_the_role_of_one_city_reaches_no_other_and_changes_no_record(
    statement: str, whole: Installation
) -> None:
    engine = engine_of(whole.member("city0"))
    refused(engine, statement)
    engine.dispose()


def test_without_any_trigger_what_may_only_grow_is_still_only_added_to(
    whole: Installation,
) -> None:
    """As on an engine that knows none: the guards are gone, the rights stay."""
    member = whole.member("city1")
    owned = open_register(owned_by(member.settings, "city1_owner"))
    query = text(
        "SELECT tgname, relname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid "
        "WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
    )
    with owned.connect() as connection:
        found = connection.execute(query).all()
        assert {table for _, table in found} == set(APPEND_ONLY), "a guard without rights behind it"
        for name, table in found:
            connection.execute(text(f"DROP TRIGGER {name} ON {table}"))
        connection.commit()
    engine = engine_of(member)
    with writing(engine) as session:
        append(session, Act(act="note", subject="added"), by=BY, now=datetime.now(UTC))
    for table in APPEND_ONLY:
        for act in ("DELETE FROM", "TRUNCATE"):
            refused(engine, f"{act} {table}")
    with reading(engine) as session:
        assert check(session) == []
    engine.dispose()
    owned.dispose()


def test_a_forked_chain_is_refused_without_any_trigger(whole: Installation) -> None:
    """Two entries after the same one: the unique column of the chain refuses the second."""
    owned = open_register(owned_by(whole.member("city1").settings, "city1_owner"))
    forked = text(
        "INSERT INTO ledger SELECT seq + 1000, previous, digest || '', at, account, role, "
        "act, subject, institution, body FROM ledger WHERE seq = 2"
    )
    with owned.begin() as connection:
        for guard in ("ledger_next", "ledger_append_only"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {guard} ON ledger"))
    with (
        pytest.raises(IntegrityError, match="uq_ledger_previous"),
        owned.begin() as connection,
    ):
        connection.execute(forked)
    owned.dispose()


def test_rights_are_given_to_nobody_whom_they_cannot_bind(whole: Installation) -> None:
    settings = owned_by(whole.member("city0").settings, "city0_owner")
    engine = open_register(settings)
    for role, why in (
        ("nobody_here", "不存在"),
        ("city0_owner", "所有者"),
        ("xinyong", "超级用户"),
    ):
        with pytest.raises(NoSuchRole, match=why):
            grant_to(engine, settings, role)
    engine.dispose()


def test_no_statement_names_another_schema(whole: Installation) -> None:
    """Everything a start and a minute of the city say to the database, and some acts."""
    member = whole.member("city0")
    heard: list[tuple[str, Any]] = []

    def listen(_: Any, __: Any, statement: str, given: Any, *___: Any) -> None:
        heard.append((statement, given))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        engine = open_register(member.settings)
        with writing(engine) as session:
            append(session, Act(act="note", subject="heard"), by=BY, now=datetime.now(UTC))
        Clock(engine, member.settings, lambda: datetime.now(UTC)).tick()
        watcher = Watcher(engine, member.settings, Steady(ZoneInfo("UTC")), schedules=True)
        watcher.beat()
        assert watcher.look().entries
        with leading(engine) as mine:
            assert mine
        engine.dispose()
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert len(heard) > 30
    ours = re.compile(r"\bcity_\w+")
    named = {word for said in heard for word in ours.findall(f"{said[0]} {said[1]}")}
    assert named <= {"city_city0"}
    qualified = {word for said, _ in heard for word in re.findall(r"\bcity_\w+\.", said)}
    assert qualified == set()


def test_one_city_publishing_keeps_no_other_from_it(whole: Installation) -> None:
    one, other = (engine_of(member) for member in whole.members)
    again = engine_of(whole.members[0])
    with leading(one) as mine:
        with leading(other) as theirs, leading(again) as too:
            assert (mine, theirs, too) == (True, True, False)
        with writing(other) as session:
            append(session, Act(act="note", subject="meanwhile"), by=BY, now=datetime.now(UTC))
    for engine in (one, other, again):
        engine.dispose()


def test_a_city_is_served_by_its_role_alone_and_moves_with_it(whole: Installation) -> None:
    """The program's role on the new server has the same rights, though it owns nothing there."""
    with served(XINYONG_CITIES=str(whole.file)) as url, at_work(url, whole) as said:
        move_city(whole, "city0", "west", datetime.now(UTC), "city0_owner")
    for one, member in zip(said, whole.members, strict=True):
        assert one["failed"] == []
        assert one["done"]
        assert sorted(one["done"]) == sorted(complaints_of(member))
    settings = whole.member("city0").settings
    engine = open_database(settings.database, settings.schema, settings.servers)
    refused(engine, "DELETE FROM ledger")
    engine.dispose()
