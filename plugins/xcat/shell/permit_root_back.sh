# COMMAND...: undo of permit_root.sh: sshd's configuration is what it was.
config=/etc/ssh/sshd_config
[ ! -e $config.before ] || {
  mv $config.before $config
  "$@" || :
}
