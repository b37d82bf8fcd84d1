"""The machine: room and right to write where the data lies, and what papers are made with."""

import errno
import shutil
import tempfile
from pathlib import Path

from config.doctor.signs import Fault, Found, Ground
from publisher.pdf import check_printing
from publisher.print.engine import FONT

ROOM_GB = 2


def folder(ground: Ground) -> Found:
    """The data folder is there, has room, and can be written to."""
    data = ground.settings.data
    if ground.settings.is_misnamed:
        yield Fault(
            "data.missing",
            f"环境变量 XINYONG_DATA 写的文件夹 {data} 不存在。请改正它；第一次使用请先执行 xinyong migrate。",
        )
        return
    place = data if data.is_dir() else _nearest(data)
    free = shutil.disk_usage(place).free / 1e9
    if free < ROOM_GB:
        yield Fault("disk.full", f"{data} 只剩 {free:.1f} GB。请腾出至少 {ROOM_GB} GB。")
        return
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as wrong:
        why = "所在的磁盘是只读的" if wrong.errno == errno.EROFS else "不能写入"
        yield Fault(
            "data.readonly",
            f"{data} {why}。请用 xinyong 用户执行，或者改它的权限，或者用 XINYONG_DATA 换一个文件夹。",
        )
        return
    yield f"{data}，剩余 {free:.0f} GB" if data.is_dir() else f"{data}，还没有建立"


def _nearest(path: Path) -> Path:
    return next(one for one in path.parents if one.is_dir())


def printing(_: Ground) -> Found:
    """Papers can be made."""
    fonts = FONT.partition("“")[0]
    for problem in check_printing():
        yield Fault("print.fonts" if problem.startswith(fonts) else "print.library", problem)
    yield "排版库和字体齐全"
