#!/bin/sh
# build-service-image.sh go|musl FILE: the tar archive of an amd64 container image that holds nothing but a program
# compiled from service.go or service.c. The compilers come from Debian 12's packages and are thrown away.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/debian.sh"

tools=$scratch/tools
tree=$scratch/tree
mkdir -p "$tree/etc" "$tree/proc" "$tree/sys"
echo root:x:0:0:root:/:/service >"$tree/etc/passwd"

case $1 in
  go)
    # Only unpacked: of what golang-1.19-go depends on, it needs its own sources and this machine's libc.
    use_release amd64 bookworm
    unpack_package golang-1.19-go "$tools"
    unpack_package golang-1.19-src "$tools"
    export GOROOT="$tools/usr/lib/go-1.19" GOCACHE="$scratch/cache" GO111MODULE=off CGO_ENABLED=0
    "$GOROOT/bin/go" build -o "$tree/service" "$here/service.go"
    ;;
  musl)
    extract amd64 bookworm "$tools" dash musl-tools
    cp "$here/service.c" "$tools/service.c"
    chroot "$tools" musl-gcc -O2 -Wall -Werror -static -o /service-static /service.c
    chroot "$tools" musl-gcc -O2 -Wall -Werror -o /service-dynamic /service.c
    mkdir -p "$tree/lib"
    cp "$tools/service-static" "$tools/service-dynamic" "$tree"
    cp -L "$tools/lib/ld-musl-x86_64.so.1" "$tree/lib/ld-musl-x86_64.so.1"
    ;;
  *) fail "no recipe for a service in '$1'" ;;
esac
tar -C "$tree" --numeric-owner -cf "$2" .
