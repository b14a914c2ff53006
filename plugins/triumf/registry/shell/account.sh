# USER: prints its UID:GID; nothing where there is no such user.
getent passwd "$1" | cut -d: -f3,4
