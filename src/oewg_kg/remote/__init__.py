"""SPARQL servers elsewhere: querying them, publishing to them, serving what was published."""
