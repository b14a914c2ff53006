# Included by programs that ask for addresses of names.

# address_of NAME: prints its IPv4 address, as long as it is none of the loopback's: Debian enters a
# host's own name there.
address_of() {
  getent ahostsv4 "$1" | awk '$1 !~ /^127\./ { print $1; exit }'
}

# address6_of NAME: prints its IPv6 address, none of the loopback's, of the link's, or made of an
# IPv4 address.
address6_of() {
  getent ahostsv6 "$1" | awk '$1 != "::1" && $1 !~ /^(fe80:|::ffff:)/ { print $1; exit }'
}
