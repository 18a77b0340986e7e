"""The server: pages, saved questions and a SPARQL endpoint over the graph.

Not loaded by any other command.
"""
