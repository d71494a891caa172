"""What the programs of this repository share."""

import humanize


def count(number, noun):
    """A number and a noun, in words."""
    return "{} {}{}".format(humanize.apnumber(number), noun, "" if number == 1 else "s")
