# Source this file: `source bin/activate.fish`. Then `deactivate` puts everything back.

function deactivate -d 'Leave the virtual environment'
    if set -q _OLD_VIRTUAL_PATH
        set -gx PATH $_OLD_VIRTUAL_PATH
        set -e _OLD_VIRTUAL_PATH
    end
    if set -q _OLD_VIRTUAL_PYTHONHOME
        set -gx PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME
        set -e _OLD_VIRTUAL_PYTHONHOME
    end
    if set -q _OLD_FISH_PROMPT_OVERRIDE
        set -e _OLD_FISH_PROMPT_OVERRIDE
        # A fish within this one inherits the variable and not the function.
        if functions -q _old_fish_prompt
            functions -e fish_prompt
            functions -c _old_fish_prompt fish_prompt
            functions -e _old_fish_prompt _virtual_env_status
        end
    end
    set -e VIRTUAL_ENV
    set -e VIRTUAL_ENV_PROMPT
    if test "$argv[1]" != nondestructive
        functions -e deactivate
    end
end

# Of this environment or of another one: they do not stack.
deactivate nondestructive

# The directory that was recorded, unless this file turns out to lie in another one.
set -gx VIRTUAL_ENV __VENV_DIR__
set -gx VIRTUAL_ENV_PROMPT __VENV_PROMPT__
begin
    set -l here (status filename | string collect)
    set -l here (string replace -r '(?s)[^/]*\z' '' -- "$here" | string collect)..
    if test -f "$here/pyvenv.cfg"
        set -l here (builtin realpath -- "$here" | string collect)
        set -l recorded (builtin realpath -- "$VIRTUAL_ENV" 2>/dev/null | string collect)
        if test -n "$here" -a "$here" != "$recorded"
            set VIRTUAL_ENV $here
        end
    end
end

set -gx _OLD_VIRTUAL_PATH $PATH
set -gx PATH "$VIRTUAL_ENV/"__VENV_BIN_NAME__ $PATH
if set -q PYTHONHOME
    set -gx _OLD_VIRTUAL_PYTHONHOME $PYTHONHOME
    set -e PYTHONHOME
end

if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"
    functions -c fish_prompt _old_fish_prompt
    function _virtual_env_status
        return $argv[1]
    end
    function fish_prompt
        set -l before $status
        # The user may have functions of these names.
        builtin set_color blue
        builtin printf '(%s)' "$VIRTUAL_ENV_PROMPT"
        builtin set_color normal
        builtin printf ' '
        # To the prompt that follows, the last command is still the user's.
        _virtual_env_status $before
        _old_fish_prompt
    end
    set -gx _OLD_FISH_PROMPT_OVERRIDE $VIRTUAL_ENV
end
