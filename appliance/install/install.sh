#!/bin/sh
# Makes this Debian 12 an appliance. A bare machine has no Node yet: the release brings its own. `install.sh --help` tells what it takes.
set -eu
release=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
if [ ! -x "$release/bin/node" ]; then
  echo "There is no $release/bin/node: run the install.sh of an unpacked release." >&2
  exit 1
fi
exec "$release/bin/node" "$release/appliance/install/main.ts" "$@"
