"""Write the graph as files for other tools."""
