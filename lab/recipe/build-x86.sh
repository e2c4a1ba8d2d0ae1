#!/bin/sh
# build-x86.sh FOLDER: the keys of the x86_64 machine, which needs nothing else: FOLDER/{user-key,host-key,known-hosts}.
set -eu
mkdir -p "$1"
ssh-keygen -q -t ed25519 -N '' -C x86-lab -f "$1/user-key"
ssh-keygen -q -t ed25519 -N '' -C x86-lab -f "$1/host-key"
echo "x86-lab $(cut -d' ' -f1,2 "$1/host-key.pub")" >"$1/known-hosts"
