"""The released accounts of the years: as they were signed, entered in the ledger, and the newest shown."""

from pathlib import Path

import msgspec

from config.doctor.editions import public_key
from config.doctor.signs import Fault, Found, Ground
from publisher.year_check import check_year, rolled_back
from publisher.year_files import FOLDER, NAME, REPORT, follows, named
from registry import queries
from registry.database import reading

ENTERED = 1000  # of the newest releases


def accounts(ground: Ground) -> Found:
    """What the ledger says was released lies there and is shown, and no file was edited."""
    folder = ground.settings.data / FOLDER
    for year, digest in sorted(_entered(ground).items()):
        yield from _of_year(folder, year, named(year, digest))
    there = [one.parent for one in sorted(folder.glob(f"2*/{REPORT}"))]
    own = [one for one in there if not one.is_symlink() and NAME.fullmatch(one.name)]
    key = public_key(ground)
    for one in own:
        told = set(rolled_back(one))
        if edited := [problem for problem in check_year(one, key).problems if problem not in told]:
            said = (
                f"{FOLDER}/{one.name}：{'；'.join(edited)}。请从备份恢复这个文件夹，并查明谁改过。"
            )
            yield Fault("report.edited", said)
    yield f"{len(own)} 份，都和发布时一样" if own else "还没有发布过"


def _of_year(folder: Path, year: int, name: str) -> Found:
    if not (folder / name / REPORT).exists():
        said = f"台账里 {year} 年的报告已发布，文件夹 {folder / name} 却不在。请从备份恢复它。"
        yield Fault("report.no_folder", said)
        return
    link = folder / str(year)
    shown = link.resolve().name
    if not (link / REPORT).exists() or (shown != name and not follows(folder, shown, name)):
        said = f"{link} 没有指向最新的报告。请执行 ln -sfn {name} {link}。"
        yield Fault("report.old", said)


def _entered(ground: Ground) -> dict[int, str]:
    """The digest of each year's newest account, by the ledger."""
    with reading(ground.register) as session:
        lines = queries.ledger_entries(session, act="release_report", limit=ENTERED)
    return {
        int(one.subject.split()[-1]): msgspec.json.decode(one.body)["digest"]
        for one in reversed(lines)
    }
