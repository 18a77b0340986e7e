"""The version of the package, the ontology and the dataset, and its date."""

__version__ = "0.1.0"
DATE = "2026-11-28"
