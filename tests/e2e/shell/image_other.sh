# IMAGE: somebody who may push puts another image under its name.
exec 2>&1
docker pull -q "$1" >/dev/null
docker run --network none --name other "$1" touch /root/other
docker commit other "$1" >/dev/null && docker push -q "$1" 2>&1
docker rm other >/dev/null
