"""The command line: python -m detection train | evaluate | predict | explain | export | explore | ... ."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from detection.cli import (
    bench,
    cascade,
    demo_data,
    evaluate,
    explain,
    explanations,
    explore,
    export,
    predict,
    robustness,
    train,
    which,
)
from detection.cli.output import CANCELLED, REFUSED, refuse
from detection.errors import DetectionError
from detection.faults import fault_of

_EPILOG = """\
exit codes:
  0    done
  1    refused: a folder, file or option is not valid; the message says what to do
  2    the command line itself is wrong
  130  stopped by Ctrl-C, SIGTERM or SIGHUP; no partial run is left behind
"""
# As a shell reports a program ended by SIGPIPE: `head -1` has its line and reads no more.
READER_LEFT = 141
_COMMANDS = (
    *(train, evaluate, predict, which, explain, explanations, robustness, cascade, export, explore, bench),
    demo_data,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; argparse itself exits with 0 for --help and 2 for wrong
    usage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # names that the terminal cannot show must not stop the command
            stream.reconfigure(errors="backslashreplace")
    arguments = parser().parse_args(argv)
    try:
        code = _run(arguments)
        if sys.stdout:
            sys.stdout.flush()  # what is still buffered fails here, and not after the last line of Python
    except BrokenPipeError:
        _write_no_more()
        return READER_LEFT
    return code


def _run(arguments: argparse.Namespace) -> int:
    try:
        code: int = arguments.run(arguments)
    except BrokenPipeError:
        raise
    except (DetectionError, OSError) as error:
        refuse(error, as_json=arguments.json)
        return REFUSED
    except (MemoryError, RuntimeError) as error:
        if fault_of(error) is None:
            raise
        refuse(error, as_json=arguments.json)
        return REFUSED
    except KeyboardInterrupt:
        print("Stopped. Nothing was written.", file=sys.stderr)
        return CANCELLED
    return code


def _write_no_more() -> None:
    """Python flushes stdout once more when it ends; that must not fail again."""
    with suppress(OSError, AttributeError), Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())


def parser() -> argparse.ArgumentParser:
    """All commands with their options; none of them imports torch before it runs."""
    root = argparse.ArgumentParser(
        prog="python -m detection",
        description="Find defects in photos of parts, learning from good parts only.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = root.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for module in _COMMANDS:
        command = commands.add_parser(
            module.NAME,
            help=module.HELP,
            description=module.HELP,
            epilog=f"{module.EXAMPLES}\n{getattr(module, 'EXIT_CODES', _EPILOG)}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        command.set_defaults(run=module.run)
    return root
