# xCAT's container is started anew, and its daemon answers.
docker restart -t 1 xcatmn
until docker exec xcatmn /opt/xcat/bin/lsdef; do sleep 0.1; done
