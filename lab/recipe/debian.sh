# Sourced by the recipes: signed Debian packages from the mirror that this machine itself uses.
# Nothing here runs code of another architecture, and nothing is taken without apt's signature check.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
  echo "lab: $*" >&2
  exit 1
}

# The mirror of this machine's own Debian sources, whatever their format (one-line or deb822).
debian_mirror() {
  apt-get indextargets --format '$(SITE) $(COMPONENT) $(RELEASE)' 'Created-By: Packages' |
    awk '$2 == "main" && $3 ~ /^(bookworm|trixie|stable|oldstable)$/ { print $1; exit }'
}

mirror=$(debian_mirror)
[ -n "$mirror" ] || fail "no Debian mirror found in this machine's apt sources; add one (deb <mirror> bookworm main) to /etc/apt/sources.list"

# apt_settings FILE: how this machine reaches its mirror (proxy, certificates) and what it thinks of
# dates, for the apt runs that don't read the machine's own settings.
apt_settings() {
  apt-config dump | grep -E '^Acquire::(http|https|Check-Date|Check-Valid-Until|Retries)\b.* ".+";$' >"$1" || true
}

# The settings file must not end in a name apt would skip, and lives as long as the recipe's scratch folder.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
apt_settings "$scratch/apt.conf"

# extract ARCHITECTURE SUITE FOLDER PACKAGE… [-- DPKG_OPTION…]: the packages and what they depend on,
# unpacked but not configured. That needs no emulation and takes a tenth of the time.
extract() {
  architecture=$1 suite=$2 folder=$3
  shift 3
  packages=
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    packages="$packages,$1"
    shift
  done
  [ $# -eq 0 ] || shift
  for rule in 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/man/*' 'path-exclude=/usr/share/info/*' \
    'path-exclude=/usr/share/locale/*' 'path-exclude=/usr/share/lintian/*' 'path-exclude=/usr/share/bug/*' \
    'path-exclude=/usr/lib/*/gconv/*' 'path-exclude=/usr/share/zoneinfo/*'; do
    set -- "$@" "$rule"
  done
  for rule in "$@"; do
    set -- "$@" "--dpkgopt=$rule"
    shift
  done
  mmdebstrap --mode=root --variant=extract --format=directory --arch="$architecture" --skip=check/qemu \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
    --aptopt="$scratch/apt.conf" --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --include="${packages#,}" "$@" "$suite" "$folder" "deb [signed-by=$keyring] $mirror $suite main" >&2
}

# use_release ARCHITECTURE SUITE: an apt of its own for another release; `apt_there` then runs it.
use_release() {
  state=$scratch/apt-$1-$2
  mkdir -p "$state/lists/partial" "$state/archives/partial"
  echo "deb [signed-by=$keyring] $mirror $2 main" >"$state/sources.list"
  cat "$scratch/apt.conf" - >"$state/apt.conf" <<END
APT::Architecture "$1";
APT::Architectures { "$1"; };
Dir::Etc::SourceList "$state/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$state/lists";
Dir::State::Status "/dev/null";
Dir::Cache::Archives "$state/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
APT::Sandbox::User "root";
END
  apt_there() { APT_CONFIG=$state/apt.conf "$@"; }
  apt_there apt-get -qq update >&2
}

# unpack_package PACKAGE FOLDER: one package of that release, without what it depends on.
unpack_package() {
  mkdir -p "$scratch/packages"
  (cd "$scratch/packages" && rm -f ./*.deb && apt_there apt-get -qq download "$1" >&2)
  dpkg-deb -x "$scratch"/packages/*.deb "$2"
}
