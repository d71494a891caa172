#!/bin/sh
# For whatever runs a script; the exit code is that of what failed.
set -eu
./prime ci
# shellcheck source=/dev/null
. .prime/ci.env
hello
