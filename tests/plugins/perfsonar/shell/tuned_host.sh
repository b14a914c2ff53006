# FOLDER: sets TCP's settings of a network namespace of its own by FOLDER's programs; then one that no kernel has.
folder=$1
run() { program=$1; shift; sh "$folder/$program.sh" /proc/sys "$folder/etc/ours" "$folder/kept" "$folder/before"; }
first='net.ipv4.tcp_rmem = 4096 131072 33554432'
tcp=/proc/sys/net/ipv4
echo reno >$tcp/tcp_congestion_control
echo "$first" | run tune
echo "set $?"
echo "$first" | run tuned
echo "asked $?"
tr '\t' ' ' <$tcp/tcp_rmem
printf '%s\n' 'net.ipv4.tcp_rmem = 4096 131072 44554432' 'net.ipv4.tcp_congestion_control = nonesuch' | run tune
echo "set $?"
run untune </dev/null
echo "back $?"
tr '\t' ' ' <$tcp/tcp_rmem
cat $tcp/tcp_congestion_control "$folder/etc/ours"
