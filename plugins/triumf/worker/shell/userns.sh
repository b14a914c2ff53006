# Prints what keeps a process without privileges from a user namespace of its own, a line for each
# setting: NAME VALUE; nothing where nothing does.
cd /proc/sys || exit 2
setting() { # NAME FILE VALUE: prints the setting where it has this value
  [ "$(cat "$2" 2>/dev/null)" != "$3" ] || echo "$1 $3"
}
setting user.max_user_namespaces user/max_user_namespaces 0
setting kernel.unprivileged_userns_clone kernel/unprivileged_userns_clone 0
setting kernel.apparmor_restrict_unprivileged_userns kernel/apparmor_restrict_unprivileged_userns 1
[ -e /proc/self/ns/user ] || echo CONFIG_USER_NS n
