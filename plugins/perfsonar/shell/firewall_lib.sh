# The table of ours in nftables. Included; the words are FILE UNIT TABLE.
file=$1 unit=$2 table=$3

# listed: the table that the kernel has, as nft prints it; nothing where there is none
listed() { nft list table inet "$table" 2>/dev/null; }

# meant: the table of FILE as nft would print it, from a network namespace that is made for it and goes
meant() {
  # shellcheck disable=SC2016 # the inner shell's
  unshare -n sh -c 'nft -f "$1" && nft list table inet "$2"' meant "$file" "$table"
}

# load TEXT: it takes the place of the table that is there, at once; of "" none is there afterwards
load() {
  printf 'table inet %s\ndelete table inet %s\n%s\n' "$table" "$table" "$1" | nft -f -
}

is_enabled() { systemctl is-enabled --quiet "${unit##*/}" 2>/dev/null; }
