"""Interfaces for programs over HTTP: saved questions, graphs, descriptions, assistants."""
