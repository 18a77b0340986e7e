"""A page's text read by a program into a table of proposals; a person accepts them, row by row.

Not for deciding: what is doubtful is marked, and nothing enters the graph unseen.
"""
