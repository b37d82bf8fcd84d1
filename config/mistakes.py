"""Which failures are a user's or an operator's to mend, and the sentence that tells them how."""

import errno
import sqlite3
from socket import gaierror

DISK_FULL = "磁盘已满，没有写入任何内容，原来的版次照常公布。请腾出空间后再执行一次。"
DATABASE_AWAY = (
    "连不上数据库。请检查 XINYONG_DATABASE 的地址（几个市装在一起的，是 cities.toml 里 [servers] 的地址），"
    "并确认数据库服务已启动。"
)
NOT_ALLOWED = (
    "数据库账户的权限不够，没有写入任何内容。请用拥有这个库（或者这个模式）的账户执行，"
    "或者请数据库管理员授权。"
)

# The driver's own word that the database, not a statement of ours, is at fault.
_TELLING = ("OperationalError", "DatabaseError")
_INSUFFICIENT_PRIVILEGE = "42501"  # SQLSTATE, PostgreSQL's Appendix A


def sentence_of(mistake: BaseException) -> str | None:
    """The Chinese sentence for a known mistake; None for a defect, which deserves its traceback."""
    if isinstance(mistake, OSError):
        return _of_system(mistake)
    if isinstance(mistake, sqlite3.Error):
        return _of_database(str(mistake))
    if isinstance(mistake, ValueError) and str(mistake) == "embedded null byte":
        return "路径里有看不见的空字符。请检查路径是否写对。"
    module = type(mistake).__module__
    if module.split(".")[0] in ("scoring", "registry", "publisher", "config"):
        return str(mistake)
    if module.startswith("sqlalchemy") and type(mistake).__name__ in _TELLING:
        return _of_database(str(mistake))
    if getattr(getattr(mistake, "orig", None), "sqlstate", "") == _INSUFFICIENT_PRIVILEGE:
        return NOT_ALLOWED
    return None


def _of_database(said: str) -> str:
    """SQLite says what is wrong in a few fixed words; PostgreSQL that cannot be reached says others."""
    for words, sentence in {
        "is full": DISK_FULL,
        "disk I/O error": DISK_FULL,
        "unable to open": "打不开数据库文件。请检查 XINYONG_DATA 的路径、权限和磁盘空间。",
        "is locked": "登记册正被别的程序占用，没有写入任何内容。请稍后再执行一次。",
        "not a database": "数据库文件已损坏，或者不是本软件的数据库。请从备份恢复。",
        "malformed": "数据库文件已损坏，或者不是本软件的数据库。请从备份恢复。",
        "readonly": "数据库文件不能写入。请换一个用户，或者改它的权限。",
    }.items():
        if words in said:
            return sentence
    return DATABASE_AWAY


def _of_system(mistake: OSError) -> str | None:
    if isinstance(mistake, gaierror):
        return "找不到这个主机。请检查地址是否写对、网络是否连通。"
    sentences = {
        errno.ENOSPC: DISK_FULL,
        errno.EDQUOT: DISK_FULL,
        errno.EFBIG: DISK_FULL,
        errno.ENOENT: f"找不到 {mistake.filename}。请检查路径是否写对。",
        errno.EACCES: f"没有权限读写 {mistake.filename}。请换一个用户，或者改它的权限。",
        errno.EROFS: f"{mistake.filename} 在只读的磁盘上，或者服务不许写那里。请换一个文件夹，或者改成可写。",
        errno.EIO: f"读写 {mistake.filename} 出错，磁盘可能坏了。请检查磁盘。",
        errno.EISDIR: f"{mistake.filename} 是一个文件夹，这里需要一个文件。",
        errno.ENOTDIR: f"{mistake.filename} 不是文件夹。",
        errno.EADDRINUSE: "端口已被占用。请用 --port 换一个端口，或者先停掉占用它的程序。",
    }
    return sentences.get(mistake.errno or 0)
