"""Find saved questions for plain words: names fill parameters, and the other words rank the questions."""
