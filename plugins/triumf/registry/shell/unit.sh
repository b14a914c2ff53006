# Prints the registry's units of systemd that this host has, one a line.
for name in docker-registry docker-distribution; do
  systemctl cat "$name.service" >/dev/null 2>&1 && echo "$name"
done
true
