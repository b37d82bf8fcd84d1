"""What came out after the backup, taken over from the public's copy: editions, and the years' accounts."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from config.keeping.errors import BackupDamaged
from publisher.release import switch_forward
from publisher.site.track import order
from publisher.verify import verify
from publisher.year_check import check_year
from publisher.year_files import FOLDER, NAME, REPORT, accounts_of, point_forward


def add_published(published: Path, data: Path) -> tuple[str, ...]:
    """Takes over what the data lacks, each checked by the bureau's key and linked to the last; gives its names.

    Raises BackupDamaged for what does not follow the backup.
    """
    key = data / "keys" / "bureau.pub"
    accounts = accounts_of(published)
    return (
        *_editions(published, data / "editions", key),
        *(f"{FOLDER}/{name}" for name in _accounts(accounts, data / FOLDER, key)),
    )


def _editions(published: Path, editions: Path, key: Path) -> Iterator[str]:
    for folder in sorted(published.glob("2[0-9][0-9][0-9]-*"), key=lambda one: order(one.name)):
        place = editions / folder.name
        if place.exists() or not (folder / "edition.json").is_file():
            continue
        shutil.copytree(folder, place)
        switch_forward(place)
        _refuse(folder, verify(place, key).problems)
        yield folder.name


def _accounts(published: Path, reports: Path, key: Path) -> Iterator[str]:
    for folder in sorted(published.glob(f"2*/{REPORT}")):
        source = folder.parent
        place = reports / source.name
        if source.is_symlink() or not NAME.fullmatch(source.name) or place.exists():
            continue
        shutil.copytree(source, place)
        _refuse(source, check_year(place, key).problems)
        yield source.name
    for link in sorted(published.glob("2[0-9][0-9][0-9]")):
        with suppress(OSError):  # it is no link, or leads nowhere
            name = os.readlink(link)
            if NAME.fullmatch(name) and (reports / name / REPORT).exists():
                point_forward(reports, int(link.name), name)


def _refuse(source: Path, problems: Iterable[str]) -> None:
    if found := [f"{source} 不能接在备份之后：{one}" for one in problems]:
        raise BackupDamaged(found)
