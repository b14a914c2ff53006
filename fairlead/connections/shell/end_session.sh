# TOKEN is in `token`: ends every process of a session, wherever it runs on this host, also inside a
# container, which a signal to `docker exec` does not reach: all that have FAIRLEAD_SESSION=TOKEN in
# their environment. Root sees those of all users, another user his own.
# shellcheck disable=SC2154,SC2086 # one word for each process
end_session() {
  for signal in TERM 0 0 0 0 0 KILL;
  do
    pids=$(grep -ls "FAIRLEAD_SESSION=$token" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3);
    [ -n "$pids" ] || break;
    kill "-$signal" $pids 2>/dev/null;
    sleep 0.3;
  done;
};
