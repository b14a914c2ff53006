# A host as the lab made it.
docker ps -aq | xargs -r docker rm -fv >/dev/null
rm -rf /var/lib/confluent-docker /var/lib/fairlead-images /var/lib/xcat-docker /root/.rpmmacros \
  /usr/local/sbin/runc
