# What a program does to cut its own connection: the server's process for it ends, whatever shells
# stand between.
p=$PPID
while [ "$(cat "/proc/$p/comm")" != sshd ]; do
  p=$(awk '/^PPid/ { print $2 }' "/proc/$p/status")
done
kill -9 "$p"
sleep 5
