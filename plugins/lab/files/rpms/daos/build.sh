# Stand-in packages of DAOS, by ../signed.sh. 2.4.2 is broken: its server does not start.
for release in 2.4.0-2 2.4.1-1 2.4.2-1 2.6.0-1; do
  broken=no; [ "$release" != 2.4.2-1 ] || broken=yes
  rpmbuild -bb --define '_topdir /tmp/top' --define '_rpmdir /repository' --define 'sources /tmp/sources' \
    --define "release_of_daos ${release%-*}" --define "build_of_daos ${release#*-}" --define "broken $broken" /tmp/sources/daos.spec
done
