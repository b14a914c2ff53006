# USER PASSWORD: logs in at the registry, in a folder of its own.
printf %s "$2" | docker --config /root/other login -u "$1" --password-stdin n1:5000 2>&1 |
  tail -n 1
