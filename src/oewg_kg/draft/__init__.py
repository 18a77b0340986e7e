"""A page's text read by a program into a table of proposals; a person accepts them, row by row."""
