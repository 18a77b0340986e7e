"""The version of the package, the ontology and the dataset: the one place where it stands."""

__version__ = "0.1.0"
