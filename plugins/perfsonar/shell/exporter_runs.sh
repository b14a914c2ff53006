# WORD...: does node_exporter run here with these words, and answer? Run inside. Some collectors end it
# at the first question, so it is asked one. 1: not so.
words=
for process in /proc/[0-9]*; do
  words=$(tr '\0' '\n' <"$process/cmdline") 2>/dev/null || continue
  case $words in */usr/bin/node_[e]xporter*) break ;; esac
  words=
done
[ -n "$words" ] || { echo "node_exporter does not run here; the supervisord flavor has none" >&2; exit 1; }
for word; do printf '%s\n' "$words" | grep -qxF -e "$word" || exit 1; done
place=$(printf '%s\n' "$words" | sed -n 's/^--web.listen-address=//p; /^--web.listen-address$/{n;p;}' | tail -n 1)
place=${place:-:9100}
case $place in :*) place=localhost$place ;; esac
curl -sf -m 10 "http://$place/metrics" >/dev/null
