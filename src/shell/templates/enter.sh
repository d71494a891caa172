# shellcheck shell=sh
# shellcheck disable=SC2154
# The environment, on top of whatever the files before have done. `_prime_dir` and `_prime_prompt` are set.
VIRTUAL_ENV=$_prime_dir
VIRTUAL_ENV_PROMPT=$_prime_prompt
export VIRTUAL_ENV VIRTUAL_ENV_PROMPT
unset PYTHONHOME _prime_dir _prime_prompt
case ${PATH-} in
"$VIRTUAL_ENV/bin" | "$VIRTUAL_ENV/bin:"*) ;;
*) PATH=$VIRTUAL_ENV/bin${PATH:+:$PATH} ;;
esac
export PATH
case $- in
*i*)
    if [ -z "${VIRTUAL_ENV_DISABLE_PROMPT-}" ]; then
        PS1="($VIRTUAL_ENV_PROMPT) ${PS1-}"
    fi
    ;;
esac
hash -r 2>/dev/null || :
