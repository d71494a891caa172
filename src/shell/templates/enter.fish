set -e PYTHONHOME
if test "$PATH[1]" != "$VIRTUAL_ENV/bin"
    set -gx PATH "$VIRTUAL_ENV/bin" $PATH
end
if status is-interactive; and test -z "$VIRTUAL_ENV_DISABLE_PROMPT"
    functions -c fish_prompt _prime_fish_prompt
    function _prime_status
        return $argv[1]
    end
    function fish_prompt
        set -l last $status
        printf '(%s) ' $VIRTUAL_ENV_PROMPT
        _prime_status $last
        _prime_fish_prompt
    end
end
