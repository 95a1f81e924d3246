"""The pace of a server: its rests, measured by a clock that jumps; connections are counted, not opened."""

from __future__ import annotations

import threading

import pytest

from scraper.fetch.server import Pace, Server, Servers

from .fetching import Clock

GENTLE = Pace(delay=1.0, most=60.0)


class Connection:
    """Counts how often it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class Visited:
    """A server that is asked, each request taking and answering what the test says."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.server = Server(self.clock, self.clock.sleep)
        self.connection = Connection()

    def ask(self, took: float = 0.0, pace: Pace = GENTLE, *, busy: bool = False) -> float:
        """Make a request and return how long it had to wait."""
        before = len(self.clock.naps)
        with self.server.turn(self.connection, pace):
            self.server.learn(took, pace, busy=busy)
        return sum(self.clock.naps[before:])


def test_the_rest_follows_how_long_answers_take() -> None:
    visited = Visited()
    for _ in range(20):
        visited.ask(took=4.0)
    assert visited.ask(took=0.1) == pytest.approx(4.0, abs=0.1)
    slower = [visited.ask(took=0.1) for _ in range(12)]
    assert slower[:3] == sorted(slower[:3], reverse=True)  # it comes down answer by answer
    assert (slower[0], slower[-1]) == (pytest.approx(2.83, abs=0.1), pytest.approx(1.0, abs=0.1))


def test_busy_answers_double_what_is_added_and_others_take_a_tenth_away() -> None:
    visited = Visited()
    visited.ask(busy=True)
    waits = [visited.ask(busy=True) for _ in range(3)]
    assert waits == pytest.approx([2, 3, 5], abs=0.1)
    assert visited.ask() == pytest.approx(9, abs=0.1)
    assert [visited.ask() for _ in range(3)] == pytest.approx([8.2, 7.48, 6.83], abs=0.1)
    for _ in range(60):
        last = visited.ask()
    assert last == pytest.approx(1.0, abs=0.05)


def test_no_rest_is_longer_than_max_wait_nor_shorter_than_the_delay() -> None:
    visited = Visited()
    for _ in range(12):
        visited.ask(took=500.0, busy=True)
    assert visited.ask() == pytest.approx(60.0, abs=0.1)
    patient = Visited()
    patient.ask(pace=Pace(delay=90.0, most=60.0))
    assert patient.ask(pace=Pace(delay=90.0, most=60.0)) == pytest.approx(90.0, abs=0.1)


def test_two_sites_on_one_server_keep_the_longer_delay_of_the_two() -> None:
    visited = Visited()
    quick, slow = Pace(1.0, 60.0), Pace(5.0, 60.0)
    visited.ask(pace=slow)
    assert visited.ask(pace=quick) == pytest.approx(5.0, abs=0.1)
    assert visited.ask(pace=slow) == pytest.approx(5.0, abs=0.1)
    assert visited.ask(pace=slow) == pytest.approx(5.0, abs=0.1)


def test_a_server_is_kept_one_connection_to() -> None:
    visited, other = Visited(), Connection()
    visited.ask()
    with visited.server.turn(other, GENTLE):
        pass
    assert (visited.connection.closed, other.closed) == (1, 0)
    visited.server.close_if_idle(other)
    assert other.closed == 1


def test_a_connection_in_use_is_not_closed_as_idle() -> None:
    visited = Visited()
    with visited.server.turn(visited.connection, GENTLE):
        closing = threading.Thread(target=visited.server.close_if_idle, args=(visited.connection,))
        closing.start()
        closing.join()
    assert visited.connection.closed == 0


def test_names_are_one_server_where_they_share_an_address() -> None:
    servers = Servers(Clock(), Clock().sleep)
    first = servers.at(["192.0.2.1", "2001:db8::1"], 443)
    assert servers.at(["192.0.2.1"], 80) is first
    assert servers.at(["192.0.2.9", "2001:db8::1"], 443) is first
    assert servers.at(["192.0.2.9"], 8080) is first
    assert servers.at(["192.0.2.2"], 443) is not first


def test_on_loopback_every_port_is_a_server_but_the_two_of_the_web_are_one() -> None:
    servers = Servers(Clock(), Clock().sleep)
    assert servers.at(["127.0.0.1"], 8001) is not servers.at(["127.0.0.1"], 8002)
    assert servers.at(["127.0.0.1"], 80) is servers.at(["127.0.0.1"], 443)
