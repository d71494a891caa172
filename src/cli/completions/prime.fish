# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_prime_global_optspecs
    string join \n v/verbose q/quiet C/repo= e/env= no-link offline lock-timeout= color= timings= json c/command= main= verify= h/help V/version
end

function __fish_prime_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_prime_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_prime_using_subcommand
    set -l cmd (__fish_prime_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c prime -n "__fish_prime_needs_command" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_needs_command" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_needs_command" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_needs_command" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_needs_command" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_needs_command" -s c -l command -d 'Then run CMD in your shell, with the environment active, and exit with its status' -r
complete -c prime -n "__fish_prime_needs_command" -l main -d 'Then call the function in the environment; what it returns is the exit status' -r
complete -c prime -n "__fish_prime_needs_command" -l verify -d 'How closely the installed files are looked at: size, or hash for their content' -r -f -a "size\t'They are there and have the recorded size'
hash\t'They have the recorded content'"
complete -c prime -n "__fish_prime_needs_command" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_needs_command" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_needs_command" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_needs_command" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_needs_command" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prime -n "__fish_prime_needs_command" -s V -l version -d 'Print version'
complete -c prime -n "__fish_prime_needs_command" -f -a "boot" -d 'Bootstrap whatever is missing, damaged or stale (the default)'
complete -c prime -n "__fish_prime_needs_command" -f -a "reboot" -d 'Make the environment from scratch, with the newest versions; the old one is kept'
complete -c prime -n "__fish_prime_needs_command" -f -a "reset" -d 'Make the environment from scratch, with the newest versions; the old one is kept'
complete -c prime -n "__fish_prime_needs_command" -f -a "run" -d 'Bootstrap if needed, then become CMD in the environment'
complete -c prime -n "__fish_prime_needs_command" -f -a "start" -d 'Start a function, a module, a script or a program in the environment, which must be ready'
complete -c prime -n "__fish_prime_needs_command" -f -a "script" -d 'Run a script that says itself what it requires (PEP 723), in an environment of its own'
complete -c prime -n "__fish_prime_needs_command" -f -a "shell" -d 'Start your shell in the environment; bootstrap first, if needed'
complete -c prime -n "__fish_prime_needs_command" -f -a "env" -d 'Print the variables of the environment, for shells, direnv and continuous integration'
complete -c prime -n "__fish_prime_needs_command" -f -a "ci" -d 'Bootstrap as a step of continuous integration, and hand the environment to the steps that follow'
complete -c prime -n "__fish_prime_needs_command" -f -a "wrap" -d 'Write an entry script, which leads to the environment from wherever it is started'
complete -c prime -n "__fish_prime_needs_command" -f -a "eval" -d 'Show the effective configuration, every value with its origin, and change nothing'
complete -c prime -n "__fish_prime_needs_command" -f -a "check" -d 'Say what is missing, stale or damaged and what a boot would do about it, and change nothing'
complete -c prime -n "__fish_prime_needs_command" -f -a "init" -d 'Seed a repository: the launcher, a commented configuration, what git is to ignore, the python that is required'
complete -c prime -n "__fish_prime_needs_command" -f -a "venv" -d 'Make virtual environments as `python -m venv` does, natively'
complete -c prime -n "__fish_prime_needs_command" -f -a "connector" -d 'Install, check and read from connectors: named Python applications, each in its own environment'
complete -c prime -n "__fish_prime_needs_command" -f -a "cache" -d 'Show or clear what repositories and scripts share'
complete -c prime -n "__fish_prime_needs_command" -f -a "schema" -d 'Print a JSON Schema'
complete -c prime -n "__fish_prime_needs_command" -f -a "completions" -d 'Print what completes the command line of `prime` in a shell'
complete -c prime -n "__fish_prime_using_subcommand boot" -s c -l command -d 'Then run CMD in your shell, with the environment active, and exit with its status' -r
complete -c prime -n "__fish_prime_using_subcommand boot" -l main -d 'Then call the function in the environment; what it returns is the exit status' -r
complete -c prime -n "__fish_prime_using_subcommand boot" -l verify -d 'How closely the installed files are looked at: size, or hash for their content' -r -f -a "size\t'They are there and have the recorded size'
hash\t'They have the recorded content'"
complete -c prime -n "__fish_prime_using_subcommand boot" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand boot" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand boot" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand boot" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand boot" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand boot" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand boot" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand boot" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand boot" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand boot" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand boot" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand reboot" -s c -l command -d 'Then run CMD in your shell, with the environment active, and exit with its status' -r
complete -c prime -n "__fish_prime_using_subcommand reboot" -l main -d 'Then call the function in the environment; what it returns is the exit status' -r
complete -c prime -n "__fish_prime_using_subcommand reboot" -l verify -d 'How closely the installed files are looked at: size, or hash for their content' -r -f -a "size\t'They are there and have the recorded size'
hash\t'They have the recorded content'"
complete -c prime -n "__fish_prime_using_subcommand reboot" -l undo -d 'Bring back what the last reboot replaced, or the reboot with this id; once more takes that back' -r
complete -c prime -n "__fish_prime_using_subcommand reboot" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand reboot" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand reboot" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand reboot" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand reboot" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand reboot" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand reboot" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand reboot" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand reboot" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand reboot" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand reboot" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand reset" -s c -l command -d 'Then run CMD in your shell, with the environment active, and exit with its status' -r
complete -c prime -n "__fish_prime_using_subcommand reset" -l main -d 'Then call the function in the environment; what it returns is the exit status' -r
complete -c prime -n "__fish_prime_using_subcommand reset" -l verify -d 'How closely the installed files are looked at: size, or hash for their content' -r -f -a "size\t'They are there and have the recorded size'
hash\t'They have the recorded content'"
complete -c prime -n "__fish_prime_using_subcommand reset" -l undo -d 'Bring back what the last reboot replaced, or the reboot with this id; once more takes that back' -r
complete -c prime -n "__fish_prime_using_subcommand reset" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand reset" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand reset" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand reset" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand reset" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand reset" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand reset" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand reset" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand reset" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand reset" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand reset" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand run" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand run" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand run" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand run" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand run" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand run" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand run" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand run" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand run" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand run" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand run" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand start" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand start" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand start" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand start" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand start" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand start" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand start" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand start" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand start" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand start" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand start" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand script" -l verify -d 'Prove the installed files first, and mend them: by size, or hash for their content' -r -f -a "size\t'They are there and have the recorded size'
hash\t'They have the recorded content'"
complete -c prime -n "__fish_prime_using_subcommand script" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand script" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand script" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand script" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand script" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand script" -l lock -d 'Write the versions it would get now, with the digests of their files, to FILE.lock; each run goes by that'
complete -c prime -n "__fish_prime_using_subcommand script" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand script" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand script" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand script" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand script" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand script" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand shell" -s c -l command -d 'Run CMD instead, and exit with its status' -r
complete -c prime -n "__fish_prime_using_subcommand shell" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand shell" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand shell" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand shell" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand shell" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand shell" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand shell" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand shell" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand shell" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand shell" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand shell" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand env" -l shell -d 'For whom: sh, bash, zsh, fish (to be evaluated), json, dotenv, github (`$GITHUB_ENV`); else for your shell' -r -f -a "sh\t'For sh'
bash\t'For bash'
zsh\t'For zsh'
fish\t'For fish'
json\t'One JSON object'
dotenv\t'Lines of a `.env` file'
github\t'What is appended to the file `$GITHUB_ENV`'"
complete -c prime -n "__fish_prime_using_subcommand env" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand env" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand env" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand env" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand env" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand env" -l boot -d 'Bootstrap first, if needed'
complete -c prime -n "__fish_prime_using_subcommand env" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand env" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand env" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand env" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand env" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand env" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand ci" -l system -d 'For which system: github, gitlab, buildkite, azure, jenkins, plain (a file to source); else the one it runs in' -r -f -a "github\t'GitHub Actions, and what speaks as it does'
gitlab\t'GitLab CI/CD'
buildkite\t'Buildkite'
azure\t'Azure Pipelines'
jenkins\t'Jenkins'
plain\t'Any other'"
complete -c prime -n "__fish_prime_using_subcommand ci" -l verify -d 'How closely the installed files are looked at: size, or hash for their content' -r -f -a "size\t'They are there and have the recorded size'
hash\t'They have the recorded content'"
complete -c prime -n "__fish_prime_using_subcommand ci" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand ci" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand ci" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand ci" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand ci" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand ci" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand ci" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand ci" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand ci" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand ci" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand ci" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -f -a "start" -d 'A script that calls a function in the environment, which must be ready'
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -f -a "start_app" -d 'A script that calls a function in the environment, which must be ready'
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -f -a "boot" -d 'A script that bootstraps first'
complete -c prime -n "__fish_prime_using_subcommand wrap; and not __fish_seen_subcommand_from start start_app boot boot_env" -f -a "boot_env" -d 'A script that bootstraps first'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -s s -l script -l entry_script_path -d 'The script to write' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -s m -l main -l main_func -d 'What it calls' -r
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -s s -l script -l entry_script_path -d 'The script to write' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -s m -l main -l main_func -d 'What it calls' -r
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from start_app" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -s s -l script -l entry_script_path -d 'The script to write' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -s m -l main -l main_func -d 'What it calls then; nothing unless given' -r
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -s s -l script -l entry_script_path -d 'The script to write' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -s m -l main -l main_func -d 'What it calls then; nothing unless given' -r
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand wrap; and __fish_seen_subcommand_from boot_env" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand eval" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand eval" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand eval" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand eval" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand eval" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand eval" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand eval" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand eval" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand eval" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand eval" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand eval" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand check" -l verify -d 'How closely the installed files are looked at: size, or hash for their content' -r -f -a "size\t'They are there and have the recorded size'
hash\t'They have the recorded content'"
complete -c prime -n "__fish_prime_using_subcommand check" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand check" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand check" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand check" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand check" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand check" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand check" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand check" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand check" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand check" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand check" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand init" -l layout -d '`min`: one file; `max`: a file for each leap, and one environment' -r -f -a "min\t'One file'
max\t'A file for each leap, and one environment'"
complete -c prime -n "__fish_prime_using_subcommand init" -l index-url -d 'The index that the launcher asks where none is set, instead of the usual one' -r
complete -c prime -n "__fish_prime_using_subcommand init" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand init" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand init" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand init" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand init" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand init" -l force -d 'Write files anew that are there already'
complete -c prime -n "__fish_prime_using_subcommand init" -l update -d 'Write nothing but the launcher, anew, with the sha256 of this version\'s wheels'
complete -c prime -n "__fish_prime_using_subcommand init" -l dry-run -d 'Show what would be written, and write nothing'
complete -c prime -n "__fish_prime_using_subcommand init" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand init" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand init" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand init" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand init" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand init" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand venv" -s p -l python -d 'The python: a path, a name on `PATH` or a version; else what the repository here requires, else python3' -r
complete -c prime -n "__fish_prime_using_subcommand venv" -l prompt -d 'What the prompt shows; `.` is the name of the current directory' -r
complete -c prime -n "__fish_prime_using_subcommand venv" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand venv" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand venv" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand venv" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand venv" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand venv" -l system-site-packages -d 'Let the environment see the packages of its base python'
complete -c prime -n "__fish_prime_using_subcommand venv" -l symlinks -d 'Link to the interpreter (the default)'
complete -c prime -n "__fish_prime_using_subcommand venv" -l copies -d 'Copy the interpreter'
complete -c prime -n "__fish_prime_using_subcommand venv" -l clear -d 'Delete what is in the directory first, if it is an environment'
complete -c prime -n "__fish_prime_using_subcommand venv" -l force -d 'With --clear: delete it whatever it is'
complete -c prime -n "__fish_prime_using_subcommand venv" -l upgrade -d 'Bring an environment to the version that its python has now'
complete -c prime -n "__fish_prime_using_subcommand venv" -l without-pip -d 'Do not install pip'
complete -c prime -n "__fish_prime_using_subcommand venv" -l with-pip -d 'Install pip (the default)'
complete -c prime -n "__fish_prime_using_subcommand venv" -l upgrade-deps -d 'Upgrade pip to the newest version afterwards'
complete -c prime -n "__fish_prime_using_subcommand venv" -l without-scm-ignore-files -d 'Write no `.gitignore` into it (python 3.13 on)'
complete -c prime -n "__fish_prime_using_subcommand venv" -l relocatable -d 'Let scripts and activation find it by their own place, so that it can be moved'
complete -c prime -n "__fish_prime_using_subcommand venv" -l repair -d 'Lead an environment to its base python again, which was upgraded or moved'
complete -c prime -n "__fish_prime_using_subcommand venv" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand venv" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand venv" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand venv" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand venv" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand venv" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -f -a "install" -d 'Install a connector, over what may be there'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -f -a "ensure" -d 'Make sure that a connector can be run: install it where it is missing, broken or of another version'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -f -a "uninstall" -d 'Remove the environment of a connector'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -f -a "version" -d 'Print the version that is installed'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -f -a "list" -d 'List the connectors that are installed, and those that the repository\'s configuration names'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -f -a "which" -d 'Print what runs a connector: a program, an image, a manifest'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -f -a "spec" -d 'Print what a connector\'s configuration looks like'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -f -a "check" -d 'Say whether a configuration works'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -f -a "discover" -d 'Print the streams that there are'
complete -c prime -n "__fish_prime_using_subcommand connector; and not __fish_seen_subcommand_from install ensure uninstall version list which spec check discover read" -f -a "read" -d 'Read records'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l version -d 'The version; `latest` is the newest that the registry has' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l pip-url -d 'Install this in place of the connector\'s package: requirements as pip takes them' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l use-python -d 'The python: true (the first that serves), a path, a command, a version that uv provides; false is Docker' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l install-root -d 'The directory of the environments; else `AIRBYTE_INSTALL_DIR`, else the current directory' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l local-executable -d 'Run this program: true (of the connector\'s name), a name on PATH, or a path' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l docker-image -d 'Run this Docker image: true (of the connector\'s name), or an image' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l use-host-network -d 'Let the container use this machine\'s network' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l source-manifest -d 'Run this declarative manifest: true (the registry\'s), a path, or a URL' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l no-install -d 'Fail rather than install what is missing' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l no-executor -d 'Run nothing: only `spec` works, from the registry' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l registry -d 'The registry of connectors: a path, a URL, or false; else `AIRBYTE_LOCAL_REGISTRY`' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l with -d 'A further requirement for the environment; may be given several times' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l constraints -d 'A constraints file for the environment' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l version -d 'The version; `latest` is the newest that the registry has' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l pip-url -d 'Install this in place of the connector\'s package: requirements as pip takes them' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l use-python -d 'The python: true (the first that serves), a path, a command, a version that uv provides; false is Docker' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l install-root -d 'The directory of the environments; else `AIRBYTE_INSTALL_DIR`, else the current directory' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l local-executable -d 'Run this program: true (of the connector\'s name), a name on PATH, or a path' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l docker-image -d 'Run this Docker image: true (of the connector\'s name), or an image' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l use-host-network -d 'Let the container use this machine\'s network' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l source-manifest -d 'Run this declarative manifest: true (the registry\'s), a path, or a URL' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l no-install -d 'Fail rather than install what is missing' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l no-executor -d 'Run nothing: only `spec` works, from the registry' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l registry -d 'The registry of connectors: a path, a URL, or false; else `AIRBYTE_LOCAL_REGISTRY`' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l with -d 'A further requirement for the environment; may be given several times' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l constraints -d 'A constraints file for the environment' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l no-fix -d 'Change nothing: fail where it is not as it should be' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from ensure" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l version -d 'The version; `latest` is the newest that the registry has' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l pip-url -d 'Install this in place of the connector\'s package: requirements as pip takes them' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l use-python -d 'The python: true (the first that serves), a path, a command, a version that uv provides; false is Docker' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l install-root -d 'The directory of the environments; else `AIRBYTE_INSTALL_DIR`, else the current directory' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l local-executable -d 'Run this program: true (of the connector\'s name), a name on PATH, or a path' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l docker-image -d 'Run this Docker image: true (of the connector\'s name), or an image' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l use-host-network -d 'Let the container use this machine\'s network' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l source-manifest -d 'Run this declarative manifest: true (the registry\'s), a path, or a URL' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l no-install -d 'Fail rather than install what is missing' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l no-executor -d 'Run nothing: only `spec` works, from the registry' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l registry -d 'The registry of connectors: a path, a URL, or false; else `AIRBYTE_LOCAL_REGISTRY`' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l with -d 'A further requirement for the environment; may be given several times' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l constraints -d 'A constraints file for the environment' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from uninstall" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l version -d 'The version; `latest` is the newest that the registry has' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l pip-url -d 'Install this in place of the connector\'s package: requirements as pip takes them' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l use-python -d 'The python: true (the first that serves), a path, a command, a version that uv provides; false is Docker' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l install-root -d 'The directory of the environments; else `AIRBYTE_INSTALL_DIR`, else the current directory' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l local-executable -d 'Run this program: true (of the connector\'s name), a name on PATH, or a path' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l docker-image -d 'Run this Docker image: true (of the connector\'s name), or an image' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l use-host-network -d 'Let the container use this machine\'s network' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l source-manifest -d 'Run this declarative manifest: true (the registry\'s), a path, or a URL' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l no-install -d 'Fail rather than install what is missing' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l no-executor -d 'Run nothing: only `spec` works, from the registry' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l registry -d 'The registry of connectors: a path, a URL, or false; else `AIRBYTE_LOCAL_REGISTRY`' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l with -d 'A further requirement for the environment; may be given several times' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l constraints -d 'A constraints file for the environment' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l recheck -d 'Look at the environment, whatever was noted when it was made' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from version" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from list" -l install-root -d 'The directory of the environments; else `AIRBYTE_INSTALL_DIR`, else the current directory' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from list" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from list" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from list" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from list" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from list" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from list" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from list" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from list" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l version -d 'The version; `latest` is the newest that the registry has' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l pip-url -d 'Install this in place of the connector\'s package: requirements as pip takes them' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l use-python -d 'The python: true (the first that serves), a path, a command, a version that uv provides; false is Docker' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l install-root -d 'The directory of the environments; else `AIRBYTE_INSTALL_DIR`, else the current directory' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l local-executable -d 'Run this program: true (of the connector\'s name), a name on PATH, or a path' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l docker-image -d 'Run this Docker image: true (of the connector\'s name), or an image' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l use-host-network -d 'Let the container use this machine\'s network' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l source-manifest -d 'Run this declarative manifest: true (the registry\'s), a path, or a URL' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l no-install -d 'Fail rather than install what is missing' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l no-executor -d 'Run nothing: only `spec` works, from the registry' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l registry -d 'The registry of connectors: a path, a URL, or false; else `AIRBYTE_LOCAL_REGISTRY`' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l with -d 'A further requirement for the environment; may be given several times' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l constraints -d 'A constraints file for the environment' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from which" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l version -d 'The version; `latest` is the newest that the registry has' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l pip-url -d 'Install this in place of the connector\'s package: requirements as pip takes them' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l use-python -d 'The python: true (the first that serves), a path, a command, a version that uv provides; false is Docker' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l install-root -d 'The directory of the environments; else `AIRBYTE_INSTALL_DIR`, else the current directory' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l local-executable -d 'Run this program: true (of the connector\'s name), a name on PATH, or a path' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l docker-image -d 'Run this Docker image: true (of the connector\'s name), or an image' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l use-host-network -d 'Let the container use this machine\'s network' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l source-manifest -d 'Run this declarative manifest: true (the registry\'s), a path, or a URL' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l no-install -d 'Fail rather than install what is missing' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l no-executor -d 'Run nothing: only `spec` works, from the registry' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l registry -d 'The registry of connectors: a path, a URL, or false; else `AIRBYTE_LOCAL_REGISTRY`' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l with -d 'A further requirement for the environment; may be given several times' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l constraints -d 'A constraints file for the environment' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from spec" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l version -d 'The version; `latest` is the newest that the registry has' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l pip-url -d 'Install this in place of the connector\'s package: requirements as pip takes them' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l use-python -d 'The python: true (the first that serves), a path, a command, a version that uv provides; false is Docker' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l install-root -d 'The directory of the environments; else `AIRBYTE_INSTALL_DIR`, else the current directory' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l local-executable -d 'Run this program: true (of the connector\'s name), a name on PATH, or a path' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l docker-image -d 'Run this Docker image: true (of the connector\'s name), or an image' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l use-host-network -d 'Let the container use this machine\'s network' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l source-manifest -d 'Run this declarative manifest: true (the registry\'s), a path, or a URL' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l no-install -d 'Fail rather than install what is missing' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l no-executor -d 'Run nothing: only `spec` works, from the registry' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l registry -d 'The registry of connectors: a path, a URL, or false; else `AIRBYTE_LOCAL_REGISTRY`' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l with -d 'A further requirement for the environment; may be given several times' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l constraints -d 'A constraints file for the environment' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l config -d 'The configuration: a file, `-` for standard input, or JSON' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l version -d 'The version; `latest` is the newest that the registry has' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l pip-url -d 'Install this in place of the connector\'s package: requirements as pip takes them' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l use-python -d 'The python: true (the first that serves), a path, a command, a version that uv provides; false is Docker' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l install-root -d 'The directory of the environments; else `AIRBYTE_INSTALL_DIR`, else the current directory' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l local-executable -d 'Run this program: true (of the connector\'s name), a name on PATH, or a path' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l docker-image -d 'Run this Docker image: true (of the connector\'s name), or an image' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l use-host-network -d 'Let the container use this machine\'s network' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l source-manifest -d 'Run this declarative manifest: true (the registry\'s), a path, or a URL' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l no-install -d 'Fail rather than install what is missing' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l no-executor -d 'Run nothing: only `spec` works, from the registry' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l registry -d 'The registry of connectors: a path, a URL, or false; else `AIRBYTE_LOCAL_REGISTRY`' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l with -d 'A further requirement for the environment; may be given several times' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l constraints -d 'A constraints file for the environment' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l config -d 'The configuration: a file, `-` for standard input, or JSON' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from discover" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l version -d 'The version; `latest` is the newest that the registry has' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l pip-url -d 'Install this in place of the connector\'s package: requirements as pip takes them' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l use-python -d 'The python: true (the first that serves), a path, a command, a version that uv provides; false is Docker' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l install-root -d 'The directory of the environments; else `AIRBYTE_INSTALL_DIR`, else the current directory' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l local-executable -d 'Run this program: true (of the connector\'s name), a name on PATH, or a path' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l docker-image -d 'Run this Docker image: true (of the connector\'s name), or an image' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l use-host-network -d 'Let the container use this machine\'s network' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l source-manifest -d 'Run this declarative manifest: true (the registry\'s), a path, or a URL' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l no-install -d 'Fail rather than install what is missing' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l no-executor -d 'Run nothing: only `spec` works, from the registry' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l registry -d 'The registry of connectors: a path, a URL, or false; else `AIRBYTE_LOCAL_REGISTRY`' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l with -d 'A further requirement for the environment; may be given several times' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l constraints -d 'A constraints file for the environment' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l config -d 'The configuration: a file, `-` for standard input, or JSON' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l streams -d 'The streams, with commas between them; `*` is all' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l state -d 'The state to go on from' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l state-out -d 'Where the state is written' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l catalog -d 'The configured catalog, instead of the one that is made of what the connector discovers' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l limit -d 'At most this many records of each stream' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l full-refresh -d 'Read everything anew' -r -f -a "true\t''
false\t''"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l format -d 'How records are written; jsonl unless told' -r -f -a "jsonl\t'A JSON object on each line'
csv\t'Comma-separated values'"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l output -d 'Write a file for each stream into this directory' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand connector; and __fish_seen_subcommand_from read" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -f -a "prune" -d 'Remove what was not used for long or is of no use any more, but nothing that is in use'
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -f -a "size" -d 'Print how much room the cache takes, by its directories'
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -f -a "dir" -d 'Print where the cache is'
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -f -a "key" -d 'Print the key under which a CI keeps the environment of the repository'
complete -c prime -n "__fish_prime_using_subcommand cache; and not __fish_seen_subcommand_from prune size dir key paths" -f -a "paths" -d 'Print the paths that a CI keeps of it, one on a line; what is not there yet is named too'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -l older-than -d 'How long not: days, weeks or hours (`30d`, `4w`, `36h`), a day at least' -r
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -l dry-run -d 'Say what would be removed, and remove nothing'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from size" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from size" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from size" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from size" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from size" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from size" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from size" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from size" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from size" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from size" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from size" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from dir" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from dir" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from dir" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from dir" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from dir" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from dir" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from dir" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from dir" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from dir" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from dir" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from dir" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from key" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from key" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from key" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from key" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from key" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from key" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from key" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from key" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from key" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from key" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from key" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from paths" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from paths" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from paths" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from paths" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from paths" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from paths" -l relative -d 'As seen from the root of the repository, and none outside of it, for a CI that keeps nothing else (GitLab)'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from paths" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from paths" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from paths" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from paths" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from paths" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand cache; and __fish_seen_subcommand_from paths" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand schema" -l of -d 'With `outcome`: the command whose document it is; all of them unless given' -r
complete -c prime -n "__fish_prime_using_subcommand schema" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand schema" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand schema" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand schema" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand schema" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand schema" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand schema" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand schema" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand schema" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand schema" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand schema" -s h -l help -d 'Print help'
complete -c prime -n "__fish_prime_using_subcommand completions" -s C -l repo -d 'The repository, instead of the one that the current directory is in' -r -F
complete -c prime -n "__fish_prime_using_subcommand completions" -s e -l env -d 'The environment of the repository, by its directory; the link that selects it is set to it' -r -F
complete -c prime -n "__fish_prime_using_subcommand completions" -l lock-timeout -d 'Wait at most this long for another `prime` that works on the same repository (30 minutes; 0: not at all)' -r
complete -c prime -n "__fish_prime_using_subcommand completions" -l color -d 'When to use colour: auto (on a terminal, unless `NO_COLOR` is set), always, never' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c prime -n "__fish_prime_using_subcommand completions" -l timings -d 'Write where the time went, as a page and as JSON beside it (beside the log, unless FILE names the page)' -r -F
complete -c prime -n "__fish_prime_using_subcommand completions" -s v -l verbose -d 'Say more: decisions and stages (-v), commands (-vv), everything (-vvv)'
complete -c prime -n "__fish_prime_using_subcommand completions" -s q -l quiet -d 'Say less: errors only'
complete -c prime -n "__fish_prime_using_subcommand completions" -l no-link -d 'Leave the link that selects the environment as it is'
complete -c prime -n "__fish_prime_using_subcommand completions" -l offline -d 'Never use the network'
complete -c prime -n "__fish_prime_using_subcommand completions" -l json -d 'One JSON document on stdout that says how it ended; `prime schema outcome` describes it'
complete -c prime -n "__fish_prime_using_subcommand completions" -s h -l help -d 'Print help'
