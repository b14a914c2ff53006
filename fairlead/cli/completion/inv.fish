# Completion of inv and fairlead in fish: put it, as `inv.fish`, into ~/.config/fish/completions, or
# source it from ~/.config/fish/config.fish.
#
# Reads the candidates that `inv completion.renew` has written (their form:
# fairlead/cli/completion/candidates.py); no program is started but to write them anew.

# Prints the folder of tasks.py: beside the launcher that is called, else here or above.
function __fairlead_home
    set -l command (commandline -opc)[1]
    set -l home $PWD
    if string match -q '*/*' -- $command
        set home (string replace -r '/[^/]*$' '' -- $command)
    else if set -q FAIRLEAD_HOME[1]
        set home $FAIRLEAD_HOME
    else
        while test -n "$home"; and not test -e $home/tasks.py
            set home (string replace -r '/[^/]*$' '' -- $home)
        end
    end
    test -n "$home"; and test -e $home/tasks.py; and builtin realpath -- $home
end

# Writes the candidates of the folder $argv[1] anew, in the background.
function __fairlead_renew
    set -l program fairlead
    if set -q FAIRLEAD_PROGRAM[1]
        set program $FAIRLEAD_PROGRAM
    else if test -x $argv[1]/.venv/bin/python
        set program $argv[1]/.venv/bin/python -P -m fairlead
    end
    set -lx FAIRLEAD_HOME $argv[1]
    command $program completion.renew </dev/null >/dev/null 2>&1 &
    disown 2>/dev/null
end

# Prints the file of candidates. An old one does for now; on the first one we wait a second.
function __fairlead_file
    set -l home (__fairlead_home)
    or return
    set -l cache $HOME/.cache
    set -q XDG_CACHE_HOME[1]; and set cache $XDG_CACHE_HOME
    set -l file $cache/fairlead/completion$home/=/candidates
    if not test -e $file
        __fairlead_renew $home
        for patience in (seq 20)
            test -e $file; and break
            sleep 0.05
        end
        test -e $file; or return
    end
    set -l watched (string replace -rf '^w\t' '' <$file)
    set -l ages (path mtime -- $watched)
    set -l newest (path sort -- $ages)[-1]
    if test (count $ages) -ne (count $watched); or test $newest -gt (path mtime -- $file)
        __fairlead_renew $home
    end
    test (head -n 1 $file) = 'fairlead 1'; and echo $file
end

# Prints the site that --site names among the words, else FAIRLEAD_SITE, else the usual one.
function __fairlead_site -a file
    set -l site (string replace -rf '^d\t' '' <$file)
    set -q FAIRLEAD_SITE[1]; and set site $FAIRLEAD_SITE
    set -l words $argv[2..]
    set -l place (contains -i -- --site $words)
    and set site $words[(math $place + 1)]
    set -l own (string replace -rf '^--site=' '' -- $words)
    and set site $own[-1]
    string replace -r '\.yml$' '' -- (string replace -r '.*/' '' -- $site)
end

# Prints the kind of the value of the flag $argv[2]; the words of the line behind it.
function __fairlead_kind -a file flag
    for word in $argv[3..] '*'
        set -l start (string escape --style=regex -- $word\t$flag)
        set -l kinds (string replace -rf "^o\t$start\t([^\t]*)\t.*" '$1' <$file)
        and echo $kinds[1]
        and return
    end
end

# Prints the values of the kind $argv[2], each behind $argv[4]; $argv[3] is what is typed of it.
function __fairlead_values -a file kind operand before
    set -l names
    switch $kind
        case sites
            set names (string replace -rf '^s\t' '' <$file)
        case secrets
            set names (string replace -rf '^k\t' '' <$file)
        case hosts
            set -l site (string escape --style=regex -- (__fairlead_site $file $argv[5..]))
            if not string match -q '@*' -- $operand
                set names (string split ' ' -- (string replace -rf "^h\t$site\t" '' <$file))
            end
            if string match -qr '^(@|$)' -- $operand
                set -a names (string split ' ' -- (string replace -rf "^g\t$site\t" '' <$file))
            end
        case files
            set names (__fish_complete_path $operand)
        case 'names:*'
            set -l site (__fairlead_site $file $argv[5..])
            set -l start (string escape --style=regex -- $site\t(string sub -s 7 -- $kind))
            set names (string split ' ' -- (string replace -rf "^n\t$start\t" '' <$file))
        case '=*'
            set names (string split , -- (string sub -s 2 -- $kind))
    end
    test -n "$names"; and printf '%s\n' "$before"$names
end

# Prints the flags of the tasks among the words, and of every verb. A value follows `=`.
function __fairlead_flags -a file
    for word in $argv[2..] '*'
        set -l start (string escape --style=regex -- $word)
        string replace -rf "^o\t$start\t(--?[^\t]*)\t-\t" '$1\t' <$file
        string replace -rf "^o\t$start\t(--?[^\t]*)\t[^-\t][^\t]*\t" '$1=\t' <$file
    end
end

# Prints the tasks that begin with $argv[2], each up to its next dot.
function __fairlead_tasks -a file current
    set -l start (string escape --style=regex -- $current)
    string replace -rf "^t\t($start"'[^.\t]*)\t' '$1\t' <$file
    string replace -rf "^t\t($start"'[^.\t]*\.)[^\t]*\t.*' '$1' <$file | sort -u
end

function __fairlead
    set -l file (__fairlead_file)
    or return
    set -l words (commandline -opc)[2..]
    set -l current (commandline -ct | string replace -ar '[\'"]' '')
    contains -- -- $words; and return
    set -l kind
    set -l operand $current
    if string match -qr '^--[^=]*=' -- $current
        set kind (__fairlead_kind $file (string replace -r '=.*' '' -- $current) $words)
        set operand (string replace -r '^[^=]*=' '' -- $current)
    else if string match -qr '^-[^=]*$' -- "$words[-1]"
        set kind (__fairlead_kind $file $words[-1] $words)
    end
    if test -n "$kind"; and test "$kind" != -
        test $kind = hosts; and set operand (string replace -r '.*[,!&]' '' -- $operand)
        set -l length (math (string length -- "$current") - (string length -- "$operand"))
        __fairlead_values $file $kind "$operand" (string sub -l $length -- "$current") $words
    else if string match -q -- '-*' $current
        __fairlead_flags $file $words
    else
        __fairlead_tasks $file "$current"
    end
end

for name in inv fairlead
    complete -c $name -f -a '(__fairlead)'
end
