# MARK: two processes are left behind, which hold our output open; MARK.daemons says which.
sleep 600 &
echo $! >>"$1.daemons"
setsid sleep 601 &
echo $! >>"$1.daemons"
echo begun
