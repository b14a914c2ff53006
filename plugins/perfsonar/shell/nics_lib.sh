# Interfaces, each with a gateway of its own. Included. A table and a rule have numbers: 301 and 201 are
# those of the first interface. Words of an interface are NAME ADDRESS/BITS GATEWAY NETWORK shared|alone
# (shared: another one of them is in its network).

# each COMMAND INTERFACE...: COMMAND NUMBER and the five words, for each
each() {
  each_command=$1 each_number=0
  shift
  while [ $# -ge 5 ]; do
    each_number=$((each_number + 1))
    "$each_command" "$each_number" "$1" "$2" "$3" "$4" "$5" || return
    shift 5
  done
}

plain() { sed 's/ proto [a-z0-9]*//; s/ metric [0-9]*//; s/ linkdown//; s/ dead//; s/ *$//'; }
rules_of() { ip -4 -N rule show | sed -n "s/^$((200 + $1)):[[:space:]]*//p" | sed 's/ *$//'; } # NUMBER
routes_of() { ip -4 route show table $((300 + $1)) 2>/dev/null | sed 's/ linkdown//; s/ dead//; s/ *$//'; }
defaults() { ip -4 route show table main default | sed 's/ linkdown//; s/ dead//; s/ *$//'; }
setting() { echo "/proc/sys/net/ipv4/conf/$1/$2"; } # NAME KEY

# settings NUMBER NAME ADDRESS GATEWAY NETWORK KIND: lines "KEY VALUE", as they have to be
settings() {
  echo "rp_filter 2"
  [ "$6" = alone ] || printf '%s\n' "arp_ignore 1" "arp_announce 2" "arp_filter 1"
}

# in_the_way NUMBER NAME ADDRESS...: what we do not mend; 1: there is something, and it is printed
in_the_way() {
  address=$(ip -4 -o addr show dev "$2" scope global 2>/dev/null) || {
    echo "no-interface there is no interface $2"
    return 1
  }
  printf '%s\n' "$address" | grep -qF " inet $3 " || {
    echo "no-address $2 has $(printf '%s\n' "$address" | awk '{ printf "%s ", $4 }')and not $3"
    return 1
  }
  ! printf '%s\n' "$address" | grep -F " inet $3 " | grep -qw dynamic || {
    echo "dynamic $2 has its address by DHCP"
    return 1
  }
}

# lacks NUMBER INTERFACE...: what has to be made; 1: there is something, and it is printed
lacks() {
  own=${3%/*}
  if [ "$(rules_of "$1" | plain)" != "from $own lookup $((300 + $1))" ]; then
    echo "no-rule nothing sends what comes from $own by table $((300 + $1))"
  elif [ "$(routes_of "$1" | plain | sort)" != "$(printf 'default via %s dev %s\n%s dev %s scope link src %s\n' \
    "$4" "$2" "$5" "$2" "$own" | sort)" ]; then
    echo "no-table table $((300 + $1)) has not $4 by $2"
  else
    settings "$@" | while read -r key value; do
      [ "$(cat "$(setting "$2" "$key")" 2>/dev/null)" = "$value" ] || { echo "setting $key of $2 is not $value"; exit 1; }
    done
    return
  fi
  return 1
}

# foreign INTERFACE...: default routes by an interface that is none of these
foreign() {
  known=" "
  # shellcheck disable=SC2317 # each calls it
  remember() { known="$known$2 "; }
  each remember "$@"
  defaults | while read -r line; do
    device=$(printf '%s\n' "$line" | sed -n 's/.* dev \([^ ]*\).*/\1/p')
    case $known in *" $device "*) [ -n "$device" ] || echo "$line" ;; *) echo "$line" ;; esac
  done
}

# one_default NAME ADDRESS GATEWAY...: 0 the only default route is that of the first interface
one_default() { [ "$(defaults | plain)" = "default via $3 dev $1" ]; }

# more_numbers COUNT INTERFACE...: 0 a rule of a number beyond the interfaces is there, up to COUNT
more_numbers() {
  number=$((($# - 1) / 5)) last=$1
  while [ $((number += 1)) -le "$last" ]; do
    [ -z "$(rules_of "$number")$(routes_of "$number")" ] || return 0
  done
  return 1
}

# nics_state COUNT INTERFACE...: prints how they stand, a word and what there is to say. COUNT: how many
# there were once.
nics_state() {
  count=$1
  shift
  each in_the_way "$@" || return 0
  others=$(foreign "$@")
  if [ -n "$others" ]; then
    echo "elsewhere there is a default route that is none of theirs: $others"
  elif ! each lacks "$@"; then
    return 0
  elif more_numbers "$count" "$@"; then
    echo "more there are rules of an interface that is none any more"
  elif one_default "$@"; then
    echo "ok $1 is the default, and each answers by its own gateway"
  else
    echo "default the default route is not by $3 alone"
  fi
}

# save FOLDER COUNT INTERFACE...: all that nics may touch
save() {
  folder=$1 numbers=$2
  shift 2
  [ $(($# / 5)) -le "$numbers" ] || numbers=$(($# / 5))
  rm -rf "$folder" "$folder.new"
  mkdir -p "$folder.new"
  number=0
  while [ $((number += 1)) -le "$numbers" ]; do
    rules_of "$number" | sed "s/^/rule add priority $((200 + number)) /"
    { routes_of "$number" | sed '/ via /d'; routes_of "$number" | sed -n '/ via /p'; } | sed "s/^/route add table $((300 + number)) /"
  done >"$folder.new/batch"
  defaults >"$folder.new/defaults"
  # shellcheck disable=SC2317 # each calls it
  keep_settings() {
    for key in rp_filter arp_ignore arp_announce arp_filter; do
      [ ! -e "$(setting "$2" "$key")" ] || echo "$(setting "$2" "$key") $(cat "$(setting "$2" "$key")")"
    done
  }
  each keep_settings "$@" >"$folder.new/settings"
  echo "$numbers" >"$folder.new/numbers"
  sync "$folder.new/batch" 2>/dev/null || sync
  mv "$folder.new" "$folder"
}

# clear_numbers COUNT: no rule and no table of these numbers is there
clear_numbers() {
  number=0
  while [ $((number += 1)) -le "$1" ]; do
    while ip -4 rule delete priority $((200 + number)) 2>/dev/null; do :; done
    ip -4 route flush table $((300 + number)) 2>/dev/null || :
  done
}

# restore FOLDER COUNT: what save wrote there; a setting of an interface that is gone is passed over
restore() {
  numbers=$(cat "$1/numbers")
  [ "$2" -le "$numbers" ] || numbers=$2
  clear_numbers "$numbers"
  : >"$1/back"
  [ "$(defaults)" = "$(cat "$1/defaults")" ] || {
    defaults | sed 's/^/route delete /'
    sed 's/^/route add /' "$1/defaults"
  } >"$1/back"
  cat "$1/batch" >>"$1/back"
  ip -4 -force -batch "$1/back"
  code=$?
  rm -f "$1/back"
  while read -r file value; do [ ! -e "$file" ] || echo "$value" >"$file" || code=1; done <"$1/settings"
  return $code
}
