# MOST: sshd allows so many sessions on a connection, and the connections of now are cut; "": as many
# as ever.
most=$1
config=/etc/ssh/sshd_config
[ -e "$config.lab" ] || cp -p "$config" "$config.lab"
if [ -n "$most" ]; then
  { echo "MaxSessions $most" && cat "$config.lab"; } >"$config.new"
  mv "$config.new" "$config"
else
  mv "$config.lab" "$config"
fi
kill -HUP "$(cat /run/sshd.pid)"
[ -z "$most" ] || pkill -9 -f '^sshd(-session)?: .*root'
