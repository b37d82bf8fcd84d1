"""The risk alerts (风险提示) that run on a day, as they may be printed: beside the lists, and without points."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from registry.credit_file import AlertRecord


def alerts_on(alerts: Sequence[Any], steps: Sequence[Any], on: date) -> tuple[AlertRecord, ...]:
    """Those issued by the day that have neither been ended nor outlived their last day, in order of number."""
    courses: dict[str, list[Any]] = defaultdict(list)
    for one in sorted(steps, key=lambda one: one.seq):
        if one.on <= on:
            courses[one.matter].append(one)
    found = []
    for row in sorted(alerts, key=lambda one: one.matter):
        course = courses.get(row.matter, [])
        issued = [one for one in course if one.state == "issued"]
        if not issued or course[-1].state != "issued" or course[-1].due_on < on:
            continue
        found.append(
            AlertRecord(
                id=row.matter,
                text=row.text,
                record=row.finding,
                document_no=course[-1].document_no,
                issued_on=issued[0].on,
                until=course[-1].due_on,
            )
        )
    return tuple(found)
