"""What a query asks for: its triple patterns, terms that may be mistyped, properties it can see."""
