# Stand-in packages of DAOS, by ../signed.sh. The server of 2.4.2 does not start, the engines of 2.8.1 do not.
for release in 2.4.0-2.el8 2.4.1-1.el8 2.4.2-1.el8 2.6.0-1.el8 2.6.5-1.el8 2.6.5-1.el9 2.8.0-1.el9 2.8.1-1.el9; do
  version=${release%%-*} distro=${release##*.} broken=no is_28=0
  build=${release#*-}
  case $version in 2.4.2) broken=control ;; 2.8.1) broken=engine ;; esac
  case $version in 2.8.*) is_28=1 ;; esac
  rpmbuild -bb --define '_topdir /tmp/top' --define '_rpmdir /repository' --define 'sources /tmp/sources' \
    --define "release_of_daos $version" --define "build_of_daos ${build%.*}" --define "distro $distro" \
    --define "broken $broken" --define "is_28 $is_28" /tmp/sources/daos.spec
done
