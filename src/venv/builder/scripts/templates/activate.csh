# Source this file: `source bin/activate.csh`. Then `deactivate` puts everything back.

# Variables are filled in before a condition is looked at: what may not be there is left to `eval`. Between double quotes
# they could have no line break.
alias _virtual_env_path 'if ( $?_OLD_VIRTUAL_PATH ) eval '"'"'setenv PATH $_OLD_VIRTUAL_PATH:q; unset _OLD_VIRTUAL_PATH'"'"
alias _virtual_env_home 'if ( $?_OLD_VIRTUAL_PYTHONHOME ) eval '"'"'setenv PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME:q; unset _OLD_VIRTUAL_PYTHONHOME'"'"
alias _virtual_env_prompt 'if ( $?_OLD_VIRTUAL_PROMPT ) eval '"'"'set prompt = $_OLD_VIRTUAL_PROMPT:q; unset _OLD_VIRTUAL_PROMPT'"'"
alias deactivate '_virtual_env_path; _virtual_env_home; _virtual_env_prompt; unsetenv VIRTUAL_ENV; unsetenv VIRTUAL_ENV_PROMPT; rehash; if ( "\!:*" != nondestructive ) unalias _virtual_env_path _virtual_env_home _virtual_env_prompt deactivate'

# Of this environment or of another one: they do not stack.
deactivate nondestructive

# The directory that was recorded, unless this file turns out to lie in another one. csh does not tell which file it
# reads, but it has it open.
setenv VIRTUAL_ENV __VENV_DIR__
set _virtual_env_link = ''
foreach _virtual_env_file ( /proc/$$/fd/* )
    if ( ! -f "$_virtual_env_file" ) continue
    set _virtual_env_link = "`readlink $_virtual_env_file`"
    # A path with a line break becomes several words.
    if ( $#_virtual_env_link != 1 ) set _virtual_env_link = ''
    if ( $_virtual_env_link:q =~ */activate.csh ) break
    set _virtual_env_link = ''
end
if ( $_virtual_env_link:q != '' ) then
    set _virtual_env_link = $_virtual_env_link:h:q
    set _virtual_env_link = $_virtual_env_link:h:q
    if ( -f $_virtual_env_link:q/pyvenv.cfg ) then
        test $_virtual_env_link:q -ef $VIRTUAL_ENV:q || setenv VIRTUAL_ENV $_virtual_env_link:q
    endif
endif
unset _virtual_env_file _virtual_env_link
setenv VIRTUAL_ENV_PROMPT __VENV_PROMPT__

set _OLD_VIRTUAL_PATH = $PATH:q
setenv PATH $VIRTUAL_ENV:q"/"__VENV_BIN_NAME__":"$PATH:q
if ( $?PYTHONHOME ) then
    set _OLD_VIRTUAL_PYTHONHOME = $PYTHONHOME:q
    unsetenv PYTHONHOME
endif
if ( $?prompt && ! $?VIRTUAL_ENV_DISABLE_PROMPT ) then
    set _OLD_VIRTUAL_PROMPT = $prompt:q
    set prompt = "("__VENV_PROMPT__") "$prompt:q
endif
rehash
