#!/bin/sh
# build-image.sh redis|python|nginx|postgres|node|nodejs FILE: the tar archive of an amd64 container image made of Debian's packages;
# redis-arm64, …: of an arm64 one.
set -eu
. "$(dirname "$0")/debian.sh"

suite=bookworm
case $1 in
  *-arm64) architecture=arm64 ;;
  *) architecture=amd64 ;;
esac
name=${1%-arm64}
case $name in
  redis) programs="redis-server redis-tools" ;;
  python) programs="python3" ;;
  nginx) programs="nginx-light" ;;
  nodejs) programs="nodejs" ;;
  node) programs="libstdc++6 libatomic1" ;;
  # Before version 16, PostgreSQL works in its signal handlers, which QEMU 7.2 enters with a misaligned stack: it dies under it,
  # moved or not.
  postgres) suite=trixie programs="postgresql-17" ;;
  *) fail "no recipe for an image named '$1'" ;;
esac

tree=$scratch/tree
# Perl and the service files come with helpers of the packages' installation, which never runs here. PostgreSQL does without
# its just-in-time compiler (120 MB) when the file is missing.
# shellcheck disable=SC2086
extract "$architecture" "$suite" "$tree" base-files base-passwd bash coreutils dash libc-bin $programs -- \
  'path-exclude=/usr/lib/*-linux-gnu/perl*' 'path-exclude=/usr/share/perl*' 'path-exclude=/usr/bin/perl*' \
  'path-exclude=/lib/systemd/*' 'path-exclude=/usr/lib/systemd/*' 'path-exclude=/etc/init.d/*' \
  'path-exclude=/usr/lib/llvm-*' 'path-exclude=/usr/lib/*-linux-gnu/libLLVM*' 'path-exclude=/usr/lib/postgresql/*/bitcode*' \
  'path-exclude=/usr/lib/postgresql/*/llvmjit*'

cp "$tree/usr/share/base-passwd/passwd.master" "$tree/etc/passwd"
cp "$tree/usr/share/base-passwd/group.master" "$tree/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$tree/etc/nsswitch.conf"
ldconfig -r "$tree"
rm -rf "$tree"/var/lib/dpkg "$tree"/var/lib/apt "$tree"/var/cache/* "$tree"/dev/* "$tree"/etc/apt "$tree"/etc/resolv.conf
rm -rf "$tree/var/run"
ln -s /run "$tree/var/run"
mkdir -p "$tree/data" "$tree/proc" "$tree/sys"
if [ "$name" = nginx ]; then
  mkdir -p "$tree/var/log/nginx" "$tree/var/lib/nginx" "$tree/run" "$tree/var/www/html" "$tree/etc/nginx/sites-enabled"
  ln -sf ../sites-available/default "$tree/etc/nginx/sites-enabled/default"
  seq 10000 >"$tree/var/www/html/index.html"
  # Without CAP_SYS_RESOURCE, which the test machines lack, CRIU can't dump workers of another user.
  sed -i 's/^user .*/user root;/; s/^worker_processes .*/worker_processes 2;/' "$tree/etc/nginx/nginx.conf"
fi
if [ "$name" = postgres ]; then
  echo 'postgres:x:999:999::/var/lib/postgresql:/bin/sh' >>"$tree/etc/passwd"
  echo 'postgres:x:999:' >>"$tree/etc/group"
  mkdir -p "$tree/run/postgresql" "$tree/var/lib/postgresql"
  chown -R 999:999 "$tree/run/postgresql" "$tree/var/lib/postgresql"
fi
if [ "$name" = node ]; then cp "$(dirname "$0")/../../node_modules/node/bin/node" "$tree/usr/bin/node"; fi
tar -C "$tree" --numeric-owner -cf "$2" .
