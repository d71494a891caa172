# Compiles what the cache holds of pip. The arguments are the entries of the cache; nothing else is written to. Nobody
# waits for it, and it may be ended at any moment.
import os

os.closerange(3, 256)  # no lock that whoever started this may have
import importlib.util
import signal
import sys

signal.alarm(300)
try:
    os.nice(10)
    import fcntl
except (ImportError, OSError):
    fcntl = None
import py_compile


def sources():
    for dir, dirs, files in os.walk("."):
        dirs[:] = sorted(name for name in dirs if name != "__pycache__")
        yield from (os.path.normpath(os.path.join(dir, name)) for name in sorted(files) if name.endswith(".py"))


def make_dir(path):
    try:
        os.mkdir(path)
    except FileExistsError:
        pass


def compile_all():
    """The compiled files, with size and time."""
    lines = []
    mode = py_compile.PycInvalidationMode.TIMESTAMP
    for source in sources():
        target = importlib.util.cache_from_source(source)
        make_dir(os.path.dirname(target))
        try:
            py_compile.compile(source, target, dfile=source, doraise=True, invalidation_mode=mode)
        except py_compile.PyCompileError:
            continue  # pip passes over it too
        wanted = os.stat(source).st_mode & 0o666
        if os.stat(target).st_mode & 0o7777 != wanted:
            os.chmod(target, wanted)
        found = os.stat(target)
        lines.append("%d %d %s\n" % (found.st_size, found.st_mtime_ns, target))
    return lines


def main(entry):
    os.chdir(os.path.join(entry, "tree"))
    with open("../lock", "w") as lock:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists("../compiled"):
            beside = "../compiled.%d" % os.getpid()
            with open(beside, "w", encoding="utf-8") as file:
                file.writelines(compile_all() + ["end\n"])
            os.rename(beside, "../compiled")


for entry in sys.argv[1:]:
    main(entry)
