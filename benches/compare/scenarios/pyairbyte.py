"""Reads the records of a connector with PyAirbyte, into nothing or into its cache."""
import os
import pathlib
import resource
import sys

import airbyte

executable, count, way, cache_dir = sys.argv[1:]
source = airbyte.get_source(
    "source-many", config={"count": int(count)}, streams=["users"], local_executable=pathlib.Path(executable))
# The start takes seconds, which are not counted.
so_far = resource.getrusage(resource.RUSAGE_SELF)
with open(os.environ["BENCH_UNCOUNTED_USAGE"], "a") as file:
    print(round((so_far.ru_utime + so_far.ru_stime) * 1e6), so_far.ru_maxrss, file=file)
if way == "read":
    source.read(cache=airbyte.new_local_cache(cache_name="many", cache_dir=cache_dir))
else:
    for _ in source.get_records("users"):
        pass
