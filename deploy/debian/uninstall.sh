#!/usr/bin/env bash
# Takes the programs of Lintas off this server. Data stay: the database, /etc/lintas (keys and passwords), /var/lib/lintas.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=deploy/debian/words.sh
source "$here/words.sh"

[[ $(id -u) -eq 0 ]] || stop "Jalankan sebagai root: sudo $0" "Run it as root: sudo $0"
systemctl disable --now "${TIMERS[@]}" "${SERVICES[@]}" 2>/dev/null || true
rm -f /etc/systemd/system/lintas-*.service /etc/systemd/system/lintas-*.timer /usr/local/sbin/lintas
rm -rf /etc/systemd/system/{nginx.service.d,postgresql@.service.d}/lintas.conf /usr/local/lib/lintas
systemctl daemon-reload
if [[ -e /etc/nginx/conf.d/lintas.conf ]]; then
    rm -f /etc/nginx/conf.d/lintas.conf
    systemctl try-reload-or-restart nginx || true
fi
rm -f "$CURRENT"
rm -rf "$RELEASES"
say "Tinggal / what stays: basis data lintas, $CONF, $STATE."
say "Pasang lagi / install again: deploy/debian/install.sh"
