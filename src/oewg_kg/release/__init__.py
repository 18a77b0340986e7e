"""A release: every export and its description as one folder and one archive."""
