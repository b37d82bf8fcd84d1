"""What is public of an institution is rated as all that is known of it: nothing unproven is shown as nothing found."""

from pathlib import Path

import pytest

from publisher.edition import printable
from scoring import assess, in_force
from scoring.assess import settled
from scoring.rules import known
from tests.scoring.test_cases import Case, Expected, facts_of, read, scheme
from tests.scoring.test_settled import INSPECTED


@pytest.mark.parametrize(("file", "case", "row"), INSPECTED)
def test_an_inspection_that_is_not_settled_is_not_rated_as_if_nothing_was_found(
    file: Path, case: Case, row: Expected
) -> None:
    cases = read(file)
    facts = known(facts_of(cases, case), row.on)
    policy = in_force([scheme(one) for one in cases.policies], row.on)
    public = printable(settled(facts, policy, row.on))
    whole, shown = assess(facts, policy, row.on), assess(public, policy, row.on)
    assert (shown.grade, shown.score) == (whole.grade, whole.score)
