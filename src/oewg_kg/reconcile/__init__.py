"""Names in other people's tables matched to things of the graph."""
