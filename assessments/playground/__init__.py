"""Trying a schema and a document without an account: nothing is stored, and nothing is shown that policy refuses."""
