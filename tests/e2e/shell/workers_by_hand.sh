# DOMAIN PORT NAME...: the document's line for each, its logs on the engine; ports follow.
set -eu
exec 2>&1
domain=$1 port=$2
shift 2
for name; do
  docker run -d -it --name "$name" --hostname "$name.$domain" --cap-add SYS_ADMIN -v /home:/home \
    -v /etc/grid-security:/etc/grid-security -v /cvmfs:/cvmfs -v /opt/glite:/opt/glite \
    -v /etc/localtime:/etc/localtime -v "/var/log/$name:/var/log/condor" --memory 512m -p "$port:4080" \
    sl6-umd3condv4 /root/init
  port=$((port + 1))
done
