# FOLDER COMMAND...: in a mount namespace of its own: what root leaves in /var/lib and /run is in FOLDER.
mount --bind "$1/lib" /var/lib && mount --bind "$1/run" /run && shift && exec "$@"
