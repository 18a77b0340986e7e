"""Measures that need to know who could have taken part, what a list covers, or how a vote was cast."""
