# As many TABs as are wanted, on six lines: measure.zsh SCRIPT ROUNDS. The functions with which zsh
# takes an offer stand here without doing anything: they are zsh's own.
compdef() { }
_describe() { offers=1 }
compadd() { offers=1 }
compset() { }
. $1
rounds=$2

# measure WORD...: the words as zsh cuts them.
measure() {
  local -a words=("$@")
  local CURRENT=$# PREFIX=${@[-1]} IPREFIX= offers
  repeat $rounds; do
    offers=
    _fairlead
    [[ -n $offers ]] || echo "nothing is offered for $*"
  done
}

measure inv daos.pool.
measure inv ''
measure inv --host=@
measure inv daos.pool.create --
measure inv --site=
measure inv daos.pool.query --name=
