# Fetches archives for setup.php: into folder $1 goes what isn't in wp-content, $2, yet. Then three words an archive:
# where WordPress keeps what is in it, its address, and its SHA-256 checksum, or nothing. What an earlier start has installed needs none: a shop whose pod is replaced comes up again
# without the internet. The last line on stderr says what went wrong; Kubernetes tries again, with growing pauses.
set -eu

tools=$1
content=$2
shift 2

refuse() {
  echo "$1" >&2
  exit 1
}

fetch() {
  curl --fail --silent --show-error --location --retry 2 --retry-all-errors --connect-timeout 10 --max-time 300 \
    --stderr "$2.said" --output "$2" -- "$1" && return
  refuse "Could not fetch $1: $(tail -n 1 "$2.said")"
}

while [ $# -ge 3 ]; do
  if [ ! -d "$content/$1" ]; then
    archive=$tools/${1##*/}.zip
    fetch "$2" "$archive"
    sum=$(sha256sum "$archive" | cut -d ' ' -f 1)
    [ -z "$3" ] || [ "$sum" = "$3" ] || refuse "The archive at $2 has the checksum $sum, not $3."
  fi
  shift 3
done
