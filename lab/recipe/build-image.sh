#!/bin/sh
# build-image.sh redis|python|nginx|node|nodejs FILE: the tar archive of an amd64 container image made of Debian 12's packages.
set -eu
. "$(dirname "$0")/debian.sh"

case $1 in
  redis) programs="redis-server redis-tools" ;;
  python) programs="python3" ;;
  nginx) programs="nginx-light" ;;
  nodejs) programs="nodejs" ;;
  node) programs="libstdc++6 libatomic1" ;;
  *) fail "no recipe for an image named '$1'" ;;
esac

tree=$scratch/tree
# Perl and the service files come with helpers of the packages' installation, which never runs here.
# shellcheck disable=SC2086
extract amd64 bookworm "$tree" base-files base-passwd bash coreutils dash libc-bin $programs -- \
  'path-exclude=/usr/lib/x86_64-linux-gnu/perl*' 'path-exclude=/usr/share/perl*' 'path-exclude=/usr/bin/perl*' \
  'path-exclude=/lib/systemd/*' 'path-exclude=/usr/lib/systemd/*' 'path-exclude=/etc/init.d/*'

cp "$tree/usr/share/base-passwd/passwd.master" "$tree/etc/passwd"
cp "$tree/usr/share/base-passwd/group.master" "$tree/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$tree/etc/nsswitch.conf"
ldconfig -r "$tree"
rm -rf "$tree"/var/lib/dpkg "$tree"/var/lib/apt "$tree"/var/cache/* "$tree"/dev/* "$tree"/etc/apt "$tree"/etc/resolv.conf
mkdir -p "$tree/data" "$tree/proc" "$tree/sys"
if [ "$1" = nginx ]; then
  mkdir -p "$tree/var/log/nginx" "$tree/var/lib/nginx" "$tree/run" "$tree/var/www/html" "$tree/etc/nginx/sites-enabled"
  ln -sf ../sites-available/default "$tree/etc/nginx/sites-enabled/default"
  seq 10000 >"$tree/var/www/html/index.html"
  # Without CAP_SYS_RESOURCE, which the test machines lack, CRIU can't dump workers of another user.
  sed -i 's/^user .*/user root;/; s/^worker_processes .*/worker_processes 2;/' "$tree/etc/nginx/nginx.conf"
fi
if [ "$1" = node ]; then cp "$(dirname "$0")/../../node_modules/node/bin/node" "$tree/usr/bin/node"; fi
tar -C "$tree" --numeric-owner -cf "$2" .
