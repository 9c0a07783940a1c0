# backup.sh FOLDER KEEP: dumps the results in the database of $BACKUP_URL into FOLDER, and removes all but the newest KEEP dumps.
# The queue, if it lies there too, is left out: it is filled again from the results.
set -euo pipefail
umask 077
folder=$1
keep=$2

# The password goes by the environment: a command line is there for everyone on the node to read.
if [[ $BACKUP_URL =~ ^(postgres(ql)?://[^:/@]+):([^@]*)@(.*)$ ]]; then
  url="${BASH_REMATCH[1]}@${BASH_REMATCH[4]}"
  encoded=${BASH_REMATCH[3]//\\/\\\\}
  PGPASSWORD=$(printf '%b' "${encoded//%/\\x}")
  export PGPASSWORD
else
  url=$BACKUP_URL
fi
unset BACKUP_URL

rm -f -- "$folder"/*.part
file="$folder/stride-$(date -u +%Y%m%dT%H%M%SZ).dump"
pg_dump --format=custom --schema=stride --no-password --file="$file.part" --dbname="$url"
mv -- "$file.part" "$file"
echo "made $file"

# Names sort by time.
dumps=("$folder"/stride-*.dump)
for old in "${dumps[@]:0:$((${#dumps[@]} > keep ? ${#dumps[@]} - keep : 0))}"; do
  rm -- "$old"
  echo "removed $old"
done
