"""Match the names in a user's table to entities of the graph."""
