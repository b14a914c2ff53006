# USER PASSWORD: root of this host is let in at the registry.
printf %s "$2" | docker login -u "$1" --password-stdin n1:5000 2>/dev/null | tail -n 1
