"""Where facts come from: the claims of lines, the editorial decisions on them, and how much of each page is transcribed."""
