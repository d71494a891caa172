"""A program that uses a sibling and, where it is installed, the extra `ruler`."""

from workspace_core import count


def main():
    """The console script."""
    text = "One environment, {}".format(count(2, "project"))
    print(text)
    try:
        import wcwidth
    except ImportError:
        return
    print("=" * wcwidth.wcswidth(text))
