# today PATH...: what the container that runs is, and has; run inside. Prints `version WORDS` as xcatd
# says it; `unkept PATH` for each PATH with something in it that no volume keeps; `dhcpd COUNT` where
# dhcpd has a configuration, with the number of its leases; `end` last.

# is_kept PATH: does it lie on a file system that is mounted into the container?
is_kept() {
  place=$(readlink -f "$1") || return 1
  while [ -n "$place" ]; do
    awk -v place="$place" '$5 == place { found = 1 } END { exit !found }' /proc/self/mountinfo &&
      return 0
    place=${place%/*}
  done
  return 1
}

printf 'version %s\n' "$(/opt/xcat/bin/lsxcatd -a 2>/dev/null | grep '^Version' | head -n 1)"
for path; do
  [ -n "$(ls -A "$path" 2>/dev/null)" ] || continue
  is_kept "$path" || printf 'unkept %s\n' "$path"
done
if [ -s /etc/dhcp/dhcpd.conf ] || [ -s /etc/dhcpd.conf ]; then
  leases=$(cat /var/lib/dhcpd/dhcpd.leases /var/lib/dhcp/dhcpd.leases 2>/dev/null | grep -c '^lease ')
  printf 'dhcpd %s\n' "$leases"
fi
echo end
