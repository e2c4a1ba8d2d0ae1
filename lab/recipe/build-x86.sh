#!/bin/sh
# build-x86.sh FOLDER: the keys of the x86_64 machine, and an adbd with all its libraries: FOLDER/{user-key,host-key,known-hosts,adbd}.
set -eu
. "$(dirname "$0")/debian.sh"
mkdir -p "$1"
ssh-keygen -q -t ed25519 -N '' -C x86-lab -f "$1/user-key"
ssh-keygen -q -t ed25519 -N '' -C x86-lab -f "$1/host-key"
echo "x86-lab $(cut -d' ' -f1,2 "$1/host-key.pub")" >"$1/known-hosts"

# Debian 12 has no adbd, and Debian 13's needs a newer libc than this host may have: x86-adbd starts it with its own. Its `adb` knows `push -Z`.
extract amd64 trixie "$1/adbd" adbd adb
