"""What the programs of this repository share."""


def count(number):
    """A number, in words where the extra `words` is installed."""
    try:
        import humanize
    except ImportError:
        return str(number)
    return humanize.apnumber(number)
