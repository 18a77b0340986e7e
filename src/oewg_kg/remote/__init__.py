"""External SPARQL servers: query them, publish to them, serve what was published."""
