#!/bin/sh
# arping as Thomas Habets' is called and answers.
[ "$1" != -h ] || {
  echo 'ARPing 2.23, by Thomas Habets'
  exit
}
! busybox arping -D -q -c 2 -w 2 -I "$7" "$8"
