"""Editions in an S3-compatible store: the office sends them there, and public nodes bring a copy from it."""
