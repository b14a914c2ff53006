# WORD: sshd's answer to root is WORD. sshd_config.before is what it was.
set -eu
config=/etc/ssh/sshd_config
cp -p $config $config.before
{
  echo "PermitRootLogin $1"
  grep -viE '^[[:space:]]*PermitRootLogin' $config.before
} >$config
service ssh restart
