#!/bin/sh
# Brings what the tests need: npm's packages, and the programs of Debian that they try the product with.
# Where it may not install them it says which are missing and goes on: the tests that want them are skipped or say so.
set -eu
cd "$(dirname "$0")/../.."

# A node_modules that is a link belongs to another checkout, which keeps it up to date.
if [ ! -L node_modules ] && [ ! node_modules/.package-lock.json -nt package-lock.json ]; then npm ci; fi

has_postgresql() {
  for folder in /usr/lib/postgresql/*/bin; do
    major=${folder#/usr/lib/postgresql/}
    if [ -x "$folder/initdb" ] && [ "${major%%[!0-9]*}" -ge 15 ]; then return 0; fi
  done
  return 1
}

missing=''
for program in chromium openssl promtool tmux tinyproxy stunnel4; do
  command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
has_postgresql || missing="$missing postgresql"
[ -x /usr/sbin/slapd ] || missing="$missing slapd"
command -v ldapmodify >/dev/null 2>&1 || missing="$missing ldap-utils"
[ -x /usr/sbin/sshd ] || missing="$missing openssh-server"
[ -x /usr/sbin/rsyslogd ] || missing="$missing rsyslog"
[ -n "$(find /usr/lib -name lmnsd_gtls.so 2>/dev/null)" ] || missing="$missing rsyslog-gnutls"
[ -n "$missing" ] || exit 0

install() { apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"; }

# Debian's package would make a cluster and start it on 5432, which is nobody's wish here: its tools are told not to, for this once.
install_postgresql() {
  settings=/etc/postgresql-common/createcluster.conf
  install postgresql-common
  cp -p "$settings" "$settings.before"
  echo 'create_main_cluster = false' >>"$settings"
  status=0
  install postgresql || status=$?
  mv "$settings.before" "$settings"
  return "$status"
}

# The tool alone: the package would start a Prometheus.
install_promtool() {
  folder=$(mktemp -d)
  chmod 755 "$folder"
  status=0
  (cd "$folder" && apt-get -q download prometheus && dpkg-deb -x prometheus_*.deb . && command install -m 755 usr/bin/promtool /usr/local/bin/promtool) || status=$?
  rm -r "$folder"
  return "$status"
}

install_missing() {
  apt-get -q update || return
  for package in $missing; do
    case $package in
      postgresql) install_postgresql || return ;;
      # Without a configuration its package starts nothing.
      slapd) echo 'slapd slapd/no_configuration boolean true' | debconf-set-selections && install slapd || return ;;
      # The program alone: the package of its own name would start it as a service.
      tinyproxy) install tinyproxy-bin || return ;;
      promtool) install_promtool || return ;;
      *) install "$package" || return ;;
    esac
  done
}

export DEBIAN_FRONTEND=noninteractive
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "These programs are missing, and only root can install them:$missing. Some tests will be skipped." >&2
elif ! install_missing; then
  echo "Not all of these could be installed from Debian's packages:$missing. Some tests will be skipped." >&2
fi
