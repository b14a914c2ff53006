# WORD COMMAND...: sshd's answer to root is WORD; COMMAND starts it anew. sshd_config.before is what
# it was.
set -eu
word=$1
shift
config=/etc/ssh/sshd_config
cp -p $config $config.before
{
  echo "PermitRootLogin $word"
  grep -viE '^[[:space:]]*PermitRootLogin' $config.before
} >$config
"$@"
