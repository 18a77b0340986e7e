"""The version of the package, the ontology and the dataset: the one place where it stands.

Not for anything else, so that every room may import it.
"""

__version__ = "0.1.0"
