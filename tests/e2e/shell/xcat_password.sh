# PASSWORD: says yes where it is root's inside.
password=$1
IFS=: read -r _ hash _ <<END
$(docker exec xcatmn grep ^root: /etc/shadow)
END
# shellcheck disable=SC2016
salt=${hash#'$6$'}
[ "$(openssl passwd -6 -salt "${salt%%'$'*}" "$password")" = "$hash" ] && echo yes
