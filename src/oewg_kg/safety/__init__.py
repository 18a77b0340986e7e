"""Checks on input from strangers before an engine or parser sees it."""
