# clock
# Prints who keeps time (chrony, ntpd or timesyncd), and what that says; nothing where nobody does.
if answer=$(chronyc -n tracking 2>/dev/null); then
  printf 'chrony\n%s\n' "$answer"
elif answer=$(ntpq -c 'rv 0 leap,stratum,offset' 2>/dev/null) && [ -n "$answer" ]; then
  printf 'ntpd\n%s\n' "$answer"
elif answer=$(timedatectl show 2>/dev/null); then
  printf 'timesyncd\n%s\n' "$answer"
  timedatectl timesync-status 2>/dev/null
elif answer=$(timedatectl 2>/dev/null); then
  printf 'timesyncd\n%s\n' "$answer"
fi
