# As many TABs as are wanted, on six lines: measure.bash SCRIPT ROUNDS. bash gives a function for
# completion what is typed in these variables.
. "$1"
compopt() { :; }
rounds=$2

# measure LINE WORD...: the words as bash cuts them.
measure() {
  local round
  COMP_LINE=$1 COMP_POINT=${#1}
  shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  for ((round = 0; round < rounds; round++)); do
    _fairlead inv "${COMP_WORDS[-1]}"
    ((${#COMPREPLY[@]})) || echo "nothing is offered for $COMP_LINE"
  done
}

measure "inv daos.pool." inv daos.pool.
measure "inv " inv ""
measure "inv --host=@" inv --host = @
measure "inv daos.pool.create --" inv daos.pool.create --
measure "inv --site=" inv --site = ""
measure "inv daos.pool.query --name=" inv daos.pool.query --name = ""
