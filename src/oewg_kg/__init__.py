"""A knowledge graph of the United Nations' work on the security of information and communications technologies."""

from typing import TYPE_CHECKING

from oewg_kg.version import __version__

if TYPE_CHECKING:
    from oewg_kg.knowledge_graph import Answer, KnowledgeGraph, load

__all__ = ["Answer", "KnowledgeGraph", "__version__", "load"]


def __getattr__(name: str) -> object:
    """Load the Python side only when it is asked for, so that the command line starts quickly."""
    if name in ("Answer", "KnowledgeGraph", "load"):
        from oewg_kg import knowledge_graph

        return getattr(knowledge_graph, name)
    raise AttributeError(f"module 'oewg_kg' has no attribute {name!r}")
