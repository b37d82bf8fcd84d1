"""The log: one JSON object a line, for every request and every act; never a query, an address or a name.

What a request typed may stand in a failure's message, so that of an unforeseen failure only its kind and
its places in the source are kept. Who asked from where is kept by the front server and, for sign-ins, by
the register (网络安全法: at least six months).
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from logging.handlers import WatchedFileHandler
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

from config.mistakes import sentence_of
from registry.ledger import ENTERED

REQUEST: ContextVar[str] = ContextVar("request", default="")
CITY: ContextVar[str] = ContextVar("city", default="")  # of several in one process
requests = logging.getLogger("xinyong.request")
acts = logging.getLogger("xinyong.act")


class Lines(logging.Formatter):
    """Writes a record as one line of JSON; `extra={"said": {…}}` gives its own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; a failure is told by kind and place, for its message may hold what somebody typed."""
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "at": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
            "level": record.levelname.lower(),
            "from": record.name,
        }
        said = getattr(record, "said", None)
        line |= said if isinstance(said, dict) else {"said": record.getMessage()}
        if city := CITY.get():
            line["city"] = city
        if request := line.get("request") or REQUEST.get():
            line["request"] = request
        if record.exc_info and record.exc_info[1] is not None:
            line["failure"] = _failure(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def write_to(place: str) -> None:
    """Sends the log to a file, or to standard output for "-"; a file that was rotated is opened anew."""
    handler: logging.Handler
    if place == "-":
        handler = logging.StreamHandler(sys.stdout)
    else:
        handler = WatchedFileHandler(place, encoding="utf-8")
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for one in (requests, acts):
        one.setLevel(logging.INFO)
    logging.getLogger("xinyong").setLevel(logging.INFO)
    log_acts()


@cache
def log_acts() -> None:
    """From now on every act is logged once its transaction is committed, and none that was undone."""
    event.listen(Session, "after_commit", _tell)
    event.listen(Session, "after_rollback", _forget)


def _tell(session: Any) -> None:
    if session.in_nested_transaction():
        return
    for said in session.info.pop(ENTERED, ()):
        acts.info("%s", said["act"], extra={"said": said})


def _forget(session: Any) -> None:
    session.info.pop(ENTERED, None)


def _failure(wrong: BaseException) -> dict[str, Any]:
    kind = f"{type(wrong).__module__}.{type(wrong).__qualname__}"
    frames = traceback.extract_tb(wrong.__traceback__)
    places = [f"{one.filename.rpartition('xinyong/')[2]}:{one.lineno} {one.name}" for one in frames]
    found: dict[str, Any] = {"kind": kind, "places": places}
    # Of the system and the database we have sentences of our own, which repeat nothing that was typed.
    foreign = kind.split(".")[0] in ("builtins", "sqlalchemy", "sqlite3", "psycopg")
    if foreign and (sentence := sentence_of(wrong)):
        found["means"] = sentence
    return found
