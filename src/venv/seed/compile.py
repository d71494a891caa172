# Compiles what the cache holds of pip. The arguments are the site-packages of the environment that was made first, and
# the entries of the cache. Nobody waits for it, and it may be ended at any moment.
import os

os.closerange(3, 256)  # no lock that whoever started this may have
import importlib.util
import shutil
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


def put(source, target, environment):
    """Puts a compiled file into the environment, if that has the same source and nothing yet."""
    made_of, place = os.path.join(environment, source), os.path.join(environment, target)
    there, here = os.lstat(made_of), os.stat(source)
    if (there.st_size, there.st_mtime_ns) != (here.st_size, here.st_mtime_ns) or os.path.lexists(place):
        return
    make_dir(os.path.dirname(place))
    mode = there.st_mode & 0o666
    if mode == os.stat(target).st_mode & 0o7777:
        try:
            return os.link(target, place)
        except OSError:
            pass
    beside = "%s.%d" % (place, os.getpid())
    try:
        shutil.copyfile(target, beside)
        os.chmod(beside, mode)
        os.rename(beside, place)
    except OSError:
        os.unlink(beside)


def main(environment, entry):
    os.chdir(os.path.join(entry, "tree"))
    with open("../lock", "w") as lock:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists("../compiled"):
            beside = "../compiled.%d" % os.getpid()
            with open(beside, "w", encoding="utf-8") as file:
                file.writelines(compile_all() + ["end\n"])
            os.rename(beside, "../compiled")
    for source in sources():
        try:
            put(source, importlib.util.cache_from_source(source), environment)
        except OSError:
            return  # the environment is gone, or another one by now


for entry in sys.argv[2:]:
    main(sys.argv[1], entry)
