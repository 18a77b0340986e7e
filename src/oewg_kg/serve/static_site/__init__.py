"""The pages as files for a host that runs no program."""
