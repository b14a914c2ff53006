#!/bin/sh
# A fairlead stand-in for chronyc and timedatectl: the clock of a lab host is the machine's, and nothing in the host keeps it.
# `touch /etc/lab-unsynchronised` makes it say that time is not kept.
synchronised() { [ ! -e /etc/lab-unsynchronised ]; }
case "$(basename "$0") $*" in
  'chronyc '*waitsync*) synchronised ;;
  'chronyc '*tracking*)
    if synchronised; then stratum=3 leap=Normal source='0A4D00FE (lab)'; else stratum=0 leap='Not synchronised' source='00000000 ()'; fi
    cat <<END
Reference ID    : $source
Stratum         : $stratum
Ref time (UTC)  : $(date -u '+%a %b %d %H:%M:%S %Y')
System time     : 0.000012000 seconds slow of NTP time
Last offset     : +0.000012000 seconds
RMS offset      : 0.000012000 seconds
Frequency       : 0.000 ppm slow
Residual freq   : +0.000 ppm
Skew            : 0.000 ppm
Root delay      : 0.000100000 seconds
Root dispersion : 0.000100000 seconds
Update interval : 64.0 seconds
Leap status     : $leap
END
    ;;
  'timedatectl '*--value*) if synchronised; then echo yes; else echo no; fi ;;
  'timedatectl show'*) if synchronised; then echo NTPSynchronized=yes; else echo NTPSynchronized=no; fi ;;
  'timedatectl '*)
    echo "System clock synchronized: $(if synchronised; then echo yes; else echo no; fi)"
    echo 'NTP service: active'
    ;;
  *) echo "$(basename "$0"): this stand-in knows tracking, waitsync and show" >&2; exit 1 ;;
esac
