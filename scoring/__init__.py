"""The public face of the rating: facts + policy + day → rating with reasons."""

from scoring.assess import assess
from scoring.errors import PolicyError, Problem
from scoring.facts import Facts
from scoring.loading import load_policy
from scoring.loading.versions import check_versions
from scoring.policy import Policy, in_force
from scoring.rating import Rating, Reason, Reference

__all__ = [
    "Facts",
    "Policy",
    "PolicyError",
    "Problem",
    "Rating",
    "Reason",
    "Reference",
    "assess",
    "check_versions",
    "in_force",
    "load_policy",
]
