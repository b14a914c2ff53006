# server_version PROGRAM: prints what daos_agent or dmg says of the version of the servers: `DAOS
# Control Server version 2.6.5`, or a refusal in which they name it. Programs before 2.6.1 know no
# server-version; what such an agent asks instead is answered, or refused, all the same.

"$1" server-version 2>&1 && exit
[ "$1" = daos_agent ] || exit 1
daos_agent dump-attachinfo -o /dev/null 2>&1
