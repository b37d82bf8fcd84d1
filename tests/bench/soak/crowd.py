"""The public: pages asked for without a pause at either node, at the other when one does not answer.

`python -m tests.bench.soak.crowd RATE URL…` asks until its input closes, and prints what came of it as JSON.
"""

import json
import random
import sys
import threading
import time
from collections import Counter

import httpx

from tests.bench.soak.machine import PAUSE_AT_MOST

WORDS = ("艺术", "海曙", "培训", "xinhua", "语言", "小学")


def main() -> None:
    """Asks RATE times a second."""
    rate, urls = float(sys.argv[1]), sys.argv[2:]
    ended = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    found, wrong = Counter[str](), Counter[str]()
    dice = random.Random(1)  # noqa: S311 play
    slowest = 0.0
    # A run that stands still for an hour goes on as if nothing had been.
    with httpx.Client(timeout=PAUSE_AT_MOST) as client:
        paths = _paths(client, urls)
        while not ended.wait(1 / rate):
            began = time.monotonic()
            outcome, said = _ask(client, dice.sample(urls, len(urls)), dice.choice(paths))
            slowest = max(slowest, time.monotonic() - began)
            found[outcome] += 1
            if said:
                wrong[said] += 1
    told = {"asked": dict(found), "wrong": dict(wrong), "slowest": round(slowest, 1)}
    print(json.dumps(told), flush=True)


def _paths(client: httpx.Client, urls: list[str]) -> list[str]:
    while True:
        try:
            some = client.get(f"{urls[0]}/api/v1/institutions?limit=100").json()["items"]
        except (httpx.HTTPError, ValueError, KeyError):
            time.sleep(0.5)
            continue
        found = [f"/i/{one['id']}/" for one in some]
        return [*found, "/", "/editions/", "/statistics/", *(f"/search/?q={w}" for w in WORDS)]


def _ask(client: httpx.Client, urls: list[str], path: str) -> tuple[str, str]:
    """What came of one request, as a front server before the nodes would see it."""
    for place, url in enumerate(urls):
        try:
            answer = client.get(f"{url}{path}")
        except httpx.TransportError:
            continue
        if answer.status_code < 500:
            return ("answered", "") if place == 0 else ("by the other node", "")
        return "failed", f"{answer.status_code} {path}"
    return "no node", f"no node answers {path}"


if __name__ == "__main__":
    main()
