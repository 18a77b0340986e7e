"""From plain words to saved questions: names fill parameters, the other words rank the questions."""
