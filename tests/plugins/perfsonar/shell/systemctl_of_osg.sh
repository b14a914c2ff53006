# systemctl of a host where the timer is enabled and runs, and the test point's unit runs.
case $* in
  *is-enabled*timer) echo enabled ;;
  *is-enabled*update.service) echo static ;;
  *is-active*timer | *is-active*testpoint.service) exit 0 ;;
  *is-*) exit 3 ;;
esac
