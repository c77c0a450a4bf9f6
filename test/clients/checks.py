"""Checks, each of which prints one line: `ok <what>` or `FAILED <what>: <why>`."""

import sys

_failed = 0


def check(name, function):
    """Runs a check; what it returns, if anything, is told too."""
    global _failed
    try:
        told = function()
        print(f"ok {name}" if told is None else f"ok {name}: {told}")
    except Exception as error:  # A check that breaks is a check that failed.
        _failed += 1
        print(f"FAILED {name}: {type(error).__name__}: {error}")


def end():
    sys.exit(1 if _failed else 0)
