# A stand-in for ip, nsenter, uname, docker (its first word says which): a host with one management
# node that runs, and a web server.
case "$*" in
  "ip -o -4 addr show scope global") echo "2: br0    inet 10.5.106.1/24 brd 10.5.106.255 scope global br0" ;;
  "ip -4 route show default") echo "default via 192.0.2.1 dev eth1 proto dhcp" ;;
  "nsenter -n -t 42 ip -o"*) echo "7: eth0    inet 10.5.106.101/24 scope global eth0" ;;
  "nsenter -n -t 42 ip -4"*) echo "default via 10.5.106.1 dev eth0" ;;
  "uname -m") echo x86_64 ;;
  "docker container ls "*) printf '%s\n' "xcatmn xcat/xcat-ubuntu-x86_64" "web nginx" ;;
  "docker container inspect "*xcatmn) echo 42 ;;
  *) exit 1 ;;
esac
