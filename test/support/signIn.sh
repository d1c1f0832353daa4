#!/bin/sh
# A machine with an operator's account, for as long as sshd runs: a mount namespace of its own, in which /etc, /home and /run are thrown away at the
# end. The caller's folder $1 has sshd_config, keys, the console's program, and the helper's socket in run/; $2 is the project, $3 the login shell.
set -eu
folder=$1 project=$2 shell=$3 node=$4
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /home
mount -t tmpfs -o mode=755 tmpfs /opt
mount -t tmpfs -o mode=755 tmpfs /usr/local/bin
mkdir -p /run/sshd /run/quartermaster /opt/quartermaster/current/bin /etc/quartermaster /etc/ssh/authorized_keys
mount --bind "$folder/run" /run/quartermaster
for name in tui appliance src node_modules package.json; do ln -s "$project/$name" "/opt/quartermaster/current/$name"; done
ln -s "$node" /opt/quartermaster/current/bin/node
install -m 755 "$folder/console" /usr/local/bin/quartermaster-console
echo /usr/local/bin/quartermaster-console >>/etc/shells
useradd -m -s "$shell" admin
usermod -p '*' admin
install -m 644 "$folder/client.pub" /etc/ssh/authorized_keys/admin
# What a person with an account might leave lying about for sshd to run.
mkdir -p /home/admin/.ssh
printf 'echo OWNED >/run/quartermaster/owned\n' >/home/admin/.ssh/rc
printf 'PAGER=/bin/sh\nLD_PRELOAD=/tmp/x.so\nNODE_OPTIONS=--inspect\n' >/home/admin/.ssh/environment
printf 'echo OWNED >/run/quartermaster/owned\n' >/home/admin/.profile
cp "$folder/host" /etc/ssh/ssh_host_ecdsa_key
ssh-keygen -q -t rsa -b 2048 -N '' -f /etc/ssh/ssh_host_rsa_key <<Y >/dev/null 2>&1 || true
y
Y
chmod 600 /etc/ssh/ssh_host_*_key
exec /usr/sbin/sshd -D -e -f "$folder/sshd_config"
