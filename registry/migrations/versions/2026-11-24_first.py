"""The first version: every table, and the guards that keep ledger and steps append-only."""

from alembic import op

from registry.migrations.first import GROUPS

revision = "0001"
down_revision = None

# REPLACE walks round a delete trigger, so that inserting is guarded too: only the next entry fits.
SQLITE = (
    """CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END""",
    """CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END""",
    """CREATE TRIGGER ledger_next BEFORE INSERT ON ledger
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM ledger)
      OR NEW.previous IS NOT coalesce((SELECT digest FROM ledger ORDER BY seq DESC LIMIT 1), '')
    BEGIN SELECT RAISE(ABORT, 'the entry does not follow the last one'); END""",
    """CREATE TRIGGER step_no_update BEFORE UPDATE ON step
    BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END""",
    """CREATE TRIGGER step_no_delete BEFORE DELETE ON step
    BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END""",
    """CREATE TRIGGER step_next BEFORE INSERT ON step
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM step WHERE matter = NEW.matter)
      OR EXISTS (SELECT 1 FROM step WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the step does not follow the last one'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only',
      ERRCODE = 'restrict_violation';
    END $$""",
    """CREATE FUNCTION ledger_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE last record; BEGIN
    SELECT * INTO last FROM ledger ORDER BY seq DESC LIMIT 1;
    IF NEW.seq IS DISTINCT FROM coalesce(last.seq, 0) + 1
      OR NEW.previous IS DISTINCT FROM coalesce(last.digest, '') THEN
      RAISE EXCEPTION 'the entry does not follow the last one'
        USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW; END $$""",
    """CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION append_only()""",
    """CREATE TRIGGER ledger_next BEFORE INSERT ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_follows()""",
    """CREATE TRIGGER step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON step
    FOR EACH STATEMENT EXECUTE FUNCTION append_only()""",
)


def upgrade() -> None:
    """Creates the tables, then the guards of the engine at hand."""
    for group in GROUPS:
        group.create()
    bind = op.get_bind()
    for statement in SQLITE if bind.dialect.name == "sqlite" else POSTGRESQL:
        bind.exec_driver_sql(statement)
