"""A form with files as it is posted: its fields, and its files kept under their digests."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from litestar.datastructures import UploadFile
from msgspec import Struct
from sqlmodel import Session

from registry import queries
from registry.access import Actor
from registry.errors import FormRefused, Problem
from registry.faces.desk import Office, Visit
from registry.uploads import Kept, keep, place_of

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Posted(Struct, frozen=True, kw_only=True):
    """What came: the fields, and each file with its item, its name and its bytes."""

    values: dict[str, str]
    files: tuple[tuple[str, str, bytes], ...] = ()


class Held(Struct, frozen=True, kw_only=True):
    """The files of a form that are kept, each with the words its record names it by."""

    kept: tuple[Kept, ...] = ()
    said: tuple[dict[str, Any], ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def fields(self) -> dict[str, str]:
        """Hidden fields by which a form that is shown again still has its files."""
        return {f"kept-{one['sha256']}": f"{one['item']}|{one['name']}" for one in self.said}


async def posted(request: Visit) -> Posted:
    """Reads a form of either encoding; a file nobody chose is none."""
    values: dict[str, str] = {}
    files = []
    for name, one in (await request.form()).multi_items():
        if isinstance(one, UploadFile):
            content = await one.read()
            if content or one.filename:
                files.append((name.removeprefix("files-"), one.filename, content))
        else:
            values[name] = str(one)
    return Posted(values=values, files=tuple(files))


def hold(session: Session, office: Office, sent: Posted, by: Actor) -> Held:
    """Keeps every sound file; those this person sent with an earlier try count as well."""
    zone = office.now().tzinfo or UTC
    kept: list[Kept] = []
    said: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for item, name, content in (*sent.files, *_before(session, office, sent.values, by)):
        field = f"files-{item}"
        try:
            one = keep(office.uploads, content, field, zone)
        except FormRefused as refused:
            problems += [
                Problem(field=field, label=f"“附件 {name}”", value=bad.value, remedy=bad.remedy)
                for bad in refused.problems
            ]
            continue
        if one.sha256 not in said:
            kept.append(one)
            said[one.sha256] = _words(one, item, name)
    return Held(kept=tuple(kept), said=tuple(said.values()), problems=tuple(problems))


def _before(
    session: Session, office: Office, values: Mapping[str, str], by: Actor
) -> Iterator[tuple[str, str, bytes]]:
    """The files an earlier try left; a digest somebody else attached must be sent as bytes."""
    for key, words in values.items():
        digest = key.removeprefix("kept-")
        if not key.startswith("kept-") or not _DIGEST.fullmatch(digest):
            continue
        place = place_of(office.uploads, digest)
        if place.exists() and queries.own_file(session, digest, by.account):
            item, _, name = words.partition("|")
            yield item, name, place.read_bytes()


def _words(one: Kept, item: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"sha256": one.sha256, "item": item[:40], "name": name[:200]}
    found["kind"] = "signature" if item.startswith("sign-") else "photo"
    if one.taken_at:
        found["taken_at"] = one.taken_at.isoformat()
    return found
