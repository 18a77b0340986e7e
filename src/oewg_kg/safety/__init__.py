"""Check untrusted input before an engine or parser reads it."""
