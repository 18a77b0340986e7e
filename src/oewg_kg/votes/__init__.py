"""Published votes of the General Assembly, imported into a store next to the graph."""
