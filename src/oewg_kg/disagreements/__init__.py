"""Where pages disagree: the register of conflicting claims, and possible conflicts that no decision covers."""
