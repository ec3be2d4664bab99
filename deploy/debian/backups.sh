#!/usr/bin/env bash
# Sets backups up, once: pgBackRest with an archive of the WAL, and lintas-backup.timer, which types `backup` every hour.
#
#   deploy/debian/backups.sh                      into /var/lib/lintas-backup: mount another disk or machine there
#   deploy/debian/backups.sh --synchronous        no commit is acknowledged before its WAL lies there, too
#
# lintas-wal.service copies the WAL there as it is written: with it the loss of this machine's disk loses what was written in its last
# moment, and with --synchronous nothing that was acknowledged. The price of the latter: while the receiver or its disk is down, every
# write waits.
#
# Another place (S3, SFTP, another host) is a line of /etc/pgbackrest.conf, which is the operator's once it is there.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=deploy/debian/words.sh
source "$here/words.sh"

synchronous=""
case ${1:-} in
    "") ;;
    --synchronous) synchronous=lintas_wal ;;
    *) stop "Pilihan $1 tidak dikenal. Yang ada: --synchronous" "There is no option $1. There is: --synchronous" ;;
esac
[[ $(id -u) -eq 0 ]] || stop "Jalankan sebagai root: sudo $0" "Run it as root: sudo $0"
[[ -L $CURRENT ]] || stop "Lintas belum terpasang. Ketik: deploy/debian/install.sh" "Lintas is not installed yet. Type: deploy/debian/install.sh"
command -v pg_lsclusters >/dev/null || stop "PostgreSQL tidak ada di mesin ini; cadangannya diatur di mesinnya." \
    "PostgreSQL is not on this machine; its backups are set up on its own."
if ! command -v pgbackrest >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends pgbackrest >>/var/log/lintas-install.log 2>&1 ||
        stop "Ketik: apt-get install pgbackrest" "Type: apt-get install pgbackrest"
fi
read -r version name port _ _ data _ <<<"$(pg_lsclusters -h | awk '$1 >= 15' | head -n 1)"

install -d -o postgres -g postgres -m 750 "$BACKUPS" "$BACKUPS/pgbackrest" "$BACKUPS/wal"
install -d -o root -g root -m 700 "$BACKUPS/contents" "$BACKUPS/erasures"
install -d -o postgres -g postgres -m 770 /var/log/pgbackrest
if ! grep -qs '^\[lintas\]' /etc/pgbackrest.conf; then
    install -o root -g postgres -m 640 /dev/null /etc/pgbackrest.conf
    cat >/etc/pgbackrest.conf <<END
# pgBackRest for Lintas. Keep a copy of repo1-cipher-pass away from the backups: without it nobody restores them.
[global]
repo1-path=$BACKUPS/pgbackrest
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=$(openssl rand -base64 48)
repo1-retention-full=3
repo1-bundle=y
process-max=2
compress-type=lz4
start-fast=y
log-level-console=warn

[lintas]
pg1-path=$data
pg1-port=$port
END
    say /etc/pgbackrest.conf
fi
psql() { runuser -u postgres -- psql -p "$port" -qAtX -v ON_ERROR_STOP=1 "$@"; }
wanted='pgbackrest --stanza=lintas archive-push %p'
if [[ $(psql -c 'SHOW archive_mode') != on || $(psql -c 'SHOW archive_command') != "$wanted" ]]; then
    psql -c "ALTER SYSTEM SET archive_mode = on" -c "ALTER SYSTEM SET archive_command = '$wanted'" -c "ALTER SYSTEM SET archive_timeout = '60s'"
    systemctl restart "postgresql@$version-$name"
    say "archive_mode = on"
fi
(cd / && runuser -u postgres -- pgbackrest --stanza=lintas stanza-create)
# A receiver that is away for long must not fill this disk: beyond 10 GB the archive alone goes on.
psql -c "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'" -c "ALTER SYSTEM SET synchronous_standby_names = ''" -c "SELECT pg_reload_conf()" >/dev/null
printf 'PGPORT=%s\n' "$port" >"$CONF/wal.env"
systemctl enable --quiet lintas-wal.service
systemctl restart lintas-wal.service
tries=0
until [[ $(psql -c "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'lintas_wal'") == 1 ]]; do
    tries=$((tries + 1))
    [[ $tries -lt 120 ]] || stop "lintas-wal tidak tersambung: journalctl -u lintas-wal" "lintas-wal is not connected: journalctl -u lintas-wal"
    sleep 0.5
done
psql -c "ALTER SYSTEM SET synchronous_standby_names = '$synchronous'" -c "SELECT pg_reload_conf()" >/dev/null
systemctl enable --quiet --now lintas-backup.timer
systemctl start lintas-backup.service ||
    stop "Cadangan pertama gagal: journalctl -u lintas-backup" "The first backup failed: journalctl -u lintas-backup"
cat "$BACKUPS/last.json"
