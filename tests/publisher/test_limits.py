"""One address cannot ask all the time, no address can make another wait, and nobody can fill the memory."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.site.limits import RATES, Limits, Rate, kind_of, neighbourhood
from publisher.site.shelf import Kept, Shelf, is_known

FEW = {"ask": Rate(burst=3, a_second=0.5)}


def test_a_burst_is_let_through_and_then_a_steady_trickle() -> None:
    limits = Limits(FEW)
    assert [limits.wait("ask", "203.0.113.1", 0) for _ in range(5)] == [0, 0, 0, 2, 2]
    assert limits.wait("ask", "203.0.113.2", 0) == 0  # another address is not made to wait
    assert limits.wait("ask", "203.0.113.1", 1.9) == 1
    assert limits.wait("ask", "203.0.113.1", 2.0) == 0
    assert limits.wait("ask", "203.0.113.1", 2.0) == 2


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 30)), max_size=60))
@example([(0, 0.8), (0, 0.0), (0, 0.0), (0, 0.0)])
def test_nobody_gets_more_than_the_burst_and_the_rate(asked: list[tuple[int, float]]) -> None:
    limits, now = Limits(FEW), 0.0
    got = dict.fromkeys(range(4), 0)
    for who, later in asked:
        now += later
        wait = limits.wait("ask", f"203.0.113.{who}", now)
        got[who] += not wait
        if wait:
            # Whoever waits as long as they were told to is let in.
            fresh = Limits(FEW)
            fresh._buckets.update(limits._buckets)
            assert fresh.wait("ask", f"203.0.113.{who}", now + wait) == 0
    assert all(many <= 3 + now * 0.5 + 1e-6 for many in got.values())


def test_what_is_remembered_is_bounded_and_the_machine_itself_is_free() -> None:
    limits = Limits(FEW, remembered=100)
    for number in range(5000):
        limits.wait("ask", f"2001:db8:{number:x}::1", 0)
    assert len(limits._buckets) == 100
    assert [limits.wait("ask", "127.0.0.1", 0) for _ in range(50)] == [0] * 50


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("not an address", "not an address", True),
    ],
)
def test_who_is_one_visitor(one: str, other: str, same: bool) -> None:
    assert (neighbourhood(one) == neighbourhood(other)) is same


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/", "page"),
        ("GET", "/i/NB-1/", "page"),
        ("GET", "/search/", "ask"),
        ("GET", "/api/v1/institutions", "ask"),
        ("POST", "/report/", "write"),
        ("POST", "/receipt/", "ask"),
        ("GET", "/desk/", ""),
        ("GET", "/sign-in/", ""),
        ("POST", "/sign-in", "enter"),
        ("POST", "/sign-in/second/", "enter"),
        ("POST", "/join/x", "enter"),
        ("POST", "/desk/visits", ""),
    ],
)
def test_what_a_request_costs(method: str, path: str, kind: str) -> None:
    assert kind_of(method, path) == kind
    assert not kind or kind in RATES


def test_a_shelf_keeps_what_was_asked_for_last_and_never_more_than_it_may() -> None:
    shelf = Shelf(largest=1000)
    for number in range(100):
        key = (str(number).encode(), b"", b"", False)
        shelf.put(key, Kept("s", [], b"x" * 90, b"y" * 10))
        assert shelf.take((b"0", b"", b"", False), "s") is not None
    assert shelf.size <= 1000
    assert shelf.take((b"50", b"", b"", False), "s") is None
    assert shelf.take((b"99", b"", b"", False), "s") is not None
    assert shelf.take((b"99", b"", b"", False), "another edition") is None
    shelf.put((b"0", b"", b"", False), Kept("s", [], b"", b""))
    assert shelf.size <= 1000
    shelf.put((b"huge", b"", b"", False), Kept("s", [], b"x" * 5000, b""))
    assert shelf.size == 0


@pytest.mark.parametrize(
    ("have", "known"),
    [
        ('"t"', True),
        ('W/"t"', True),
        ('"x", W/"t"', True),
        ('"x"', False),
        ("", False),
        ('W/"tt"', False),
    ],
)
def test_a_tag_is_compared_weakly(have: str, known: bool) -> None:
    assert is_known({"if-none-match": have}, "t") is known
