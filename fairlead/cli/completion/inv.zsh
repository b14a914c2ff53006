#compdef inv fairlead
# Completion of inv and fairlead in zsh: put it, as `_fairlead`, into a folder of $fpath, or source
# it from ~/.zshrc behind compinit.
#
# Reads the candidates that `inv completion.renew` has written (their form:
# fairlead/cli/completion/candidates.py); no program is started but to write them anew.

# Sets `home`, the folder of tasks.py, and `python`, what runs fairlead there: beside the launcher
# `$1`, else here or above. Exit code 1: there is none.
_fairlead_find_home() {
  home=${PWD:A} python=
  if [[ $1 == */* ]]; then
    home=${1:h:A}
  elif [[ -n $FAIRLEAD_HOME ]]; then
    home=$FAIRLEAD_HOME
  else
    while [[ $home != / && ! -e $home/tasks.py ]]; do home=${home:h}; done
  fi
  [[ -e $home/tasks.py ]] || return
  [[ ! -x $home/.venv/bin/python ]] || python=$home/.venv/bin/python
}

# Writes the candidates anew, in the background.
_fairlead_renew() {
  local -a program=(fairlead)
  [[ -z $python ]] || program=($python -P -m fairlead)
  [[ -z $FAIRLEAD_PROGRAM ]] || program=($FAIRLEAD_PROGRAM)
  (FAIRLEAD_HOME=$home $program completion.renew </dev/null >/dev/null 2>&1 &)
}

# Sets `lines`, the candidates. Those that are old do for now; on the first ones we wait a second.
_fairlead_read() {
  local file=${XDG_CACHE_HOME:-$HOME/.cache}/fairlead/completion$home/=/candidates line
  integer patience=20
  if [[ ! -e $file ]]; then
    _fairlead_renew
    while [[ ! -e $file ]] && ((patience--)); do sleep 0.05; done
  fi
  [[ -e $file ]] || return
  lines=("${(@f)$(<$file)}")
  [[ $lines[1] == "fairlead 1" ]] || return
  for line in ${${(M)lines:#w$'\t'*}#w$'\t'}; do
    if [[ $line -nt $file || ! -e $line ]]; then
      _fairlead_renew
      break
    fi
  done
}

# Sets `site`: the one that --site names on this line, else FAIRLEAD_SITE, else the usual one.
_fairlead_site() {
  local -a usual=(${${(M)lines:#d$'\t'*}#d$'\t'})
  integer number=${words[(Ie)--site]}
  site=${FAIRLEAD_SITE:-$usual}
  ((!number)) || site=$words[number+1]
  number=${words[(I)--site=*]}
  ((!number)) || site=${words[number]#--site=}
  site=${${site:t}%.yml}
}

# Sets `kind`, that of the value of the flag `$1`; "" where no task of this line has it.
_fairlead_kind() {
  local word
  local -a fields
  for word in $arguments '*'; do
    fields=(${(ps:\t:)${(M)lines:#o$'\t'$word$'\t'$1$'\t'*}[1]})
    if (($#fields)); then
      kind=$fields[4]
      return
    fi
  done
}

# Offers the flags of the tasks on this line, and of every verb. A value follows `=`.
_fairlead_flags() {
  local word line
  local -a fields alone valued
  for word in $arguments '*'; do
    for line in ${(M)lines:#o$'\t'$word$'\t'*}; do
      fields=("${(@ps:\t:)line}")
      if [[ $fields[4] == - ]]; then
        alone+=("$fields[3]:$fields[5]")
      else
        valued+=("$fields[3]:$fields[5]")
      fi
    done
  done
  _describe -o option alone
  _describe -o option valued -qS =
}

# Offers the tasks that begin with what is typed, each up to its next dot.
_fairlead_tasks() {
  local line name behind
  local -a groups tasks
  for line in ${${(M)lines:#t$'\t'$PREFIX*}#t$'\t'}; do
    name=${line%%$'\t'*}
    behind=${name#$PREFIX}
    if [[ $behind == *.* ]]; then
      groups+=($PREFIX${behind%%.*}.)
    else
      tasks+=("$name:${line#*$'\t'}")
    fi
  done
  _describe task tasks
  compadd -S '' -- ${(u)groups}
}

# Offers values of kind `$1`.
_fairlead_values() {
  local site
  local -a names
  case $1 in
    sites) names=(${${(M)lines:#s$'\t'*}#s$'\t'}) ;;
    secrets) names=(${${(M)lines:#k$'\t'*}#k$'\t'}) ;;
    files) _files; return ;;
    hosts)
      _fairlead_site
      compset -P '*[,!&]' && IPREFIX=${(q)IPREFIX}  # zsh has taken the quotes away
      [[ $PREFIX == @* ]] || names=(${=${(M)lines:#h$'\t'$site$'\t'*}##*$'\t'})
      [[ -n $PREFIX && $PREFIX != @* ]] || names+=(${=${(M)lines:#g$'\t'$site$'\t'*}##*$'\t'})
      ;;
    names:*)
      _fairlead_site
      names=(${=${(M)lines:#n$'\t'$site$'\t'${1#names:}$'\t'*}##*$'\t'})
      ;;
    '='*) names=(${(s:,:)1#'='}) ;;
  esac
  compadd -- $names
}

_fairlead() {
  local home python kind
  local -a lines arguments
  _fairlead_find_home $words[1] && _fairlead_read || return
  arguments=("${(@)words[2,CURRENT-1]}")
  ((!${arguments[(Ie)--]})) || return
  if [[ $PREFIX == --*=* ]]; then
    _fairlead_kind ${PREFIX%%=*}
    compset -P 1 '*='
  elif [[ $words[CURRENT-1] == -* && $words[CURRENT-1] != *=* ]]; then
    _fairlead_kind $words[CURRENT-1]
  fi
  if [[ -n $kind && $kind != - ]]; then
    _fairlead_values $kind
  elif [[ $PREFIX == -* ]]; then
    _fairlead_flags
  else
    _fairlead_tasks
  fi
}

if [[ $funcstack[1] == _fairlead ]]; then
  _fairlead "$@"
else
  compdef _fairlead inv fairlead
fi
