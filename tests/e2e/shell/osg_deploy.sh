# IMAGE: OSG's deployment by its installer's units, which run. A stand-in, written from what is known of
# them: their names, what they start, and that the container goes whenever its unit stops. Its certbot
# sleeps, and nothing but the wrapper lies among its scripts.
set -eu
image=$1 name=perfsonar-testpoint home=/opt/perfsonar-tp units=/etc/systemd/system
mkdir -p "$home/psconfig" "$home/conf" "$home/tools_scripts" /etc/letsencrypt /var/www/html /run/dbus
podman pull -q "$image"
podman create --name seed "$image" true
podman cp seed:/etc/perfsonar/psconfig/. "$home/psconfig"
podman rm seed
printf '#!/bin/sh\nexec /lib/systemd/systemd\n' >"$home/tools_scripts/testpoint-entrypoint-wrapper.sh"
chmod 755 "$home/tools_scripts/testpoint-entrypoint-wrapper.sh"
echo key >/etc/letsencrypt/privkey.pem

cat >"$units/$name.service" <<EOF
[Unit]
Description=perfSONAR Testpoint Container
Wants=network-online.target
After=network-online.target
[Service]
Type=simple
Restart=always
RestartSec=10
ExecStartPre=-/usr/bin/podman rm -f $name
ExecStart=/usr/bin/podman run --name $name --replace --systemd=always --network host --privileged \\
  --cgroupns host --tmpfs /run --tmpfs /run/lock --tmpfs /tmp -v $home/psconfig:/etc/perfsonar/psconfig:Z \\
  -v /sys/fs/cgroup:/sys/fs/cgroup:rw -v $home/tools_scripts:$home/tools_scripts:ro -v /run/dbus:/run/dbus:ro \\
  -v /etc/letsencrypt:/etc/letsencrypt:z --cap-add=NET_RAW --cap-add=SYS_ADMIN --cap-add=SYS_PTRACE \\
  --label=io.containers.autoupdate=registry $image $home/tools_scripts/testpoint-entrypoint-wrapper.sh
ExecStop=/usr/bin/podman stop -t 10 $name
ExecStopPost=/usr/bin/podman rm -f $name
[Install]
WantedBy=multi-user.target
EOF
cat >"$units/perfsonar-certbot.service" <<EOF
[Unit]
After=$name.service
Requires=$name.service
[Service]
Restart=always
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
EOF
for unit in auto-update health-monitor; do
  printf '[Service]\nType=oneshot\nExecStart=/usr/bin/systemctl restart %s.service\n' "$name" >"$units/perfsonar-$unit.service"
  printf '[Timer]\nOnCalendar=*-*-* 03:00:00\n[Install]\nWantedBy=timers.target\n' >"$units/perfsonar-$unit.timer"
done
systemctl daemon-reload
systemctl enable --now "$name.service" perfsonar-certbot.service perfsonar-auto-update.timer perfsonar-health-monitor.timer
