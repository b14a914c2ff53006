# Makes the stand-ins for Confluent's and xCAT's packages, in a tree with rpmbuild and Python; what they are made of stands beside this file there.
set -e
sources=/tmp/sources
python=$sources/python
mkdir -p $python/usr/bin
cp -L /usr/bin/python3 $python/usr/bin/python3
# Of Python what these programs import, and of the libraries what it loads.
python3 - >$sources/files <<'END'
import encodings.idna, json, os, pathlib, selectors, signal, socket, subprocess, sys, threading, uuid
files = {getattr(module, "__file__", None) or "" for module in sys.modules.values()}
print("\n".join(sorted(file for file in files if file.startswith("/"))))
END
ldd /usr/bin/python3 | grep -o '/[^ ]*' >>$sources/files
dynamic=$(grep -o "/[^ ]*dynload[^ ]*" $sources/files || :)
[ -z "$dynamic" ] || printf "%s\n" "$dynamic" | xargs ldd | grep -o "/lib[^ ]*" | tr -d : >>$sources/files
sort -u $sources/files | while read -r file; do
  mkdir -p "$python${file%/*}"
  cp -L "$file" "$python$file"
done
for version in 3.14.0 3.15.0; do
  rpmbuild -bb --define '_topdir /tmp/top' --define '_rpmdir /repository' --define "sources $sources" \
    --define "confluent $version" $sources/confluent.spec
done
for version in 2.18.1 2.19.0; do
  rpmbuild -bb --define '_topdir /tmp/top' --define '_rpmdir /repository' --define "sources $sources" \
    --define "xcat $version" $sources/xcat.spec
done
