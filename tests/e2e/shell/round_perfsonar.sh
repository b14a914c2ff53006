# FOLDER: scheduled tests and remotes of a test point, as they lie on the disk.
cut -d'|' -f1 "$1/var/lib/postgresql/14/main/pscheduler/task"
grep -o 'https*://[^"]*' "$1/etc/perfsonar/psconfig/pscheduler-agent.json"
