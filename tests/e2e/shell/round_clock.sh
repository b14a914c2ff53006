# SECONDS: the clock of this host is set on by so much, or back; 0: it is right again. A stand-in,
# as the kernel's clock is the machine's: date and stat say what they would say then. A file that was
# written before has the time of before. What compares files by find -newer is not told.
if [ "$1" = 0 ]; then
  rm -f /usr/local/sbin/date /usr/local/sbin/stat
  rm -f /etc/lab-clock
  exit
fi
echo "$(/usr/bin/date +%s) $1" >>/etc/lab-clock
cat >/usr/local/sbin/date.new <<'END'
#!/bin/sh
# date of a host whose clock was set: a stand-in.
case "$*" in *-d* | *-r* | *--date* | *--reference*) exec /usr/bin/date "$@" ;; esac
jump=$(awk '{ sum += $2 } END { print sum + 0 }' /etc/lab-clock)
exec /usr/bin/date -d "@$(($(/usr/bin/date +%s) + jump))" "$@"
END
cat >/usr/local/sbin/stat.new <<'END'
#!/bin/sh
# stat of a host whose clock was set: a stand-in that knows the formats %Y and %Y with more behind it.
case "$1 $2" in "-c %Y"*) ;; *) exec /usr/bin/stat "$@" ;; esac
/usr/bin/stat "$@" | awk '
  FILENAME == "/etc/lab-clock" { since[++jumps] = $1; by[jumps] = $2; next }
  {
    for (n = 1; n <= jumps; n++) if ($1 + 0 >= since[n] + 0) late += by[n]
    $1 += late
    late = 0
    print
  }
' /etc/lab-clock -
[ -e "$3" ]
END
for name in date stat; do
  chmod 755 "/usr/local/sbin/$name.new"
  mv "/usr/local/sbin/$name.new" "/usr/local/sbin/$name"
done
