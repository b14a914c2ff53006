# FOLDER FILE UNIT TABLE PROGRAM...: a host in a network namespace of its own, which has tables of others (an
# engine's among them) and a systemctl that notes what is enabled. Runs each program (FOLDER/PROGRAM.sh; show:
# the tables, and whether the unit is enabled) and prints what it says, its exit code and ---.
set -e
folder=$1 file=$2 unit=$3 table=$4
shift 4
mount -t tmpfs t /var/lib
ip link set lo up
mkdir -p "$folder/bin"
cat >"$folder/bin/systemctl" <<'END'
#!/bin/sh
enabled=${0%/*}/enabled
for word; do case $word in is-enabled | enable | disable | is-active | restart | daemon-reload) verb=$word ;; esac; done
case $verb in is-enabled) [ -e "$enabled" ] ;; enable) : >"$enabled" ;; disable) rm -f "$enabled" ;; is-active) exit 3 ;; esac
END
chmod 755 "$folder/bin/systemctl"
PATH=$folder/bin:$PATH
: >"$unit"
cp "$file" "$folder/first"
nft -f - <<'END'
table ip nat { chain post { type nat hook postrouting priority 100; ip saddr 172.17.0.0/16 masquerade; }; }
table ip other { chain closed { type filter hook input priority 5; policy drop; }; }
END
set +e
for program; do
  case $program in
    show) (nft list ruleset; systemctl is-enabled x; ls "$folder/bin") 2>&1 ;;
    *) [ "$program" != firewall ] || cp "$folder/first" "$file"
      # shellcheck disable=SC2086 # words
      $SHELL_OF_TEST "$folder/$program.sh" "$file" "$unit" "$table" "$folder/kept" "$folder/etc/beside" 2>&1 ;;
  esac
  echo $?
  echo ---
done
