"""Shapes (SHACL): validation, and the shapes that others use for data of their own."""
