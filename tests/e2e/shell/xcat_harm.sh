# HARM: a program that finds in $pid the first process of xCAT's container, in $link its interface.
pid=$(docker inspect -f "{{.State.Pid}}" xcatmn)
link=$(ip -o link show master br0 | sed -n "s/^[0-9]*: \(vx[^@]*\)@.*/\1/p")
export pid link
sh -c "$1"
