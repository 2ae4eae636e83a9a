#!/bin/sh
# Sauropod in one file: this script, then a compressed archive with Deno and the program. The first start unpacks it,
# checked by its hash; later starts find the folder of that name, run no other command, and cost a few milliseconds.
id=@ID@ sum=@SHA256@ size=@SIZE@

fail() {
  printf 'sauropod: %s\n' "$*" >&2
  exit 1
}

case $0 in
  /*) self=$0 ;;
  *) self=$PWD/$0 ;;
esac
if [ -n "${SAUROPOD_CACHE-}" ]; then
  cache=$SAUROPOD_CACHE
elif [ -O / ]; then # only root owns /, and asking so starts no process as id(1) would
  cache=/var/cache/sauropod
else
  cache=${XDG_CACHE_HOME:-${HOME:?sauropod needs HOME, XDG_CACHE_HOME or SAUROPOD_CACHE to unpack itself into}/.cache}/sauropod
fi
case $cache in
  /*) ;;
  *) cache=$PWD/$cache ;;
esac
program=$cache/$id

# Whoever owns the folder can make us run what they like: it must be ours.
ours() {
  [ -O "$1" ] && [ ! -L "$1" ] ||
    fail "$1 is not a folder of the user who runs this; set SAUROPOD_CACHE to one that is"
}

check_payload() {
  set -- "$(tail -c "$size" "$self" | sha256sum)"
  [ "${1%% *}" = "$sum" ] ||
    fail "$self is damaged: the SHA-256 of its payload is ${1%% *}, not $sum; get it again"
}

unpack() {
  umask 022
  mkdir -p "$cache" || fail "cannot make $cache; set SAUROPOD_CACHE to a folder that can be written"
  ours "$cache"
  case $(ls -ld "$cache") in
    ?????w* | ????????w*) fail "$cache can be written by others; set SAUROPOD_CACHE to a folder that cannot" ;;
  esac
  # Two first starts: one waits for the other. Where there is no flock both unpack, and the second finds the first's.
  exec 9>"$cache/.lock"
  if command -v flock >/dev/null 2>&1; then flock 9; fi
  [ ! -d "$program" ] || return 0
  check_payload
  new=$(mktemp -d "$cache/.unpack.XXXXXX") || fail "cannot write to $cache"
  trap 'rm -rf "$new"' EXIT
  trap 'exit 1' HUP INT TERM
  chmod 755 "$new"
  tail -c "$size" "$self" | gzip -dc | tar -xof - -C "$new" && [ -x "$new/deno" ] && [ -f "$new/main.js" ] ||
    fail "cannot unpack $self into $cache"
  # rename(2): the folder is there with all its files or not at all. If another was faster, mv puts ours inside it.
  mv "$new" "$program" || fail "cannot rename $new to $program"
  rm -rf "$program/${new##*/}"
  trap - EXIT HUP INT TERM
}

if [ ! -d "$program" ]; then
  unpack
  exec 9>&-
fi
ours "$cache"
ours "$program"
export SAUROPOD_SELF="$self" DENO_DIR="$cache/deno" DENO_NO_UPDATE_CHECK=1
# Who starts an engine has no use for the code that is kept compiled: it would cost the engine 2 MB for as long as it runs.
set -- "$program/deno" run @FLAGS@ ${SAUROPOD_NO_CODE_CACHE:+--no-code-cache} "$program/main.js" "$@"
# The program puts the client there when somebody first stands by (standby/); by itself that does what the last line does.
case ${SAUROPOD_STANDBY:-30} in
  0 | *[!0-9]*) ;;
  *) [ ! -x "$program/client" ] || exec "$program/client" "$@" ;;
esac
exec "$@"
