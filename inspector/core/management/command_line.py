"""The command line as a whole: what the machine does not do is said in a sentence, not by a trace."""

import sys
from collections.abc import Sequence

from django.core.management import execute_from_command_line

WHERE = "(--traceback shows where.)"


def main(arguments: Sequence[str]) -> None:
    try:
        execute_from_command_line(list(arguments))
    except Exception as problem:
        from inspector.core.management.said import of_the_place  # needs the settings that a command loads

        words = None if "--traceback" in arguments else of_the_place(problem)
        if words is None:
            raise
        sys.exit(f"{words} {WHERE}")
