"""People of several cities at work over HTTP, in a process of their own; tells what was answered.

`python -m tests.bench.city_load URL HOST INSTITUTION [HOST INSTITUTION …]` works until its input ends, then
prints one JSON object: per city the acts that were answered as done, those told to come again, all other
answers, the longest wait, and the same of the pages read.
"""

import json
import sys
import threading
import time
from typing import Any

import httpx

PASSWORD = "three plain words"  # noqa: S105 the small cities'
DONE, AGAIN = 303, 503


class City:
    """One reviewer who takes down complaints without a pause, and one reader of public and desk pages."""

    def __init__(self, url: str, host: str, institution: str, on: str) -> None:
        self.host, self.institution, self.on = host, institution, on
        headers = {"Host": host, "Accept": "text/html"}
        # The cookie is the city's own: kept by hand, for the address is the same for all.
        self.client = httpx.Client(base_url=url, headers=headers, timeout=60)
        self.done: list[str] = []
        self.again, self.read, self.reread = 0, 0, 0
        self.failed: list[str] = []
        self.longest = 0.0
        answer = self.client.post("/sign-in", data={"account": "reviewer", "password": PASSWORD})
        assert answer.status_code == DONE, answer.text

    def write(self, stop: threading.Event) -> None:
        """One act after another; what is told to come again is tried again until it is done."""
        number = 0
        while not stop.is_set():
            number += 1
            text = f"{self.host} 第 {number} 件"
            began = time.monotonic()
            while self._act(text) == AGAIN:
                self.again += 1
                time.sleep(1)
            self.longest = max(self.longest, time.monotonic() - began)

    def _act(self, text: str) -> int:
        sheet = {"institution": self.institution, "on": self.on, "channel": "12345", "text": text}
        answer = self.client.post("/desk/open/complaint", data=sheet)
        if answer.status_code == DONE:
            self.done.append(text)
        elif answer.status_code != AGAIN or not answer.headers.get("retry-after"):
            self.failed.append(f"{answer.status_code} {text}")
        return answer.status_code

    def look(self, stop: threading.Event) -> None:
        """Reads the desk, and the public's first page, in turn."""
        while not stop.is_set():
            for path in ("/desk/clocks/", "/help/"):
                answer = self.client.get(path)
                self.read += answer.status_code == 200
                self.reread += answer.status_code == AGAIN
                if answer.status_code not in (200, AGAIN):
                    self.failed.append(f"{answer.status_code} {path}")
            time.sleep(0.02)

    def said(self) -> dict[str, Any]:
        """What was answered."""
        return {
            "host": self.host,
            "done": self.done,
            "again": self.again,
            "failed": self.failed,
            "longest": round(self.longest, 2),
            "read": self.read,
            "reread": self.reread,
        }


def main() -> None:
    """Works until the input ends."""
    url, on, *rest = sys.argv[1:]
    cities = [City(url, host, id, on) for host, id in zip(rest[::2], rest[1::2], strict=True)]
    stop = threading.Event()
    works = [work for one in cities for work in (one.write, one.look)]
    threads = [threading.Thread(target=work, args=(stop,)) for work in works]
    for one in threads:
        one.start()
    print("at work", flush=True)
    sys.stdin.read()
    stop.set()
    for one in threads:
        one.join()
    print(json.dumps([one.said() for one in cities]))


if __name__ == "__main__":
    main()
