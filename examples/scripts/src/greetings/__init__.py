"""What the scripts have in common."""

import sys

import humanize


def greet(names):
    """Greets each name; says how many there were."""
    for name in names:
        print("Hello " + name)
    return len(names)


def main():
    """As a program: the exit status is the number of those who were greeted."""
    count = greet(sys.argv[1:])
    print(humanize.apnumber(count) + " greeted")
    return count
