# Completion of inv and fairlead in bash: put it, as `inv`, into
# ~/.local/share/bash-completion/completions, or source it from ~/.bashrc.
#
# Reads the candidates that `inv completion.renew` has written (their form:
# fairlead/cli/completion/candidates.py); no program is started but to write them anew.
# shellcheck shell=bash

# Sets `home`, the folder of tasks.py, and `python`, what runs fairlead there: beside the launcher
# `$1`, else here or above. Exit code 1: there is none.
_fairlead_find_home() {
  home=$(pwd -P) python=
  if [[ $1 == */* ]]; then
    home=$(CDPATH='' cd -- "${1%/*}" 2>/dev/null && pwd -P)
  elif [[ ${FAIRLEAD_HOME-} ]]; then
    home=$FAIRLEAD_HOME
  else
    while [[ $home && ! -e $home/tasks.py ]]; do home=${home%/*}; done
  fi
  [[ $home && -e $home/tasks.py ]] || return
  [[ ! -x $home/.venv/bin/python ]] || python=$home/.venv/bin/python
}

# Writes the candidates anew, in the background; `$1` is the command that was typed.
_fairlead_renew() {
  local -a program=(fairlead)
  if [[ ${FAIRLEAD_PROGRAM-} ]]; then
    program=("$FAIRLEAD_PROGRAM")
  elif [[ $python ]]; then
    program=("$python" -P -m fairlead)
  fi
  (FAIRLEAD_HOME=$home "${program[@]}" completion.renew </dev/null >/dev/null 2>&1 &)
}

# Sets `lines`, the candidates, and `tasks`, where those of kinds t and o begin. Old ones do for now;
# on the first ones we wait a second.
_fairlead_read() {
  local file=${XDG_CACHE_HOME:-$HOME/.cache}/fairlead/completion$home/=/candidates
  local path patience=20
  if [[ ! -e $file ]]; then
    _fairlead_renew
    while [[ ! -e $file ]] && ((patience--)); do sleep 0.05; done
  fi
  [[ -e $file ]] || return
  mapfile -t lines <"$file"
  [[ ${lines[0]} == "fairlead 1" ]] || return
  for ((tasks = 1; tasks < ${#lines[@]}; tasks++)); do
    case ${lines[tasks]} in
      w$'\t'*) ;;
      t$'\t'*) break ;;
      *) continue ;;
    esac
    path=${lines[tasks]:2}
    if [[ ! $is_old ]] && [[ $path -nt $file || ! -e $path ]]; then is_old=1; fi
  done
  if [[ $is_old ]]; then _fairlead_renew; fi
}

# Sets `arguments`, the words up to the cursor as they were typed: bash cuts words at = : and @.
_fairlead_arguments() {
  local rest=${COMP_LINE:0:COMP_POINT} trimmed number
  rest=${rest#*"${COMP_WORDS[0]}"}
  arguments=()
  for ((number = 1; number <= COMP_CWORD; number++)); do
    trimmed=${rest#"${rest%%[![:blank:]]*}"}
    [[ $trimmed != "$rest" || $number == 1 ]] && arguments+=("")
    rest=${trimmed#"${COMP_WORDS[number]}"}
    [[ $rest == "$trimmed" ]] && rest=
    arguments[-1]+=${trimmed%"$rest"}
  done
}

# Sets `names`: those fields of the lines of kind `$1` that stand behind a site named `$2`.
_fairlead_of_site() {
  local line
  for line in "${lines[@]:1}"; do
    case $line in
      "$1"$'\t'"$2"$'\t'*) names+=" ${line##*$'\t'}" ;;
      w*) break ;;
    esac
  done
}

# Sets `names`: what stands in every line of kind `$1`.
_fairlead_fields() {
  local line
  for line in "${lines[@]:1}"; do
    case $line in
      "$1"$'\t'*) names+=" ${line:2}" ;;
      w*) break ;;
    esac
  done
}

# Sets `site`: the one that --site names on this line, else FAIRLEAD_SITE, else the usual one.
_fairlead_site() {
  local number
  [[ ${lines[1]} != d$'\t'* ]] || site=${lines[1]:2}
  site=${FAIRLEAD_SITE:-$site}
  for ((number = 0; number < ${#arguments[@]}; number++)); do
    case ${arguments[number]} in
      --site=*) site=${arguments[number]#--site=} ;;
      --site) site=${arguments[number + 1]-} ;;
    esac
  done
  site=${site##*/}
  site=${site%.yml}
}

# Sets `kind`, that of the value of the flag `$1`; "" where no task of this line has it.
_fairlead_kind() {
  local line argument
  for argument in "${arguments[@]}" '*'; do
    for line in "${lines[@]:tasks}"; do
      if [[ $line == o$'\t'"$argument"$'\t'"$1"$'\t'* ]]; then
        line=${line#*$'\t'*$'\t'*$'\t'}
        kind=${line%%$'\t'*}
        return
      fi
    done
  done
}

# Sets `names`: the flags of the tasks on this line, and of every verb. A value follows `=`.
_fairlead_flags() {
  local line task flag wanted=" ${arguments[*]} * "
  for line in "${lines[@]:tasks}"; do
    [[ $line == o$'\t'* ]] || continue
    line=${line#*$'\t'}
    task=${line%%$'\t'*}
    [[ $wanted == *" $task "* ]] || continue
    line=${line#*$'\t'}
    flag=${line%%$'\t'*}
    line=${line#*$'\t'}
    [[ ${line%%$'\t'*} == - ]] || flag="$flag="
    names+=" $flag"
  done
}

# Sets `names`: the tasks that begin with `$1`, each up to its next dot.
_fairlead_tasks() {
  local line task behind
  local -A known=()
  for line in "${lines[@]:tasks}"; do
    [[ $line == t$'\t'* ]] || break
    [[ $line == t$'\t'"$1"* ]] || continue
    task=${line#*$'\t'}
    task=${task%%$'\t'*}
    behind=${task#"$1"}
    if [[ $behind == *.* ]]; then task=$1${behind%%.*}.; fi
    if [[ ! ${known[$task]-} ]]; then names+=" $task"; fi
    known[$task]=1
  done
}

# Sets `names` for a value of kind `$1`.
_fairlead_values() {
  local site=
  case $1 in
    sites) _fairlead_fields s ;;
    secrets) _fairlead_fields k ;;
    hosts)
      _fairlead_site
      if [[ $operand != @* ]]; then _fairlead_of_site h "$site"; fi
      if [[ ! $operand || $operand == @* ]]; then _fairlead_of_site g "$site"; fi
      ;;
    names:*)
      _fairlead_site
      _fairlead_of_site n "$site"$'\t'"${1#names:}"
      ;;
    =*) names=${1#=} names=${names//,/ } ;;
  esac
}

# `$1` the command, `$2` what bash takes for the current word: what it puts the answer in place of.
_fairlead() {
  local home python names='' kind='' operand current before name tasks=0 is_old=''
  local -a lines=() arguments=()
  COMPREPLY=()
  _fairlead_find_home "$1" && _fairlead_read || return
  _fairlead_arguments
  current=${arguments[-1]-} before=
  ((${#arguments[@]} < 2)) || before=${arguments[-2]}
  for name in "${arguments[@]:0:${#arguments[@]}-1}"; do
    if [[ $name == -- ]]; then return; fi
  done
  operand=$current
  if [[ $current == --*=* ]]; then
    _fairlead_kind "${current%%=*}"
    operand=${current#*=}
  elif [[ $before == -* && $before != *=* ]]; then
    _fairlead_kind "$before"
  fi
  operand=${operand#[\'\"]}
  if [[ $kind == files ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$operand")
    return
  elif [[ $kind && $kind != - ]]; then
    if [[ $kind == hosts ]]; then operand=${operand##*[,!&]}; fi
    _fairlead_values "$kind"
  elif [[ $current == -* ]]; then
    _fairlead_flags
  else
    _fairlead_tasks "$current"
  fi
  before=${current%"$operand"}
  for name in $names; do
    [[ $name == "$operand"* ]] || continue
    name=$before$name
    COMPREPLY+=("${name:${#current}-${#2}}")
  done
  if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *[.=] ]]; then compopt -o nospace; fi
}

complete -F _fairlead inv fairlead
