"""Add pages: declare them, propose their facts as a table for a person to accept, write the accepted ones; create a root."""
