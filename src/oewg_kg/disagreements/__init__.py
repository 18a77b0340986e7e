"""Where pages disagree: the register of conflicting claims, and possible conflicts without a decision."""
