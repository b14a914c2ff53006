# LOG of sshd: how many exec channels it has told of since /tmp/before was taken.
tail -c "+$(($(wc -c </tmp/before) + 1))" "$1" | grep -c "Starting session: command"
rm /tmp/before
