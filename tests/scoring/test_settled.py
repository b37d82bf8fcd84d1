"""An inspection of which not all is proven or dismissed is left out of what is rated, and so is nothing else."""

from pathlib import Path

import pytest

from scoring import assess, in_force
from scoring.assess import settled
from scoring.rules import known
from tests.scoring.test_cases import FILES, Case, Expected, facts_of, read, rows, scheme

INSPECTED = [one for one in rows() if one.values[0].stem == "san-francisco"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("file", "case", "row"), INSPECTED)
def test_the_rating_is_that_of_the_inspections_that_are_settled(
    file: Path, case: Case, row: Expected
) -> None:
    cases = read(file)
    facts = known(facts_of(cases, case), row.on)
    policy = in_force([scheme(one) for one in cases.policies], row.on)
    left = settled(facts, policy, row.on)
    whole, shown = assess(facts, policy, row.on), assess(left, policy, row.on)
    assert (shown.grade, shown.score) == (whole.grade, whole.score)
    gone = len(facts.inspections) - len(left.inspections)
    assert (left is facts) is (gone == 0)


def test_some_case_leaves_an_inspection_out() -> None:
    left_out = 0
    for one in INSPECTED:
        file, case, row = one.values  # type: ignore[attr-defined]
        facts = facts_of(read(file), case)
        policy = in_force([scheme(path) for path in read(file).policies], row.on)
        left_out += settled(facts, policy, row.on) is not facts
    assert left_out


def test_a_score_that_is_made_of_all_records_needs_nothing_left_out() -> None:
    (file,) = [one for one in FILES if one.stem == "ningbo-2026"]
    cases = read(file)
    policy = scheme(cases.policies[0])
    for case in cases.case:
        facts = facts_of(cases, case)
        assert settled(facts, policy, policy.since) is facts
