#!/bin/sh
# Stands in for fairlead: tells the folder that it lies in, the repository, and every word.
folder=${0%/*}
printf '<%s>' "${folder##*/}" "$FAIRLEAD_HOME" "$@"
