"""A copy of everything that must not be lost: the database first, then the files.

In that order every row's file is there: files are written before their rows, so what is added while the
copy is made can only be a file too many.

    DIR/manifest.json       what is in it, with hashes; written last: a backup without it is unfinished
    DIR/database/           the SQLite file, or one file a table of PostgreSQL
    DIR/files/              what is in storage, under its names
"""
