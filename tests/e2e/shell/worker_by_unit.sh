# NAME: its container is of a unit that somebody wrote, and runs by it.
set -eu
exec 2>&1
cat >"/etc/systemd/system/worker-$1.service" <<END
[Service]
ExecStart=/usr/bin/docker start -a $1
Restart=always
[Install]
WantedBy=multi-user.target
END
docker stop -t 1 "$1"
systemctl daemon-reload
systemctl enable --now "worker-$1"
