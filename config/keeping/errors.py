"""What can be wrong with a backup; every sentence names the remedy."""

from collections.abc import Sequence
from pathlib import Path


class KeepingError(Exception):
    """A backup, a restoration or an archive is refused."""


class ToolMissing(KeepingError):
    """A program this work needs is not installed."""

    def __init__(self, tool: str, package: str) -> None:
        super().__init__(f"没有程序 {tool}。请安装 Debian 软件包：apt-get install {package}")


class ToolFailed(KeepingError):
    """A program this work needs has refused; its own words say why."""

    def __init__(self, tool: str, said: str) -> None:
        words = said.strip()[-500:] or "没有说明原因"
        super().__init__(f"{tool} 没有办成：{words}。请按这句话检查设置、权限和磁盘空间。")


class TargetRefused(KeepingError):
    """A backup may not be written there."""


class BackupDamaged(KeepingError):
    """A backup is not what its maker wrote; the members are named."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        shown = "；".join(self.problems[:20])
        more = f"；另有 {len(self.problems) - 20} 处" if len(self.problems) > 20 else ""
        super().__init__(f"备份不能用：{shown}{more}。没有恢复任何内容，请换一份备份。")


class KeyNeeded(KeepingError):
    """An encrypted backup is opened by its private key alone."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"备份 {file} 是加密的。请用 --key 指明私钥文件。")


class WrongKey(KeepingError):
    """The private key is not one this backup was encrypted for, or no key at all."""

    def __init__(self, key: Path, said: str) -> None:
        super().__init__(
            f"私钥 {key} 打不开这份备份（{said}）。请换用制作备份时 --to 所写公钥的那把私钥。"
        )


class NotEmpty(KeepingError):
    """Something is there already; restoring never overwrites."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}，恢复只往空的地方写，没有改动任何内容。{remedy}")


class Busy(KeepingError):
    """Another process of this city is at the same work."""

    def __init__(self, what: str) -> None:
        super().__init__(f"另一个进程正在{what}。请等它结束后再试。")
