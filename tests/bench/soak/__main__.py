"""`python -m tests.bench.soak [--months 24] [--size 2000] [--inspectors 40] [--seed 1]`, on PostgreSQL.

Two nodes serve and keep the clock of one city; each day of the months the office works, phones send visits,
the public asks without a pause, and about once in two weeks something fails: a node is killed or stopped,
the database server is killed. Counted: editions and when they came out, clocks missed, requests lost, records
doubled or lost, memory; every edition is verified. It needs libfaketime (Debian's `faketime`).
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench.soak.run import soak
from tests.bench.soak.told import Wanted


def main() -> int:
    """Prints what came of the months; 1 when anything was lost, late, doubled or wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak")
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--size", type=int, default=2000)
    parser.add_argument("--inspectors", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    wanted = Wanted(months=said.months, size=said.size, inspectors=said.inspectors, seed=said.seed)
    with tempfile.TemporaryDirectory(prefix="xysoak-", dir="/tmp") as folder:
        return soak(wanted, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
