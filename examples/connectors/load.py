# /// script
# requires-python = ">=3.10"
# dependencies = ["duckdb"]
# ///
"""Makes a table of a DuckDB database of the CSV on standard input, and tells what is in it."""

import sys

import duckdb

path, name = sys.argv[1:]
table = '"%s"' % name.replace('"', '""')
with duckdb.connect(path) as database:
    database.execute("create or replace table %s as from read_csv('/dev/stdin')" % table)
    for column, kind, *_ in database.execute("describe %s" % table).fetchall():
        print(column, kind)
    print("rows", *database.execute("select count(*) from %s" % table).fetchone())
