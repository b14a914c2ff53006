# Included by programs that ask for addresses of names.

# address_of NAME: prints its IPv4 address, as long as it is none of the loopback's: Debian enters a
# host's own name there.
address_of() {
  getent ahostsv4 "$1" | awk '$1 !~ /^127\./ { print $1; exit }'
}
