"""The version of the package, the ontology and the dataset, and its day: the one place where both stand.

Not for anything else, so that every room may import it.
"""

__version__ = "0.1.0"
DATE = "2026-11-28"
