"""Whether the register's rows of editions and their folders agree; each disagreement with its remedy."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from publisher.edition import Manifest
from registry.queries import EditionLine


def disagreements(rows: list[EditionLine], editions: Path) -> Iterator[str]:
    """A row without its folder, a folder without its row, and two of one name that are not the same."""
    folders = {
        path.parent.name: path for path in sorted(editions.glob("2[0-9][0-9][0-9]-*/edition.json"))
    }
    for row in rows:
        path = folders.pop(row.name, None)
        if path is None:
            if row.state == "released":
                yield (
                    f"{row.name} 在登记册里已发布，文件夹 {editions / row.name} 却不在。"
                    f"请从备份恢复这个文件夹，再执行 xinyong verify {editions / row.name}。"
                )
            continue
        digest = sha256(path.read_bytes()).hexdigest()
        if digest != row.digest:
            yield (
                f"{path.parent} 的校验码 {digest[:16]} 与登记册记的 {row.digest[:16]} 不同。"
                "请从备份恢复这个文件夹；登记册是旧备份的，请恢复较新的备份。"
            )
        elif row.state == "approved":
            yield (
                f"{row.name} 的文件夹已经做好，登记册还没有记下发布：上次发布中途停止。"
                f"请再执行一次 xinyong release {row.name} --by 账户名，或者等定时发布。"
            )
        elif row.state != "released":
            yield (
                f"{path.parent} 在，登记册里 {row.name} 却没有发布。"
                "请查明是谁放进去的，把它移出版次文件夹；登记册是旧备份的，请恢复较新的备份。"
            )
    for name, path in folders.items():
        yield (
            f"{path.parent} 在，登记册里却没有 {name} 这一版。"
            "请查明是谁放进去的，把它移出版次文件夹；登记册是旧备份的，请恢复较新的备份。"
        )
    yield from _current(rows, editions)


def _current(rows: list[EditionLine], editions: Path) -> Iterator[str]:
    """The edition that is shown is the newest that was released."""
    newest = max(
        (one for one in rows if one.state == "released"), key=lambda one: one.order, default=None
    )
    if newest is None:
        return
    try:
        raw = (editions / "current" / "edition.json").read_bytes()
        shown = msgspec.json.decode(raw, type=Manifest).name
    except (OSError, msgspec.DecodeError):
        shown = "无"
    if shown != newest.name:
        yield (
            f"现在公布的是 {shown}，登记册里最新发布的是 {newest.name}。"
            f"请再执行一次 xinyong release {newest.name} --by 账户名。"
        )
