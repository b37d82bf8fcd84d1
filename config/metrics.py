"""What a process counts, and what it knows of the installation, in the text format of Prometheus."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from registry.watch import Watch

CONTENT_TYPE = "text/plain; version=0.0.4"  # the answer adds its charset, as to all text
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Measures:
    """The requests of one process, and beside them the state of the installation at each reading."""

    def __init__(self, watch: Callable[[], Watch] | None = None) -> None:
        self.registry = CollectorRegistry()
        self._counting: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.requests = Counter(
            "xinyong_requests",
            "Requests answered, by route template, never by what they ask for.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "xinyong_request_seconds",
            "Seconds until the whole answer was sent.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        if watch is not None:
            self.registry.register(_State(watch))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one answered request."""
        known = self._counting.get((method, route, status))
        if known is None:  # which is found anew each time at ten times the cost
            counted = self.requests.labels(method, route, str(status))
            known = (counted, self.seconds.labels(method, route))
            self._counting[method, route, status] = known
        known[0].inc()
        known[1].observe(seconds)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)

    def busiest(self, limit: int = 12) -> list[tuple[str, int, float]]:
        """The routes most asked for: how often, and the mean in milliseconds."""
        many: dict[str, float] = {}
        took: dict[str, float] = {}
        for metric in self.seconds.collect():
            for sample in metric.samples:
                into = {"count": many, "sum": took}.get(sample.name.rpartition("_")[2])
                if into is not None:
                    route = sample.labels["route"]
                    into[route] = into.get(route, 0) + sample.value
        order = sorted(many, key=lambda route: (-many[route], route))[:limit]
        return [(route, int(many[route]), took[route] / many[route] * 1000) for route in order]


class _State(Collector):
    def __init__(self, watch: Callable[[], Watch]) -> None:
        self.watch = watch

    def describe(self) -> Iterator[Metric]:
        """Nothing is read before somebody asks."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """The gauges; one whose value is not known is left out, for unknown is not zero."""
        seen = self.watch()
        acts = CounterMetricFamily("xinyong_acts", "Entries of the ledger by act.", labels=["act"])
        for act, many in sorted(seen.acts.items()):
            acts.add_metric([act], many)
        yield acts
        for name, meaning, value in _gauges(seen):
            if value is not None:
                yield GaugeMetricFamily(f"xinyong_{name}", meaning, value=value)
        checks = GaugeMetricFamily(
            "xinyong_check_ok", "Whether a check of /readyz holds.", labels=["check"]
        )
        for one in seen.checks:
            checks.add_metric([one.key], float(one.ok))
        yield checks
        warnings = GaugeMetricFamily(
            "xinyong_check_warns", "Whether a check asks for mending.", labels=["check"]
        )
        for one in seen.checks:
            warnings.add_metric([one.key], float(one.warns or not one.ok))
        yield warnings
        alarms = GaugeMetricFamily("xinyong_alarms", "Alarms by kind.", labels=["kind"])
        for kind in sorted({one.kind for one in seen.alarms}):
            alarms.add_metric([kind], sum(one.kind == kind for one in seen.alarms))
        yield alarms


def _gauges(seen: Watch) -> list[tuple[str, str, float | None]]:
    return [
        ("clocks_overdue", "Open matters past their day.", seen.overdue),
        ("clocks_ownerless", "Open matters nobody owns.", seen.ownerless),
        ("edition_age_seconds", "Since the newest edition's release.", seen.edition_age),
        ("editions", "Released editions.", seen.editions),
        ("entries_withdrawn", "Entries withdrawn from editions.", seen.withdrawn),
        ("outbox_waiting", "Deliveries not yet made.", seen.waiting),
        ("outbox_dead", "Deliveries given up.", seen.dead),
        ("ledger_entries", "Length of the ledger.", seen.entries),
        ("backup_age_seconds", "Since the newest backup.", seen.backup_age),
        ("store_behind_seconds", "Since the store or a copy lacks something.", seen.store_behind),
        ("disk_free_bytes", "Free where the data lies.", seen.disk_free),
        ("disk_size_bytes", "Size of the disk where the data lies.", seen.disk_size),
    ]
