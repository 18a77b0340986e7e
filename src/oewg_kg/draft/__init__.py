"""Propose facts for the text of a page: a table that a person corrects and accepts, row by row."""
