"""How an edition follows the others that lie beside it: whole, broken, or with one missing between."""

from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from publisher.edition import Manifest


class Links(Struct, frozen=True, kw_only=True):
    """What is wrong with the chain, and what of it cannot be seen here."""

    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def links(folder: Path, manifest: Manifest) -> Links:
    """Whether the edition names the digest of the one before it, as far as that lies beside it.

    One that is missing is named in a note, for without it nothing is proven; one that is there and does
    not fit is a problem.
    """
    earlier: dict[str, Manifest] = {}
    unread = []
    for path in sorted(folder.resolve().parent.glob("[0-9][0-9][0-9][0-9]-*/edition.json")):
        raw = path.read_bytes()
        try:
            other = msgspec.json.decode(raw, type=Manifest)
        except msgspec.DecodeError:
            unread.append(f"旁边的 {path.parent.name} 读不出来，没有用它核对链条")
            continue
        if other.order < manifest.order:
            earlier[sha256(raw).hexdigest()] = other
    found = _link(manifest, earlier)
    return Links(problems=found.problems, notes=(*found.notes, *unread))


def rolled_back(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Whether the public is served an older edition than the newest that lies there.

    Only of an edition in its place: one that is still being staged is not yet served.
    """
    link = folder.resolve().parent / "current"
    if folder.resolve().name != manifest.name or not link.is_symlink():
        return
    served = link.resolve()
    try:
        raw = (served / "edition.json").read_bytes()
        now = msgspec.json.decode(raw, type=Manifest)
    except (OSError, msgspec.DecodeError):
        yield f"现行版次 current 指向 {link.readlink()}，那里没有可用的版次"
        return
    newest = max(_beside(folder), key=lambda one: one.order, default=now)
    if now.order < newest.order:
        yield f"现行版次 current 指向较旧的 {now.name}，旁边有更新的 {newest.name}：现行版次被退回"


def _beside(folder: Path) -> Iterator[Manifest]:
    """The editions in the folder's folder that can be read."""
    for path in folder.resolve().parent.glob("[0-9][0-9][0-9][0-9]-*/edition.json"):
        with suppress(msgspec.DecodeError):
            yield msgspec.json.decode(path.read_bytes(), type=Manifest)


def _link(manifest: Manifest, earlier: dict[str, Manifest]) -> Links:
    newest = max(earlier.values(), key=lambda one: one.order, default=None)
    if not manifest.previous:
        if newest is None:
            return Links()
        return Links(problems=(f"本版没有写上一版次，旁边却有更早的 {newest.name}：链条断了",))
    named = earlier.get(manifest.previous)
    code = f"校验码 {manifest.previous}"
    if newest is None:
        return Links(notes=(f"上一版次（{code}）不在旁边，没有核对链条",))
    if named is newest:
        return Links()
    if named is not None:
        said = f"本版接在 {named.name} 之后，跳过了旁边的 {newest.name}：链条断了"
        return Links(problems=(said,))
    if gap := list(_between(newest.period, manifest.period)):
        names = "、".join(gap)
        said = f"缺少版次 {names}（上一版次的{code}），不在旁边，没有核对到 {newest.name} 的链条"
        return Links(notes=(said,))
    said = (
        f"上一版次应有{code}，旁边的 {newest.name} 不是这个校验码：它被改动过，"
        "或者两版之间还有一个增补版次不在旁边，链条断了"
    )
    return Links(problems=(said,))


def _between(first: str, last: str) -> Iterator[str]:
    """The months between two periods, neither included."""
    year, month = (int(part) for part in first.split("-"))
    while (period := f"{year}-{month:02d}") < last:
        if period > first:
            yield period
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
