# WORD: is sshd's answer to root WORD, once and in no other spelling?
config=/etc/ssh/sshd_config
[ "$(grep -iE "^[[:space:]]*PermitRootLogin" $config)" = "PermitRootLogin $1" ]
