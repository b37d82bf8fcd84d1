"""The desk: what inspectors, reviewers and heads do daily."""
