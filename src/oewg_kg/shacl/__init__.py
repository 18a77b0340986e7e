"""Shapes (SHACL): validation, and shapes for data in other namespaces."""
