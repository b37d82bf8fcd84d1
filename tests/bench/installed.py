"""`sudo python3 -m tests.bench.installed https://HOST/`: an installed machine asked while its service starts anew.

Every tenth of a second a request of its own, while the service is restarted and then killed (-9), from the machine
itself. It needs systemd and nothing but Python; how long an installation takes, `time` tells.
"""

import ssl
import subprocess
import sys
import time
from threading import Event, Thread
from urllib.request import urlopen

EVERY, REST = 0.1, 6.0
BEFALLS = (
    ("restarted", ("systemctl", "restart", "xinyong.service")),
    ("killed", ("systemctl", "kill", "--signal=KILL", "xinyong.service")),
)


class Visitor:
    """Asks until it is told to end; what was answered, what failed, and the longest wait."""

    def __init__(self, url: str) -> None:
        self.url, self.ended = url, Event()
        self.answered, self.failed, self.longest = 0, list[str](), 0.0
        # What is asked for is whether somebody answers: the first certificate is signed by itself.
        self.trust = ssl._create_unverified_context()  # noqa: S323
        self.asking: list[Thread] = []
        self.clock = Thread(target=self._run)

    def _run(self) -> None:
        while not self.ended.wait(EVERY):
            self.asking.append(Thread(target=self._ask))
            self.asking[-1].start()

    def _ask(self) -> None:
        began = time.monotonic()
        try:
            with urlopen(self.url, timeout=60, context=self.trust) as answer:  # noqa: S310
                answer.read()
            self.answered += 1
        except OSError as wrong:
            self.failed.append(str(wrong))
        self.longest = max(self.longest, time.monotonic() - began)

    def end(self) -> None:
        """Every request that was begun is waited for."""
        self.ended.set()
        self.clock.join()
        for one in self.asking:
            one.join()


def main() -> int:
    """Prints how many of how many were answered; 1 when one was not."""
    visitor = Visitor(sys.argv[1])
    visitor.clock.start()
    time.sleep(REST / 2)
    for what, command in BEFALLS:
        subprocess.run(command, check=True)
        time.sleep(REST)
        print(f"{what}: {visitor.answered} answered, {len(visitor.failed)} failed so far")
    visitor.end()
    asked = visitor.answered + len(visitor.failed)
    print(f"{visitor.answered} of {asked} answered, the longest wait {visitor.longest:.1f} s")
    for one in visitor.failed[:5]:
        print("WRONG", one)
    return 1 if visitor.failed else 0


if __name__ == "__main__":
    sys.exit(main())
