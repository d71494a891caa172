"""A program that tells which environment it runs in."""

import os
import sys
from importlib.metadata import version

from mono_core import count


def main():
    """The console script."""
    text = "{} program, packaging {}, {}".format(count(1), version("packaging"), os.path.basename(sys.prefix))
    print(text)
    try:
        import wcwidth
    except ImportError:
        return
    print("=" * wcwidth.wcswidth(text))
