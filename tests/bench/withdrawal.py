"""`python -m tests.bench.withdrawal DATA [EDITIONS [STATUS]]`: one entry withdrawn from so many of a city's editions,
made again whole and in proportion to what changed, each in the same run on copies of the same folders. The entry
is one on the black list, or, with STATUS, one that stands so (white, watch, black, none).

DATA is the data folder of a city with released editions, such as ./run demo makes, which prints the newest three.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from config import month
from config.over import folders
from config.settings import Settings, demo_settings, load_settings
from publisher.edition import read_edition
from publisher.kept import Kept
from publisher.pdf import printers
from publisher.release import Renderer
from publisher.withdraw import Withdrawn, bury


def main() -> None:
    """Prints the table."""
    data, many = Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 3
    status = sys.argv[3] if sys.argv[3:] else "black"
    table = Table(title=f"one entry ({status}) withdrawn from {many} editions")
    for head in ("made again", "seconds", "files", "taken over"):
        table.add_column(head, justify="left" if head == "made again" else "right")
    seconds = {}
    for way, whole in (("whole", True), ("what changed", False)):
        with tempfile.TemporaryDirectory(prefix="xywithdraw-") as name:
            settings = _copied(data, Path(name), many)
            seconds[way], files, taken = _withdrawn(settings, whole, status)
            table.add_row(way, f"{seconds[way]:.2f}", str(files), str(taken))
    Console(width=100).print(table)
    print(f"ratio {seconds['whole'] / seconds['what changed']:.1f}")


def _copied(data: Path, home: Path, many: int) -> Settings:
    """The keys and the newest editions of a city that have papers; one before them, which they follow."""
    if not all((one / "white.pdf").exists() for one in folders(data / "editions")[-many:]):
        raise SystemExit(f"not each of the newest {many} editions in {data} has papers")
    shutil.copytree(data / "keys", home / "keys")
    for folder in folders(data / "editions")[-many - 1 :]:
        shutil.copytree(folder, home / "editions" / folder.name)
    shutil.copyfile(data / "editions" / "bureau.pub", home / "editions" / "bureau.pub")
    return demo_settings(load_settings(None, {"XINYONG_DATA": str(home)}))


def _withdrawn(settings: Settings, whole: bool, status: str) -> tuple[float, int, int]:
    now = datetime.now(settings.zone)
    wanted = folders(settings.editions)[1:]
    listed = read_edition(wanted[0]).listed
    one = next(one for one in listed if one.rating.status == status).institution
    gone = {
        one: Withdrawn(institution=one, on=now.date(), reason="原决定已撤销", listed="black"),
    }
    kept: list[Kept] = []
    start = time.perf_counter()
    with printers() as pool:
        for folder in wanted:
            again = _again(settings, now, pool, kept, whole)
            if not bury(folder, settings.keys, gone, now.date(), again):
                raise SystemExit(f"{folder.name}: nothing to withdraw")
    seconds = time.perf_counter() - start
    files = sum(path.is_file() for folder in wanted for path in folder.rglob("*"))
    return seconds, files, sum(len(one.taken) for one in kept)


def _again(
    settings: Settings, now: datetime, pool: Executor, seen: list[Kept], whole: bool
) -> Callable[[Kept], Iterable[Renderer]]:
    def chosen(kept: Kept) -> Iterable[Renderer]:
        seen.append(kept)
        again = None if whole else month.Again(kept=kept, pool=pool)
        return month.renderers(settings, now, again=again)

    return chosen


if __name__ == "__main__":
    main()
