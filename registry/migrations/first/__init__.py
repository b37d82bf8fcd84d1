"""The tables of the first version, by group; they depend on one another in this order."""

from registry.migrations.first import (
    duties,
    inspections,
    institutions,
    matters,
    people,
    proof,
    publishing,
)

GROUPS = (institutions, people, inspections, matters, duties, publishing, proof)
