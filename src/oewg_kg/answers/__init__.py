"""What an answer has besides its rows: other ways to count, reasons for no rows, editorial decisions, citations."""
