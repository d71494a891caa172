"""A build backend (PEP 517, PEP 660) for the projects of the tests: no dependencies, Python 3.6 or newer.

It reads a small part of TOML: one `key = value` a line, arrays and inline tables over several lines. The table
`[tool.tinybackend]` may have `fail` (the build prints this text and fails), `journal` (a file that gets one line for each
thing that is built) and `finder` (an editable project is linked by code with a table, as setuptools does for some).
"""

import ast
import base64
import hashlib
import os
import re
import sys
import zipfile


def _load():
    tables, table, key, text = {}, "", None, ""
    with open("pyproject.toml", encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if key is None:
                if not line or line.startswith("#"):
                    continue
                if line.startswith("["):
                    table = line.strip("[]").strip()
                    continue
                key, _, text = (part.strip() for part in line.partition("="))
            else:
                text += line
            if text.count("[") == text.count("]") and text.count("{") == text.count("}"):
                if table.startswith(("project", "tool.tinybackend")):
                    value = {"true": True, "false": False}.get(text)
                    if value is None and not text.startswith("{"):
                        value = ast.literal_eval(text)
                    tables.setdefault(table, {})[key.strip('"')] = value
                key = None
    return tables


def _metadata(tables):
    project = tables["project"]
    lines = ["Metadata-Version: 2.1", "Name: " + project["name"], "Version: " + project["version"]]
    if "requires-python" in project:
        lines.append("Requires-Python: " + project["requires-python"])
    lines += ["Requires-Dist: " + it for it in project.get("dependencies", [])]
    for extra, requirements in tables.get("project.optional-dependencies", {}).items():
        lines.append("Provides-Extra: " + extra)
        lines += ["Requires-Dist: {}; extra == '{}'".format(it, extra) for it in requirements]
    return "\n".join(lines) + "\n"


def _dist_info(tables):
    scripts = tables.get("project.scripts", {})
    files = {
        "METADATA": _metadata(tables),
        "WHEEL": "Wheel-Version: 1.0\nGenerator: tinybackend\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if scripts:
        files["entry_points.txt"] = "[console_scripts]\n" + "".join(
            "{} = {}\n".format(name, target) for name, target in scripts.items()
        )
    return files


def _stem(tables):
    project = tables["project"]
    return "{}-{}".format(project["name"].replace("-", "_").replace(".", "_").lower(), project["version"])


def _source():
    return os.path.abspath("src") if os.path.isdir("src") else os.path.abspath(".")


def _begin(what):
    tables = _load()
    settings = tables.get("tool.tinybackend", {})
    if "journal" in settings:
        with open(settings["journal"], "a", encoding="utf-8") as file:
            file.write("{} {}\n".format(what, tables["project"]["name"]))
    if "fail" in settings:
        print(settings["fail"], file=sys.stderr)
        sys.exit(1)
    return tables


def _write_wheel(directory, tables, files):
    stem = _stem(tables)
    files = dict(files)
    for name, text in _dist_info(tables).items():
        files["{}.dist-info/{}".format(stem, name)] = text.encode("utf-8")
    record = ""
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode("ascii")
        record += "{},sha256={},{}\n".format(name, digest, len(content))
    record_name = stem + ".dist-info/RECORD"
    files[record_name] = (record + record_name + ",,\n").encode("utf-8")
    basename = stem + "-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, basename), "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return basename


def get_requires_for_build_wheel(config_settings=None):
    return []


def get_requires_for_build_editable(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    tables = _begin("metadata")
    basename = _stem(tables) + ".dist-info"
    os.mkdir(os.path.join(metadata_directory, basename))
    for name, text in _dist_info(tables).items():
        with open(os.path.join(metadata_directory, basename, name), "w", encoding="utf-8") as file:
            file.write(text)
    return basename


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    tables, files, source = _begin("wheel"), {}, _source()
    for directory, names, basenames in os.walk(source):
        names[:] = [name for name in names if not name.startswith((".", "__pycache__"))]
        for basename in basenames:
            if basename.endswith(".py"):
                path = os.path.join(directory, basename)
                with open(path, "rb") as file:
                    files[os.path.relpath(path, source).replace(os.sep, "/")] = file.read()
    return _write_wheel(wheel_directory, tables, files)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    tables = _begin("editable")
    name = "__editable__{}.pth".format(_stem(tables))
    link = {name: (_source() + "\n").encode("utf-8")}
    if tables.get("tool.tinybackend", {}).get("finder"):
        finder = "__editable___{}_finder".format(re.sub("[^0-9a-z]", "_", _stem(tables)))
        link = {name: "import {0}; {0}.install()\n".format(finder).encode("utf-8")}
        link[finder + ".py"] = (FINDER % _mapping()).encode("utf-8")
    return _write_wheel(wheel_directory, tables, link)


# As setuptools writes it, with less code behind the table.
FINDER = """import os
import sys
MAPPING = %r


def install():
    sys.path.extend(os.path.dirname(path) for path in MAPPING.values())
"""


def _mapping():
    modules = [name[:-3] for name in os.listdir(_source()) if name.endswith(".py")]
    return {module: os.path.join(_source(), module) for module in modules}
