# shellcheck shell=sh
# What sh reads at a terminal: the file that the user's own `ENV` names first, which sh takes for a word with variables.
_prime_dir=$VIRTUAL_ENV
_prime_prompt=$VIRTUAL_ENV_PROMPT
if [ -n "${_PRIME_ORIGINAL-}" ]; then
    ENV=$_PRIME_ORIGINAL
    unset _PRIME_ORIGINAL
    _prime_file=
    eval "_prime_file=\"$ENV\""
    if [ -r "$_prime_file" ]; then
        # shellcheck disable=SC1090
        . "$_prime_file"
    fi
    unset _prime_file
else
    unset ENV _PRIME_ORIGINAL
fi
