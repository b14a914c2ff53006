# opensvc_unreal: nothing of a real agent stays, nor of its process groups.

rm -rf /root/opensvc /usr/share/opensvc /etc/default/opensvc /var/log/opensvc
find /sys/fs/cgroup -depth -type d -path '*/opensvc.slice*' -exec rmdir {} + 2>/dev/null
touch /.dockerenv
