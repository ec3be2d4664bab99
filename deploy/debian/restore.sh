#!/usr/bin/env bash
# Restores the database from the backups onto an empty data folder, to the newest moment that they hold, and proves what came back
# before anything serves it. /etc/lintas has to be there (its copy is kept elsewhere), and Lintas installed at the same release.
#
#   deploy/debian/restore.sh --checkpoint FILE       the newest checkpoint that anybody kept: a witness, an agency, the backups
#
# Exit 0: all that the checkpoint signs is there, and the service runs. 3: it is not; nothing was started (docs/runbook.md).
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=deploy/debian/words.sh
source "$here/words.sh"

[[ $(id -u) -eq 0 ]] || stop "Jalankan sebagai root: sudo $0" "Run it as root: sudo $0"
[[ ${1:-} == --checkpoint && -r ${2:-} ]] ||
    stop "Sebut checkpoint terbaru yang disimpan siapa pun: $0 --checkpoint BERKAS" "Name the newest checkpoint that anybody kept: $0 --checkpoint FILE"
checkpoint=$(mktemp) && cat "$2" >"$checkpoint" && chmod 644 "$checkpoint"
trap 'rm -f "$checkpoint"' EXIT
grep -qs '^\[lintas\]' /etc/pgbackrest.conf ||
    stop "/etc/pgbackrest.conf tanpa [lintas]: kembalikan dari salinannya." "/etc/pgbackrest.conf has no [lintas]: put it back from its copy."
read -r version name port _ _ data _ <<<"$(pg_lsclusters -h | awk '$1 >= 15' | head -n 1)"
if [[ -d $data && -n $(ls -A "$data") ]]; then
    stop "$data tidak kosong; di sana mungkin satu-satunya salinan. Pindahkan: systemctl stop postgresql@$version-$name; mv $data $data.lama" \
        "$data is not empty, and may be the only copy. Move it: systemctl stop postgresql@$version-$name; mv $data $data.old"
fi
began=$(date -u +%s)
systemctl stop "${TIMERS[@]}" "${SERVICES[@]}" lintas-backup.timer lintas-wal 2>/dev/null || true
systemctl stop "postgresql@$version-$name"
install -d -o postgres -g postgres -m 700 "$data"
(cd / && runuser -u postgres -- pgbackrest --stanza=lintas restore) ||
    stop "pgbackrest gagal: pgbackrest --stanza=lintas info" "pgbackrest failed: pgbackrest --stanza=lintas info"
# What streamed in and was not archived any more: PostgreSQL asks the archive first, and then this folder.
for segment in "$BACKUPS"/wal/*; do
    [[ -f $segment ]] || continue
    target=$data/pg_wal/$(basename "${segment%.partial}")
    [[ -e $target ]] || install -o postgres -g postgres -m 600 "$segment" "$target"
done
# No commit may wait for a receiver that is not there yet.
printf "synchronous_standby_names = ''\n" >>"$data/postgresql.auto.conf"
systemctl start "postgresql@$version-$name"
psql() { (cd / && runuser -u postgres -- psql -p "$port" -qAtX -v ON_ERROR_STOP=1 "$@"); }
tries=0
until [[ $(psql -c 'SELECT pg_is_in_recovery()' 2>/dev/null) == f ]]; do
    tries=$((tries + 1))
    [[ $tries -lt 7200 ]] || stop "Pemulihan belum selesai sesudah satu jam: journalctl -u postgresql@$version-$name" \
        "The recovery has not ended after an hour: journalctl -u postgresql@$version-$name"
    sleep 0.5
done
for part in contents erasures; do
    cp -au "$BACKUPS/$part/." "$STATE/$part/"
done
newest=$(psql -d lintas -c "SELECT (extract(epoch FROM max(recorded_at)))::bigint FROM audit_entry")
printf '  %s entries, the last of %s UTC\n' "$(psql -d lintas -c 'SELECT count(*) FROM audit_entry')" "$(date -u -d "@$newest" '+%Y-%m-%d %H:%M:%S')"
verdict=0
lintas verify db --policy "$CONF/witnesses.policy" --checkpoint "$checkpoint" || verdict=$?
if [[ $verdict -ne 0 ]]; then
    printf '\nBerhenti. Yang dipulihkan bukan semua yang ditandatangani checkpoint itu, atau tidak dapat diputuskan. Tidak ada yang dijalankan: docs/runbook.md\n' >&2
    printf 'Stopped.  What was restored is not all that the checkpoint signs, or it cannot be decided. Nothing was started: docs/runbook.md\n' >&2
    exit 3
fi
# Who was erased after this backup was made must not come back with it.
if [[ -n $(ls -A "$STATE/erasures" 2>/dev/null) ]]; then
    (cd "$STATE/erasures" && lintas erase again "$STATE/erasures") ||
        stop "Ada perintah pemusnahan yang belum dijalankan lagi; baca di atas, lalu: lintas erase again $STATE/erasures" \
            "An order of erasure could not be carried out again; read above, then: lintas erase again $STATE/erasures"
fi
systemctl start "${SERVICES[@]}" "${TIMERS[@]}" lintas-backup.timer
printf '  RTO %d s. Sekarang / now: deploy/debian/backups.sh\n' "$(($(date -u +%s) - began))"
