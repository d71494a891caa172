"""Reads the records of a connector with PyAirbyte, into nothing or into its cache."""
import pathlib
import sys

import airbyte

executable, count, way, cache_dir = sys.argv[1:]
source = airbyte.get_source(
    "source-many", config={"count": int(count)}, streams=["users"], local_executable=pathlib.Path(executable))
if way == "read":
    source.read(cache=airbyte.new_local_cache(cache_name="many", cache_dir=cache_dir))
else:
    for _ in source.get_records("users"):
        pass
