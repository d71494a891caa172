"""Prefers the interpreters of a directory of one's own; without an opinion, `prime` searches."""

import os


def select_python_file_abs_path(required_version):
    """The interpreter for a version, a tuple of three ints, or None."""
    root = os.environ.get("PYTHONS_DIR", "/opt/python")
    path = os.path.join(root, "{}.{}".format(*required_version), "bin", "python3")
    return path if os.access(path, os.X_OK) else None
