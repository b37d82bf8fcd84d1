"""A settings file as an editor wrote it: what it holds, or in a sentence why it gives nothing."""

import codecs
import os
import pwd
from pathlib import Path

from config.mistakes import sentence_of


def content_of(file: Path) -> bytes:
    """What a file holds, in UTF-8; the mark that editors on Windows put before it is no part of that."""
    return file.read_bytes().removeprefix(codecs.BOM_UTF8)


def unread(what: str, file: Path, wrong: OSError, remedy: str) -> str:
    """Why a file gave nothing: it is not there, and the remedy is the caller's, or it cannot be read."""
    if isinstance(wrong, FileNotFoundError | NotADirectoryError):
        return f"找不到{what} {file}。{remedy}。"
    if not isinstance(wrong, PermissionError):
        return f"{what} {file} 读不出来：{sentence_of(wrong) or wrong}"
    return (
        f"{what} {file} 在，现在的用户 {_user()} 却没有权限读。它和它的文件夹应当归 root 所有、运行本软件的用户组能读："
        f"chown -R root:xinyong {file.parent}，chmod -R g+rX {file.parent}；人执行命令请用 sudo xinyong。"
    )


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
