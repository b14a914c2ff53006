# EXAMPLES: a unit that starts the agent by Compose, as somebody wrote it.
set -eu
exec 2>&1
cat >/etc/systemd/system/daos-agent-compose.service <<END
[Service]
Type=oneshot
RemainAfterExit=yes
WorkingDirectory=$1
ExecStart=/usr/bin/docker compose --project-directory $1 --file $1/docker-compose.client_sa.yml up -d daos_agent
ExecStop=/usr/bin/docker compose --project-directory $1 --file $1/docker-compose.client_sa.yml down
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl enable --now daos-agent-compose
