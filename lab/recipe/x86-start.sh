#!/bin/sh
# x86-start.sh FOLDER KEYS ADDRESS HOST_ADDRESS DEVICE CONTROL_GROUP: starts the x86_64 machine, whose first process then is FOLDER/machine.pid.
set -eu
recipe=$(cd "$(dirname "$0")" && pwd)
folder=$1 keys=$2 address=$3 host_address=$4 device=$5 control_group=$6
rm -rf "$folder/data" "$folder/machine.pid"
# The folders that take the place of the host's own, by their path there.
mkdir -p "$folder/data/run/sshd" "$folder/data/tmp" "$folder/data/root"
chmod 755 "$folder/data/run/sshd"
chmod 700 "$folder/data/root"
chmod 1777 "$folder/data/tmp"
for path in /srv/docker /var/lib/docker /var/lib/containerd /var/lib/migrate-container; do
  mkdir -p "$folder/data$path" "$path"
done
# A copy, not single files: the kernel takes a mount away when the computer replaces the file under it.
# Locks and temporary files of the computer's useradd may go meanwhile, or come along.
cp -a /etc "$folder/data/etc" || true
rm -rf "$folder"/data/etc/*.lock "$folder/data/etc/docker"
mkdir "$folder/data/etc/docker"
# sudo looks it up for every command.
echo '127.0.1.1 x86-lab' >>"$folder/data/etc/hosts"
# As on most boards, a user who may do everything with sudo, without a password. "*" locks no account, as "!" does for sshd.
useradd --prefix "$folder/data" --create-home --home-dir /run/sudoer --shell /bin/sh --password '*' sudoer
echo 'sudoer ALL=(ALL:ALL) NOPASSWD: ALL' >"$folder/data/etc/sudoers.d/sudoer"
install -m 600 "$keys/host-key" "$folder/data/run/sshd/host-key"
install -m 644 "$keys/user-key.pub" "$folder/data/run/sshd/authorized-keys"
cp -a "$keys/adbd" "$folder/data/run/adbd"
install -m 755 "$recipe/x86-adbd" "$folder/data/run/adbd/start"
sed "s/@ADDRESS@/$address/" "$recipe/x86-sshd.conf" >"$folder/data/run/sshd/config"

setsid unshare --mount --pid --fork --net --uts --ipc sh "$recipe/x86-init" "$folder" "$address" "$host_address" "$control_group" \
  </dev/null >"$folder/machine.log" 2>&1 &
starter=$!
until [ -s "$folder/machine.pid" ]; do
  kill -0 "$starter" 2>/dev/null || { cat "$folder/machine.log" >&2; exit 1; }
  sleep 0.05
done
# One end of the cable here, the other in the machine.
ip link add "$device" type veth peer name eth0 netns "$(cat "$folder/machine.pid")"
ip addr add "$host_address/30" dev "$device"
ip link set "$device" up
