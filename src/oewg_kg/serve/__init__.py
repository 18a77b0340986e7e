"""The server: pages, saved questions and a SPARQL endpoint over the graph.

Only the commands `serve`, `site` and `mcp` load it.
"""
