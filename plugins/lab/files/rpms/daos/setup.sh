#!/bin/sh
# The stand-in for SPDK's scripts/setup.sh: says how it was called. setup.sh status|config|reset
echo "setup.sh $* PCI_ALLOWED=${PCI_ALLOWED-} DRIVER_OVERRIDE=${DRIVER_OVERRIDE-}"
