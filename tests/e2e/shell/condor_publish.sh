# IMAGE RELEASE INIT CONFIG KEY: a worker's image, pushed into the registry. A release that is `broken`
# has a startd that ends at once. The first one is the central manager's too.
set -e
image=$1 release=$2
docker rm -f made >/dev/null 2>&1 || :
docker create --name made htcondor:base true >/dev/null
root=$(mktemp -d)
cd "$root"
mkdir -p root etc/condor/config.d etc/condor/passwords.d
printf '%s' "$3" >root/init
chmod 755 root/init
echo "$release" >etc/condor/release
printf '%s' "$4" >etc/condor/config.d/50-pool
case $release in broken*) echo 'STARTD = /bin/false' >etc/condor/config.d/60-broken ;; esac
echo "$5" >etc/condor/passwords.d/POOL
chmod 700 etc/condor/passwords.d root
chmod 600 etc/condor/passwords.d/POOL
tar -cf - . | docker cp - made:/
docker commit made "$image" >/dev/null
docker image inspect htcondor:manager >/dev/null 2>&1 || docker tag "$image" htcondor:manager
docker rm made >/dev/null
cd /
rm -rf "$root"
docker push -q "$image" 2>&1
