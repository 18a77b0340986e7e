"""Find saved questions for plain words: names fill parameters, the other words rank the questions."""
