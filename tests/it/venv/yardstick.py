"""CPython's own `test.test_venv`, with the environments made by another program.

Started by an interpreter as `yardstick.py COMMAND`, where COMMAND is a JSON list: what to run, up to where the
interpreter's path belongs. `EnvBuilder.create`, `venv.main` and `python -m venv` become runs of that program, with the
builder's attributes as options. The last line on standard output is a JSON object with what became of each test.
"""

import json
import os
import subprocess
import sys
import unittest
import venv

# What a program from outside cannot have, and why.
LEFT_OUT = {
    "test_upgrade_dependencies": "calls the method itself, with the module's `subprocess` replaced",
    "test_create_scm_ignore_files_multiple": "wants a subclass's method that is found by its name",
    "test_venv_same_path": "calls a private function",
    "test_devnull": "is about `os.devnull`; no environment is made",
}

if sys.version_info < (3, 8):
    LEFT_OUT["test_prompt"] = "only calls `ensure_directories`"

# Exit codes of what Python refuses with `ValueError`: usage, and something in the way.
REFUSALS = (2, 73)

COMMAND = json.loads(sys.argv[1])
real_check_call = subprocess.check_call
calls = 0


def make(python, arguments, **options):
    """Runs the program; fails with what the tests expect of `venv`."""
    global calls
    calls += 1
    command = [*COMMAND, python, *arguments]
    process = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    stderr = process.stderr.decode(errors="replace")
    sys.stderr.write(stderr)
    if process.returncode in REFUSALS:
        raise ValueError(stderr)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, process.stdout, process.stderr)


def options_of(builder):
    """A builder's attributes as options. The defaults of the class are not those of the command line."""
    if not builder.symlinks:
        yield "--copies"
    # With an upgrade that is not to happen in earnest there has to be a pip to upgrade.
    is_mocked = "upgrade_dependencies" in vars(builder)
    if not builder.with_pip and not (is_mocked and builder.upgrade_deps):
        yield "--without-pip"
    for name in ("system_site_packages", "clear", "upgrade", "upgrade_deps"):
        if getattr(builder, name, False):
            yield "--" + name.replace("_", "-")
    prompt = getattr(builder, "orig_prompt", builder.prompt)
    if prompt is not None:
        yield f"--prompt={prompt}"
    if sys.version_info >= (3, 13) and not builder.scm_ignore_files:
        yield "--without-scm-ignore-files"


def create(builder, env_dir):
    make(sys.executable, [*options_of(builder), os.fspath(env_dir)])


def main(arguments=None):
    make(sys.executable, arguments)


def check_call(command, *rest, **options):
    if list(command[1:3]) == ["-m", "venv"]:
        return make(command[0], command[3:], **options)
    return real_check_call(command, *rest, **options)


class Result(unittest.TestResult):
    """Keeps what became of each test; one that never came to the program has proven nothing."""

    def __init__(self):
        super().__init__()
        self.passed = []
        self.calls_before = 0

    def startTest(self, test):
        super().startTest(test)
        self.calls_before = calls

    def addSuccess(self, test):
        super().addSuccess(test)
        if calls == self.calls_before:
            self.failures.append((test, "it passed without the program"))
        else:
            self.passed.append(test.id())


def tests_of(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from tests_of(item)
        else:
            yield item


def run():
    from test import test_venv

    venv.EnvBuilder.create = create
    venv.main = main
    subprocess.check_call = check_call
    tests = list(tests_of(unittest.defaultTestLoader.loadTestsFromModule(test_venv)))
    left_out = [test for test in tests if test.id().split(".")[-1] in LEFT_OUT]
    result = Result()
    unittest.TestSuite(test for test in tests if test not in left_out).run(result)
    return {
        "passed": result.passed,
        "skipped": [[test.id(), reason] for test, reason in result.skipped],
        "left_out": [[test.id(), LEFT_OUT[test.id().split(".")[-1]]] for test in left_out],
        "failed": [[test.id(), text] for test, text in result.failures + result.errors],
        "calls": calls,
    }


if __name__ == "__main__":
    print(json.dumps(run()))
