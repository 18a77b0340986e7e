"""Analyze a query: its triple patterns, terms that may be mistyped, properties it can see."""
