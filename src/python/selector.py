import sys

marker, path = sys.argv[1:3]
version = tuple(int(number) for number in sys.argv[3:6])

# What the script prints is talk; only the answer goes to stdout.
answer, sys.stdout = sys.stdout, sys.stderr
scope = {"__name__": "python_selector", "__file__": path}
with open(path, "rb") as script:
    exec(compile(script.read(), path, "exec"), scope)
selected = scope["select_python_file_abs_path"](version)
answer.write("%s%s\n" % (marker, "" if selected is None else selected))
