# Tells what an interpreter is, as one line of JSON. Runs with `-E -s -S -B -c` under everything from 2.7 on.
import sys

# `-c` puts the current directory in front, and an `os.py` there is none of our business (2.7 does not know `-I`).
sys.path[:] = [entry for entry in sys.path if entry]

import os
import sysconfig


def implementation():
    if hasattr(sys, "implementation"):
        return sys.implementation.name
    return "pypy" if "__pypy__" in sys.builtin_module_names else "cpython"


def libc():
    if not sys.platform.startswith("linux"):
        return None
    try:
        told = os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, OSError, ValueError):
        told = None
    built_for = sysconfig.get_config_var("HOST_GNU_TYPE") or ""
    return told or ("musl" if "musl" in built_for else None)


# By hand, because importing `json` takes half as long again as all the rest.
def encode(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join([encode(item) for item in value]) + "]"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


base = getattr(sys, "base_prefix", sys.prefix)
base_exec = getattr(sys, "base_exec_prefix", sys.exec_prefix)
places = {"base": base, "platbase": base_exec, "installed_base": base, "installed_platbase": base_exec}
facts = [
    ("prime_probe", 1),
    ("version_info", tuple(sys.version_info)),
    ("implementation", implementation()),
    ("executable", sys.executable),
    ("base_executable", getattr(sys, "_base_executable", None)),
    ("prefix", sys.prefix),
    ("base_prefix", base),
    ("free_threaded", bool(sysconfig.get_config_var("Py_GIL_DISABLED"))),
    ("abi_flags", getattr(sys, "abiflags", "")),
    ("pointer_bits", 64 if sys.maxsize > 2**32 else 32),
    ("machine", os.uname()[4]),
    ("platform", sys.platform),
    ("platform_tag", sysconfig.get_platform()),
    ("stdlib", sysconfig.get_path("stdlib", vars=places)),
    ("purelib", sysconfig.get_path("purelib", vars=places)),
    ("platlibdir", getattr(sys, "platlibdir", "lib")),
    ("wheel_pkg_dir", sysconfig.get_config_var("WHEEL_PKG_DIR") or None),
    ("libc", libc()),
]
line = "\n{" + ", ".join([encode(name) + ": " + encode(value) for name, value in facts]) + "}\n"
# Bytes, because the encoding of standard output is anything.
os.write(1, os.fsencode(line) if hasattr(os, "fsencode") else line)
