"""manage.py where the machine does not do what a command needs: a sentence, and no trace."""

import errno
import os
import sqlite3

import pytest
from django.db import OperationalError

from inspector.core.management import command_line
from tests.database_faults import raised, sqlite_error

LOST = "connection failed: Connection refused\n\tIs the server running on that host?"


@pytest.fixture
def run(monkeypatch):
    """run(problem, argument...) -> a command that meets this problem."""

    def main(problem, *arguments):
        def meet(_):
            raise problem

        monkeypatch.setattr(command_line, "execute_from_command_line", meet)
        command_line.main(["manage.py", "train", *arguments])

    return main


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (
            raised(OperationalError, sqlite_error(1, "no such table: t")),
            "run “manage.py migrate”",
        ),
        (raised(OperationalError, sqlite_error(sqlite3.SQLITE_FULL)), "free some space there"),
        (OperationalError(LOST), "The database does not answer. connection failed: Connection refused. ("),
        (OSError(errno.EACCES, os.strerror(errno.EACCES), "runs/x"), "Permission denied (runs/x). ("),
    ],
)
def test_what_the_machine_does_not_do_is_said_in_a_sentence(run, problem, words):
    with pytest.raises(SystemExit) as ended:
        run(problem)
    assert words in ended.value.code and "--traceback shows where" in ended.value.code
    with pytest.raises(type(problem)):
        run(problem, "--traceback")


def test_a_fault_of_the_program_keeps_its_trace(run):
    with pytest.raises(KeyError):
        run(KeyError("x"))
