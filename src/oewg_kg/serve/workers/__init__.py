"""The processes that serve: one accepts connections and watches, the others answer and may be stopped at any time."""
