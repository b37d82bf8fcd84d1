"""Which failures are a user's or an operator's to mend, and the sentence that tells them how."""

import errno
import sqlite3

DISK_FULL = "磁盘已满，没有写入任何内容，原来的版次照常公布。请腾出空间后再执行一次。"
DATABASE_AWAY = "连不上数据库。请检查 XINYONG_DATABASE 的地址，并确认数据库服务已启动。"


def sentence_of(mistake: BaseException) -> str | None:
    """The Chinese sentence for a known mistake; None for a defect, which deserves its traceback."""
    if isinstance(mistake, OSError):
        return _of_system(mistake)
    if isinstance(mistake, sqlite3.OperationalError) and "full" in str(mistake):
        return DISK_FULL
    if type(mistake).__module__.split(".")[0] in ("scoring", "registry", "publisher", "config"):
        return str(mistake)
    if (
        type(mistake).__module__.startswith("sqlalchemy")
        and "OperationalError" in type(mistake).__name__
    ):
        return DISK_FULL if "full" in str(mistake) else DATABASE_AWAY
    return None


def _of_system(mistake: OSError) -> str | None:
    sentences = {
        errno.ENOSPC: DISK_FULL,
        errno.ENOENT: f"找不到 {mistake.filename}。请检查路径是否写对。",
        errno.EACCES: f"没有权限读写 {mistake.filename}。请换一个用户，或者改它的权限。",
        errno.EISDIR: f"{mistake.filename} 是一个文件夹，这里需要一个文件。",
        errno.ENOTDIR: f"{mistake.filename} 不是文件夹。",
        errno.EADDRINUSE: "端口已被占用。请用 --port 换一个端口，或者先停掉占用它的程序。",
    }
    return sentences.get(mistake.errno or 0)
