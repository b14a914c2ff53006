# What somebody may have changed on a host: containers, images, volumes, the files of fairlead and
# of the system. $1: `containers` leaves fairlead's own journal and runs out.
tries=50
# a run tidies up after it has told its end
while pgrep -f '[/]run/fairlead/runs/' >/dev/null && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.Image}} {{.State}}' | sort
docker images --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}' | sort
docker volume ls -q | sort
find /var/lib/perfsonar-testpoint /var/lib/notice-board /tmp -printf '%p %y %m %u %s\n' 2>/dev/null |
  sort
# the answers to questions lie in /run/fairlead for a moment: that folder's own time says nothing
[ "$1" = containers ] ||
  find /var/lib/fairlead /run/fairlead ! -path /run/fairlead -printf '%p %y %m %s %T@\n' \
    2>/dev/null | sort
