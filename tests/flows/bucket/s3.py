"""A real S3-compatible server on this machine (SeaweedFS), with a writer and a reader who are told apart."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import msgspec
import obstore
from obstore.store import S3Store

from config.city import EditionStore
from config.settings import Settings

BUCKET = "editions"
WRITER, READER = ("writer", "secret-of-the-writer"), ("reader", "secret-of-the-reader")
PARTS = ("master", "master_grpc", "volume", "volume_grpc", "filer", "filer_grpc", "s3", "s3_grpc")


class S3:
    """A server in a folder, gone at the end; its address."""

    def __init__(self, home: Path) -> None:
        self.home, self.ports = home, free_ports(len(PARTS))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.ports[PARTS.index('s3')]}"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        allowed = {WRITER: ["Admin"], READER: [f"Read:{BUCKET}"]}
        people = [
            {
                "name": name,
                "credentials": [{"accessKey": name, "secretKey": secret}],
                "actions": acts,
            }
            for (name, secret), acts in allowed.items()
        ]
        (self.home / "s3.json").write_text(json.dumps({"identities": people}))
        port = dict(zip(PARTS, self.ports, strict=True))
        words = [
            *("server", f"-dir={self.home}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
            *(f"-master.port={port['master']}", f"-master.port.grpc={port['master_grpc']}"),
            *(f"-volume.port={port['volume']}", f"-volume.port.grpc={port['volume_grpc']}"),
            *("-filer", f"-filer.port={port['filer']}", f"-filer.port.grpc={port['filer_grpc']}"),
            *("-s3", f"-s3.port={port['s3']}", f"-s3.port.grpc={port['s3_grpc']}"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={self.home / 's3.json'}"),
            *("-master.volumeSizeLimitMB=64", "-volume.max=50", "-master.telemetry=false"),
        ]
        program = Path(sys.executable).with_name("weed")
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig=KILL", program, "-logtostderr=true", *words],
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 60
        while not self._answers():
            assert self.process.poll() is None, (self.home / "log").read_text()[-2000:]
            assert time.monotonic() < until, (self.home / "log").read_text()[-2000:]
            time.sleep(0.1)
        self._make_bucket()

    def _make_bucket(self) -> None:
        """What an administrator does once; this server makes a bucket with its first object."""
        store = S3Store(
            BUCKET,
            endpoint=self.endpoint,
            access_key_id=WRITER[0],
            secret_access_key=WRITER[1],
            region="us-east-1",
            client_options={"allow_http": True},
        )
        obstore.put(store, "other-city/of.another", b"is not ours to touch")

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.endpoint}/", timeout=5).status_code == 403
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Ends it, if it runs."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def s3_server() -> Iterator[S3]:
    """A running server."""
    home = Path(tempfile.mkdtemp(prefix="xys3-", dir="/tmp"))
    server = S3(home)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def free_ports(many: int) -> list[int]:
    """Ports nobody listens on now."""
    with ExitStack() as held:
        found = []
        for _ in range(many):
            one = held.enter_context(socket.socket())
            one.bind(("127.0.0.1", 0))
            found.append(one.getsockname()[1])
        return found


def stored(settings: Settings, endpoint: str, folder: str, who: tuple[str, str]) -> Settings:
    """The same city with its editions in a folder of the bucket, asked for as somebody."""
    store = EditionStore(url=f"s3://{BUCKET}/{folder}", endpoint=endpoint)
    city = msgspec.structs.replace(settings.city, store=store)
    return msgspec.structs.replace(settings, city=city, store_key=who[0], store_secret=who[1])


def listed(folder: Path) -> dict[str, bytes]:
    """Every file of an editions folder, once, but what a process keeps for itself."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not _is_own(path.relative_to(folder).parts[0])
    }


def _is_own(name: str) -> bool:
    return name == "current" or name.startswith((".", "0-staging-"))


# Sends or brings in a process of its own that dies before its n-th step.
DRIVER = """
import itertools, os, signal, sys
at, steps = int(sys.argv[1]), itertools.count(1)
def stepping(do):
    def step(*words, **more):
        if next(steps) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return do(*words, **more)
    return step
from config.bucket import bringing, bucket, sending
for name in ("get", "put", "delete"):
    setattr(bucket.Bucket, name, stepping(getattr(bucket.Bucket, name)))
for name in ("exchange", "switch_forward"):
    setattr(bringing, name, stepping(getattr(bringing, name)))
for name in ("replace", "rename", "link", "rmdir"):
    setattr(os, name, stepping(getattr(os, name)))
import msgspec
from pathlib import Path
from config.settings import load_settings
from tests.flows.bucket.s3 import stored
what, editions, endpoint, folder, name, secret = sys.argv[2:]
city = stored(load_settings(None, {}), endpoint, folder, (name, secret))
if what == "send":
    sending.send(Path(editions), bucket.Bucket(city))
else:
    bringing.bring(bucket.Bucket(city), Path(editions))
print("only", next(steps) - 1, "steps")
"""


def killed(what: str, editions: Path, city: Settings, at: int) -> None:
    """Sends or brings, killed before a step."""
    store = city.city.store
    assert store is not None
    folder = store.url.rpartition("/")[2]
    words = [what, editions, store.endpoint, folder, city.store_key, city.store_secret]
    line = [sys.executable, "-c", DRIVER, str(at), *map(str, words)]
    root = Path(__file__).parents[3]
    env = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(line, env=env, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
