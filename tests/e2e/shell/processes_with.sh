# PATTERN: the command lines of processes in whose words or environment it stands.
cd /proc && for process in [0-9]*; do
  if grep -qas "$1" "$process/cmdline" "$process/environ"; then
    tr '\0' ' ' <"$process/cmdline"
    echo
  fi
done
