"""`python -m tests.bench.store DATA`: a city's editions into a real S3-compatible server of this machine, and back.

DATA is the data folder of a city with released editions, such as ./run demo makes; it is read, and never changed.
"""

import sys
import tempfile
import time
from pathlib import Path

from config.bucket.bringing import bring
from config.bucket.bucket import Bucket
from config.bucket.sending import send
from config.settings import load_settings
from tests.flows.bucket.s3 import READER, WRITER, s3_server, stored


def main() -> int:
    """Prints objects, megabytes and the seconds of both ways; 1 when anything did not arrive."""
    data = Path(sys.argv[1]).absolute()
    settings = load_settings(None, {"XINYONG_DATA": str(data)})
    with s3_server() as server, tempfile.TemporaryDirectory(prefix="xystore-") as name:
        office, node = (stored(settings, server.endpoint, "city", who) for who in (WRITER, READER))
        began = time.perf_counter()
        sent = send(office.editions, Bucket(office))
        middle = time.perf_counter()
        brought = bring(Bucket(node), Path(name))
        ended = time.perf_counter()
        size = sum(one.stat().st_size for one in Path(name).rglob("*") if one.is_file())
    print(f"{'editions':<20}{len(brought.editions):9}")
    print(f"{'objects':<20}{sent.put:9}")
    print(f"{'size':<20}{size / 1e6:9.1f} MB")
    print(f"{'sent':<20}{middle - began:9.1f} s")
    print(f"{'brought and checked':<20}{ended - middle:9.1f} s")
    for problem in (*sent.problems, *brought.problems):
        print("WRONG", problem)
    return 1 if sent.problems or brought.problems else 0


if __name__ == "__main__":
    sys.exit(main())
