# Prints a line for each of the registry's possible services: active, inactive, failed.
for name in docker-registry docker-distribution; do
  systemctl is-active $name 2>/dev/null
done
true
