# Is an address free? Included; it does nothing by itself.
#
# Two programs are called arping: Thomas Habets' says 0 where somebody answers; that of iputils (and
# busybox) with -D says 0 where nobody does. Where there is neither, whoever is spoken to is in the
# kernel's own table.

# taken DEVICE ADDRESS
# Prints free, taken or unknown.
taken() {
  ip link show dev "$1" >/dev/null 2>&1 || { echo unknown; return; }
  if ! command -v arping >/dev/null 2>&1; then
    ip neigh flush to "$2" dev "$1" 2>/dev/null
    ping -c 1 -W 1 -I "$1" "$2" >/dev/null 2>&1 || poke "$2"
    sleep 0.5
    if ip neigh show to "$2" dev "$1" | grep -q lladdr; then echo taken; else echo free; fi
    return
  fi
  if arping -h 2>&1 | grep -qi habets; then
    arping -q -c 2 -w 2 -i "$1" "$2" >/dev/null 2>&1
    answered=$?
  else
    arping -D -q -c 2 -w 2 -I "$1" "$2" >/dev/null 2>&1
    answered=$?
    [ $answered -gt 1 ] || answered=$((1 - answered))
  fi
  case $answered in 0) echo taken ;; 1) echo free ;; *) echo unknown ;; esac
}

# poke ADDRESS: a datagram makes the kernel look for who has it
# shellcheck disable=SC2016
poke() { bash -c 'echo >"/dev/udp/$1/9"' poke "$1" 2>/dev/null; }
