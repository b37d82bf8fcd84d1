"""The inspectors' phones: each with its inspector's district, a session a day, and visits sent until they are taken."""

import time
from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any
from uuid import uuid4

import httpx
from msgspec import Struct

from config.demo.build import PASSWORD
from tests.bench.soak.machine import PAUSE_AT_MOST, Node

A_DAY = 2  # visits an inspector makes
TRIES = 200
FAULTY = 0.2  # of the visits find something


class Sent(Struct):
    """What came of the visits."""

    visits: int = 0
    again: int = 0
    told_to_wait: int = 0
    wrong: list[str] = []


class Phone:
    """One inspector's; it goes through the places of its district one after another."""

    def __init__(self, account: str, places: Sequence[str]) -> None:
        self.account, self.places, self.next = account, places, 0
        self.client = httpx.Client(timeout=PAUSE_AT_MOST)

    def day(self, day: date, nodes: Sequence[Node], dice: Random, sent: Sent) -> None:
        """The visits of a day, some of them sent twice, each to either node."""
        self.client.cookies.clear()
        for _ in range(A_DAY):
            place = self.places[self.next % len(self.places)]
            self.next += 1
            key, body = visit(place, self.account, day, faulty=dice.random() < FAULTY)
            codes = self._until_taken(nodes, dice, key, body, sent)
            if dice.random() < 0.2:
                codes += self._until_taken(nodes, dice, key, body, sent)
            kept = [one for one in codes if one in (200, 201)]
            sent.visits += bool(kept)
            sent.again += max(0, len(kept) - 1)
            sent.told_to_wait += sum(one >= 500 for one in codes)
            if not kept:
                sent.wrong.append(f"{day} visit {codes[-5:]}")

    def _until_taken(
        self, nodes: Sequence[Node], dice: Random, key: str, body: dict[str, Any], sent: Sent
    ) -> list[int]:
        codes: list[int] = []
        while len(codes) < TRIES:
            codes.append(self._send(dice.choice(nodes).url, key, body, sent))
            if codes[-1] < 500:
                break
            time.sleep(0.2)
        return codes

    def _send(self, url: str, key: str, body: dict[str, Any], sent: Sent) -> int:
        headers = {"Accept": "application/json"}
        try:
            if not self.client.cookies:
                said = {"account": self.account, "password": PASSWORD}
                self.client.post(f"{url}/sign-in", data=said)
            answer = self.client.put(f"{url}/desk/field/visits/{key}", json=body, headers=headers)
        except httpx.TransportError:
            return 599
        if answer.status_code == 401:
            self.client.cookies.clear()
            return 598  # the database was away when the phone signed in
        if 400 <= answer.status_code < 500:
            sent.wrong.append(answer.text[:300])
        return answer.status_code


def visit(institution: str, account: str, on: date, faulty: bool) -> tuple[str, dict[str, Any]]:
    """A visit as a phone sends it, with one fault or none; and the key under which it is sent again."""
    values = {
        "institution": institution,
        "kind": "日常检查",
        "seen_on": on.isoformat(),
        "first_officer": "周敏",
        "second_officer": "陈露",
        "signed": "yes",
        "checklist": "NB-QD-2026-1",
        "answer-XF-1": "不符合" if faulty else "符合",
        "answer-ZZ-1": "符合",
    }
    return str(uuid4()), {"account": account, "values": values, "files": []}
