"""Add pages: declare them, propose their facts as a table for a person to accept, write those accepted; create a root."""
