"""Start the command `oewg`, also as `python -m oewg_kg`."""

import gc


def main() -> None:
    """Run the command; what its imports create is never garbage, so the collector need not look for any among it."""
    gc.set_threshold(50_000)
    from oewg_kg.cli import main as command

    command()


if __name__ == "__main__":
    main()
