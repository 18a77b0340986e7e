"""Shapes (SHACL): validation, and the shapes for data under other namespaces."""
