"""The public face of the rating: facts + policy + day → rating with reasons."""

from scoring.assess import assess
from scoring.errors import PolicyError, Problem
from scoring.facts import Facts
from scoring.policy import Policy, in_force, load_policy
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
    "in_force",
    "load_policy",
]
