"""Work in a process of its own that is stopped when it takes too long: what hangs holds no lock for ever."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any


class TookTooLong(Exception):
    """The work was stopped; the old edition stays, and the lock is free again."""

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(
            f"{what}超过 {seconds / 60:.0f} 分钟没有办完，已经停止，原来的版次照常公布。"
            "请查看服务器是否缺内存、字体或者磁盘，再发布一次；确实需要更久的，请改 publication.minutes。"
        )


class WorkFailed(Exception):
    """The work ended with a known mistake, told in its sentence."""


def within(seconds: float, what: str, work: Callable[..., Any], *given: Any) -> Any:
    """What the work gives; raises TookTooLong, and WorkFailed with the sentence of what went wrong."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(theirs, work, given))
    process.start()
    theirs.close()
    answered = False
    try:
        if not ours.poll(seconds):
            raise TookTooLong(what, seconds)
        try:
            done, answer = ours.recv()
        except EOFError:
            raise WorkFailed(f"{what}中途停止，没有办完，将再次尝试。") from None
        answered = True
    finally:
        process.join(timeout=5 if answered else 0)
        # Its own workers are in its group, and would wait for it for ever.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(_pid(process), signal.SIGKILL)
        process.kill()
        process.join()
        ours.close()
    if not done:
        raise WorkFailed(str(answer))
    return answer


def _pid(process: BaseProcess) -> int:
    if process.pid is None:
        raise ProcessLookupError
    return process.pid


def _run(answer: Connection, work: Callable[..., Any], given: tuple[Any, ...]) -> None:
    from config.mistakes import sentence_of

    os.setsid()
    try:
        answer.send((True, work(*given)))
    except Exception as wrong:
        sentence = sentence_of(wrong)
        answer.send((False, sentence or repr(wrong)))
        if sentence is None:
            raise
