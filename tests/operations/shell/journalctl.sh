echo 'level=info msg="Starting up"'
echo 'failed to start daemon: no such bridge br9'
