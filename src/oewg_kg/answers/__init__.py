"""What belongs to an answer besides its rows: other readings, reasons, decisions, citations."""
