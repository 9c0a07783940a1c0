# start.sh CONFIGURATION PASSWORD-FILE MERGED-FILE
set -eu
umask 077
{
  cat "$1"
  printf '\nrequirepass "%s"\n' "$(cat "$2")"
} >"$3"
exec redis-server "$3"
