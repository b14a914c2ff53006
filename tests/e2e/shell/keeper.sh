#!/bin/sh
# A store of passwords that holds one, beside itself.
[ "$*" = "show fairlead/elsewhere" ] || {
  echo "Error: $2 is not in the password store." >&2
  exit 1
}
cat "$0.value"
