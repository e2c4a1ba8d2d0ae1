#!/bin/sh
# build-machine.sh arm64|amd64 FOLDER: a Debian 13 machine with Docker: FOLDER/{vmlinuz,disk.ext4,user-key,known-hosts}.
# No root mounts, no loop devices, and no program of the machine is run.
set -eu
recipe=$(dirname "$0")
. "$recipe/debian.sh"
architecture=$1 out=$2
name=$architecture-lab
mkdir -p "$out"

case $architecture in
  # Containers arrive here, whose programs an emulator runs.
  arm64) special="qemu-user" ;;
  # Containers leave from here, so that this has what Node.js needs.
  amd64) special="libatomic1 libstdc++6" ;;
  *) fail "no recipe for a machine of architecture '$architecture'" ;;
esac

tree=$scratch/tree
# The programs first, then the base that an unconfigured tree has to be told of by name. Of the 40
# emulators in qemu-user (450 MB) one is kept.
# shellcheck disable=SC2086
extract "$architecture" trixie "$tree" \
  docker.io docker-cli containerd runc crun iptables openssh-server openssh-client $special \
  adbd iproute2 procps zstd kmod busybox-static \
  base-files base-passwd bash coreutils dash debianutils diffutils findutils grep gzip hostname libc-bin \
  mawk mount sed tar util-linux -- \
  'path-exclude=/usr/bin/qemu-*' 'path-include=/usr/bin/qemu-x86_64' \
  'path-exclude=/usr/share/perl*' 'path-exclude=/usr/lib/*/perl*' \
  'path-exclude=/usr/bin/ctr' 'path-exclude=/usr/bin/containerd-stress'

if [ "$architecture" = arm64 ]; then
  # Debian 12's emulator is the one in use: from QEMU 8 on, mmap answers with addresses above 2^47, which
  # no x86_64 kernel does and which jemalloc (redis) doesn't survive.
  use_release "$architecture" bookworm
  unpack_package qemu-user-static "$scratch/emulator"
  cp "$scratch/emulator/usr/bin/qemu-x86_64-static" "$tree/usr/bin/"
fi

use_release "$architecture" trixie
kernel=$(apt_there apt-cache depends "linux-image-cloud-$architecture" | awk '$1 == "Depends:" && $2 ~ /^linux-image-/ { print $2; exit }')
[ -n "$kernel" ] || fail "Debian 13 names no kernel for linux-image-cloud-$architecture"
unpack_package "$kernel" "$scratch/kernel"
cp "$scratch"/kernel/boot/vmlinuz-* "$out/vmlinuz"

# The modules, unpacked (xz is slow under emulation) and without drivers that this machine has no device for.
[ -d "$scratch/kernel/usr/lib/modules" ] || mv "$scratch/kernel/lib" "$scratch/kernel/usr/lib"
version=$(ls "$scratch/kernel/usr/lib/modules")
modules=$scratch/kernel/usr/lib/modules/$version
for unneeded in drivers/infiniband drivers/net/ethernet drivers/gpu drivers/media drivers/scsi drivers/hv drivers/iommu \
  drivers/nvme drivers/usb drivers/md drivers/input drivers/ata drivers/target drivers/pci drivers/vdpa \
  fs/btrfs fs/xfs fs/nfs fs/nfsd fs/ceph fs/smb fs/ocfs2 fs/gfs2 fs/f2fs net/sunrpc net/ceph net/sctp net/tipc; do
  rm -rf "${modules:?}/kernel/$unneeded"
done
find "$modules" -name '*.ko.xz' -exec xz -d {} +
mkdir -p "$tree/usr/lib/modules"
mv "$modules" "$tree/usr/lib/modules/"
depmod -b "$tree" "$version"

# What the packages' own scripts would have done.
cp "$tree/usr/share/base-passwd/passwd.master" "$tree/etc/passwd"
cp "$tree/usr/share/base-passwd/group.master" "$tree/etc/group"
echo 'sshd:x:998:65534::/run/sshd:/usr/sbin/nologin' >>"$tree/etc/passwd"
echo 'docker:x:997:' >>"$tree/etc/group"
echo 'root:*:20000:0:99999:7:::' >"$tree/etc/shadow"
chmod 640 "$tree/etc/shadow"
printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n' >"$tree/etc/nsswitch.conf"
echo "$name" >"$tree/etc/hostname"
echo "127.0.0.1 localhost $name" >"$tree/etc/hosts"
rm -f "$tree/etc/resolv.conf"
echo 'nameserver 10.0.2.3' >"$tree/etc/resolv.conf"
ln -sf /proc/self/mounts "$tree/etc/mtab"
rm -rf "$tree/var/run" "$tree/var/lock"
ln -s /run "$tree/var/run"
ln -s /run/lock "$tree/var/lock"
ln -sf mawk "$tree/usr/bin/awk"
for program in iptables ip6tables; do
  for variant in '' -save -restore; do
    ln -sf "$program-nft$variant" "$tree/usr/sbin/$program$variant"
  done
done
rm -rf "$tree"/var/cache/apt "$tree"/var/lib/apt "$tree"/dev/*
mkdir -p "$tree/proc" "$tree/sys" "$tree/run" "$tree/tmp" "$tree/etc/docker"
cat >"$tree/etc/containerd/config.toml" <<'END'
version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.nri.v1.nri", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.blockfile"]
END
install -m 755 "$recipe/machine-init" "$tree/lab-init"

# Keys of this lab alone: the user's, and the machine's, which the user's known-hosts file names.
ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$out/user-key"
rm -f "$tree"/etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$tree/etc/ssh/ssh_host_ed25519_key"
echo "$name $(cut -d' ' -f1,2 "$tree/etc/ssh/ssh_host_ed25519_key.pub")" >"$out/known-hosts"
cp "$recipe/machine-sshd.conf" "$tree/etc/ssh/sshd_config"
mkdir -p "$tree/root/.ssh"
chmod 700 "$tree/root" "$tree/root/.ssh"
install -m 600 "$out/user-key.pub" "$tree/root/.ssh/authorized_keys"

truncate -s 6G "$out/disk.ext4"
mke2fs -q -t ext4 -m 0 -O '^has_journal' -E lazy_itable_init=1,nodiscard,root_owner=0:0 -d "$tree" "$out/disk.ext4"
