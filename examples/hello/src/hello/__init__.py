"""Greets whoever got here, with the help of two dependencies."""

import humanize
import wcwidth


def greeting():
    """The greeting, underlined as wide as a terminal shows it."""
    text = "Hello from prime: {} command, {} dependencies".format(humanize.apnumber(1), humanize.apnumber(2))
    return text + "\n" + "=" * wcwidth.wcswidth(text)


def main():
    """The console script."""
    print(greeting())
