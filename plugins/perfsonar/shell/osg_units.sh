# NAME CONTAINER FOLDER UNIT...
# Prints `unit UNIT enabled|disabled active|inactive` of each that is there, and either; `psconfig`
# where FOLDER has one. NAME.service counts only where it speaks of CONTAINER: another may be called so.
name=$1 container=$2 folder=$3
shift 3
for unit; do
  file=/etc/systemd/system/$unit
  [ -f "$file" ] || continue
  [ "$unit" != "$name.service" ] || grep -q -- "$container" "$file" || continue
  case $(systemctl is-enabled "$unit" 2>/dev/null) in enabled*) enabled=enabled ;; *) enabled=disabled ;; esac
  systemctl -q is-active "$unit" 2>/dev/null && active=active || active=inactive
  [ "$enabled $active" = "disabled inactive" ] || printf 'unit %s %s %s\n' "$unit" "$enabled" "$active"
done
[ ! -d "$folder/psconfig" ] || echo psconfig
