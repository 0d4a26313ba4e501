"""Errors of a database as Django raises them."""

import sqlite3


def raised(kind, cause):
    """As Django raises what the database's library raised."""
    problem = kind(str(cause))
    problem.__cause__ = cause
    return problem


def sqlite_error(code, text="of SQLite"):
    problem = sqlite3.OperationalError(text)
    problem.sqlite_errorcode = code
    return problem
