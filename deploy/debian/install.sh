#!/usr/bin/env bash
# Installs Lintas on a Debian server, or brings an installed one to this version. As often as you like: what is there stays,
# what is missing is made, and nothing is asked twice (/etc/lintas/install.conf keeps the answers).
#
#   deploy/debian/install.sh --host lintas.example.go.id --console-host konsol.lintas.example.go.id \
#       --certificate fullchain.pem --key privkey.pem
#   deploy/debian/install.sh                 again: an upgrade to the checkout that this file lies in
#   deploy/debian/install.sh --back          the release before, where its code still fits the database
#
# Options: --operator CODE (lintas)  --origin NAME (HOST/log/1)  --security-contact mailto:…  --contents (keep contents of documents)
#          --source FOLDER (another checkout)  --wheels FOLDER (Python packages for a server without a network)
# DATABASE_ADMIN_URL: a PostgreSQL elsewhere, as an administrator; unset, this machine's own.
# What a subshell exports is for its own command alone:
# shellcheck disable=SC2030,SC2031
set -euo pipefail
umask 022
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=deploy/debian/words.sh
source "$here/words.sh"

source_dir=$(dirname "$(dirname "$here")")
wheels=""
back=no
declare -A given=()

# -- what was asked -------------------------------------------------------------------------------------------------------

while [[ $# -gt 0 ]]; do
    case $1 in
        --host | --console-host | --certificate | --key | --operator | --origin | --security-contact | --source | --wheels)
            [[ -n ${2:-} && ${2:-} != --* ]] || stop "$1 memerlukan nilai." "$1 wants a value."
            case $1 in
                --source) source_dir=$(readlink -f "$2") ;;
                --wheels) wheels=$(readlink -f "$2") ;;
                *) given[${1#--}]=$2 ;;
            esac
            shift 2
            ;;
        --contents) given[contents]=yes && shift ;;
        --back) back=yes && shift ;;
        -h | --help) sed -n '2,/^# What a subshell/{/^# What/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" && exit 0 ;;
        *) stop "Pilihan $1 tidak dikenal. Ketik: $0 --help" "There is no option $1. Type: $0 --help" ;;
    esac
done

# answer NAME DEFAULT: what was given now, or the time before, or the default.
answer() {
    local kept
    kept=$(setting "$1" "$CONF/install.conf")
    printf '%s' "${given[$1]:-${kept:-${2:-}}}"
}

need_root_and_debian() {
    [[ $(id -u) -eq 0 ]] || stop "Jalankan sebagai root: sudo $0" "Run it as root: sudo $0"
    [[ -d /run/systemd/system ]] || stop "systemd tidak berjalan di mesin ini; pemasangan ini memerlukannya." \
        "systemd does not run on this machine; this installation needs it."
    [[ -r /etc/debian_version ]] || stop "Ini bukan Debian. Langkah-langkahnya: docs/operating.md" \
        "This is no Debian. The steps are in docs/operating.md"
}

need_packages() {
    local package missing=()
    for package in python3-venv openssl nginx; do
        dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    if [[ -z ${DATABASE_ADMIN_URL:-} ]] && ! command -v pg_lsclusters >/dev/null; then
        missing+=(postgresql)
    fi
    if ((${#missing[@]})); then
        say "apt-get install ${missing[*]}"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
            >/var/log/lintas-install.log 2>&1 ||
            stop "Paket ${missing[*]} tidak dapat dipasang (/var/log/lintas-install.log). Pasang dahulu, lalu ulangi." \
                "The packages ${missing[*]} could not be installed (/var/log/lintas-install.log). Install them, then repeat."
    fi
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "Python 3.11 atau lebih baru diperlukan; Debian 12 memilikinya." "Python 3.11 or newer is needed; Debian 12 has it."
}

need_certificate() {
    local name
    host=$(answer host) console_host=$(answer console-host)
    certificate=$(answer certificate) key=$(answer key)
    [[ -n $host && -n $console_host && -n $certificate && -n $key ]] ||
        stop "Pertama kali perlu: --host, --console-host, --certificate dan --key. Contoh: $0 --help" \
            "The first time it needs --host, --console-host, --certificate and --key. Example: $0 --help"
    for name in "$host" "$console_host"; do
        [[ $name =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$ ]] ||
            stop "$name bukan nama host. Contoh: lintas.example.go.id" "$name is no host name. Example: lintas.example.go.id"
    done
    [[ $host != "$console_host" ]] || stop "API dan konsol memerlukan dua nama host yang berbeda." \
        "The API and the console need two different host names."
    for name in "$certificate" "$key"; do
        [[ -r $name ]] || stop "Berkas $name tidak ada atau tidak dapat dibaca." "The file $name is missing or cannot be read."
    done
    certificate=$(readlink -f "$certificate") key=$(readlink -f "$key")
    openssl x509 -in "$certificate" -noout 2>/dev/null ||
        stop "$certificate bukan sertifikat PEM." "$certificate is no certificate in PEM."
    openssl x509 -in "$certificate" -noout -checkend 0 >/dev/null ||
        stop "Sertifikat $certificate sudah berakhir: $(openssl x509 -in "$certificate" -noout -enddate). Minta yang baru." \
            "The certificate $certificate has ended: $(openssl x509 -in "$certificate" -noout -enddate). Get a new one."
    for name in "$host" "$console_host"; do
        openssl x509 -in "$certificate" -noout -checkhost "$name" | grep -q "does match" ||
            stop "Sertifikat $certificate tidak berlaku untuk $name." "The certificate $certificate is not for $name."
    done
    [[ $(openssl x509 -in "$certificate" -noout -pubkey) == "$(openssl pkey -in "$key" -pubout 2>/dev/null)" ]] ||
        stop "Kunci $key bukan kunci sertifikat $certificate." "The key $key does not belong to the certificate $certificate."
}

# as_admin COMMAND …: with DATABASE_ADMIN_URL, as the administrator of the database.
as_admin() {
    if [[ -n ${DATABASE_ADMIN_URL:-} ]]; then
        "$@"
    else
        DATABASE_ADMIN_URL="postgresql:///postgres?host=/var/run/postgresql&port=$port" setpriv --reuid=postgres --regid=postgres --init-groups "$@"
    fi
}

need_postgresql() {
    port=5432
    if [[ -z ${DATABASE_ADMIN_URL:-} ]]; then
        local cluster
        cluster=$(pg_lsclusters -h | awk '$1 >= 15 {print $1, $2, $3, $4; exit}')
        [[ -n $cluster ]] || stop "PostgreSQL 15 atau lebih baru diperlukan, di sini ada: $(pg_lsclusters -h | awk '{print $1}' | xargs). Ketik: apt-get install postgresql" \
            "PostgreSQL 15 or newer is needed; here is: $(pg_lsclusters -h | awk '{print $1}' | xargs). Type: apt-get install postgresql"
        read -r version name port status <<<"$cluster"
        if [[ $status != online* ]]; then
            say "pg_ctlcluster $version $name start"
            systemctl start "postgresql@$version-$name" ||
                stop "PostgreSQL tidak mau berjalan: journalctl -u postgresql@$version-$name" "PostgreSQL does not start: journalctl -u postgresql@$version-$name"
        fi
    fi
}

# -- users, folders, secrets -----------------------------------------------------------------------------------------------

draw() { openssl rand -base64 36 | tr '+/' '-_' | tr -d '=\n'; }

make_users() {
    local role group
    for group in lintas lintas-receipts lintas-contents; do
        getent group "$group" >/dev/null || groupadd --system "$group"
    done
    for role in "${ROLES[@]}"; do
        id "lintas-$role" >/dev/null 2>&1 ||
            useradd --system --user-group --no-create-home --home-dir "$STATE" --shell /usr/sbin/nologin "lintas-$role"
        usermod -aG lintas "lintas-$role"
    done
    # Who signs receipts: the web, and the owner whose commands make entries.
    usermod -aG lintas-receipts lintas-web && usermod -aG lintas-receipts lintas-owner
    # The desk is a part of the console's process: it signs receipts and takes papers in.
    usermod -aG lintas-receipts lintas-console
    for role in web console worker owner; do usermod -aG lintas-contents "lintas-$role"; done
    install -d -m 755 "$CONF" "$RELEASES" "$STATE"
    for role in sequencer courier owner; do install -d -o root -g "lintas-$role" -m 750 "$CONF/$role"; done
    install -d -m 700 "$CONF/tls"
    install -d -o lintas-worker -g lintas-console -m 2750 "$STATE/exports"
    install -d -o lintas-web -g lintas-contents -m 2770 "$STATE/contents"
    install -d -o lintas-web -g lintas-web -m 755 "$STATE/tiles"
    # Orders of erasure that were performed: what a restored backup is told again.
    install -d -o lintas-owner -g lintas-owner -m 750 "$STATE/erasures"
}

# The name and password that an environment file has, or fresh ones: a second run changes no password.
url_of() {
    local variable=DATABASE_${1^^}_URL file
    [[ $1 == owner ]] && variable=DATABASE_URL
    file=$(file_of "$1")
    # The desk is no process of its own: the console signs in as either role.
    [[ $1 == desk ]] && file=$(file_of console)
    local kept
    kept=$(setting "$variable" "$file")
    printf '%s' "${kept:-postgresql://lintas_$1:$(draw)@${database_host}/lintas}"
}

keep_answers() {
    local draft=$CONF/install.conf.new name
    {
        echo "# The answers that install.sh was given. It reads this file again; it never runs it."
        for name in host console-host operator origin security-contact contents; do
            printf '%s=%s\n' "$name" "$(answer "$name" "${defaults[$name]:-}")"
        done
        printf 'certificate=%s\nkey=%s\n' "$certificate" "$key"
    } >"$draft"
    mv "$draft" "$CONF/install.conf"
}

# write ROLE: an environment file from stdin, unless there is one: it is the operator's from its first day on.
write() {
    local file draft
    file=$(file_of "$1")
    draft=$(cat)
    if [[ ! -e $file ]]; then
        install -o root -g "lintas-$1" -m 640 /dev/null "$file"
        printf '%s\n' "$draft" >"$file"
        made+=("$file")
    fi
}

common() {
    cat <<END
SECRET_KEY_FILE=$CONF/secret_key
LINTAS_BASE_URL=https://$host
LINTAS_CONSOLE_BASE_URL=https://$console_host
LINTAS_LOG_ORIGIN=$origin
LINTAS_OPERATOR=$operator
LINTAS_WITNESS_POLICY_FILE=$CONF/witnesses.policy
LINTAS_BEHIND_PROXY=1
END
}

contents_lines() {
    if [[ $(answer contents) == yes ]]; then
        printf 'LINTAS_CONTENTS=%s/contents\nLINTAS_CONTENTS_KEY_FILE=%s/contents.keys\n' "$STATE" "$CONF"
    fi
}

write_settings() {
    local security
    security=$(answer security-contact "mailto:keamanan@$host")
    if [[ ! -e $CONF/secret_key ]]; then
        install -o root -g lintas -m 640 /dev/null "$CONF/secret_key"
        draw >"$CONF/secret_key"
    fi
    database_host=127.0.0.1:$port
    if [[ -n ${DATABASE_ADMIN_URL:-} ]]; then
        database_host=$(python3 -c 'import os; from urllib.parse import urlsplit; print(urlsplit(os.environ["DATABASE_ADMIN_URL"]).netloc.rpartition("@")[2])')
    fi
    write web < <(common && echo "DATABASE_WEB_URL=$(url_of web)" && echo "LINTAS_RECEIPT_KEY_FILE=$CONF/receipt_key.pem" &&
        echo "LINTAS_SECURITY_CONTACT=$security" && echo "LINTAS_SECURITY_EXPIRES=$(date -u -d '+360 days' +%Y-%m-%dT00:00:00Z)" &&
        echo "LINTAS_METRICS_TOKEN=$(draw)" && echo "LINTAS_DISKS=/var/lib,/var/log" && contents_lines)
    write console < <(common && echo "DATABASE_CONSOLE_URL=$(url_of console)" && echo "DATABASE_DESK_URL=$(url_of desk)" &&
        echo "LINTAS_RECEIPT_KEY_FILE=$CONF/receipt_key.pem" && echo "LINTAS_METRICS_TOKEN=$(setting LINTAS_METRICS_TOKEN "$(file_of web)")" &&
        echo "LINTAS_EXPORTS_DIR=$STATE/exports" && contents_lines)
    if [[ -z $(setting DATABASE_DESK_URL "$(file_of console)") ]]; then
        # An installation from before there was a desk.
        printf 'DATABASE_DESK_URL=%s\nLINTAS_RECEIPT_KEY_FILE=%s/receipt_key.pem\n' "$(url_of desk)" "$CONF" >>"$(file_of console)"
    fi
    write sequencer < <(common && echo "DATABASE_SEQUENCER_URL=$(url_of sequencer)" && echo "LINTAS_LOG_KEY_FILE=$CONF/sequencer/log_key.pem")
    write courier < <(common && echo "DATABASE_COURIER_URL=$(url_of courier)" && echo "LINTAS_COURIER_KEY_FILE=$CONF/courier/courier_key.pem")
    write reader < <(common && echo "DATABASE_READER_URL=$(url_of reader)")
    write worker < <(common && echo "DATABASE_WORKER_URL=$(url_of worker)" && echo "DATABASE_READER_URL=$(url_of reader)" &&
        echo "LINTAS_EXPORTS_DIR=$STATE/exports" && contents_lines)
    write owner < <(common && echo "DATABASE_URL=$(url_of owner)" && echo "LINTAS_RECEIPT_KEY_FILE=$CONF/receipt_key.pem" &&
        echo "LINTAS_ERASURES_DIR=$STATE/erasures" && contents_lines)
    if [[ ! -e $CONF/witnesses.policy ]]; then
        printf '# Who must have seen the log: deploy/witness/README.md. Without a witness nobody outside can show a rewrite.\nquorum none\n' \
            >"$CONF/witnesses.policy"
    fi
}

# -- code ------------------------------------------------------------------------------------------------------------------

prepare_release() {
    [[ -r $source_dir/locks/service.lock && -r $source_dir/manage.py ]] ||
        stop "$source_dir bukan salinan proyek ini." "$source_dir is no checkout of this project."
    local draft=$RELEASES/.draft pip=(-m pip install --quiet --disable-pip-version-check --require-hashes)
    rm -rf "$draft" && install -d -m 755 "$draft"
    tar -C "$source_dir" --exclude=./.git --exclude=./.venv --exclude=./.run --exclude=__pycache__ --exclude=./tests --exclude=./benchmarks \
        -cf - . | tar -C "$draft" --no-same-owner -xf -
    chmod -R u=rwX,go=rX "$draft"
    # What the code is, is its name: the same code is the same release, however often it is installed.
    release=$RELEASES/$(cd "$draft" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
    if [[ -e $release/.venv/.whole ]]; then
        rm -rf "$draft"
        return
    fi
    rm -rf "$release" && mv "$draft" "$release"
    [[ -z $wheels ]] || pip+=(--no-index --find-links "$wheels")
    say "$release"
    python3 -m venv "$release/.venv"
    "$release/.venv/bin/python" "${pip[@]}" -r "$release/locks/service.lock" >>/var/log/lintas-install.log 2>&1 ||
        stop "Paket Python tidak dapat dipasang (/var/log/lintas-install.log). Tanpa jaringan: --wheels FOLDER, isi dengan pip download -r locks/service.lock" \
            "The Python packages could not be installed (/var/log/lintas-install.log). Without a network: --wheels FOLDER, filled by pip download -r locks/service.lock"
    "$release/.venv/bin/python" -m compileall -q -x '/\.venv/' "$release" >/dev/null || true
    touch "$release/.venv/.whole"
}

# owner COMMAND …: a management command of the new release as the owner of the tables.
owner() {
    (cd "$release" && become "$(file_of owner)" && export LINTAS_DB_ROLE=owner &&
        exec setpriv --reuid=lintas-owner --regid=lintas-owner --init-groups .venv/bin/python manage.py "$@") \
        >>/var/log/lintas-install.log 2>&1 || failed "$@"
}

# as_root COMMAND …: the same as root, where keys are drawn that afterwards belong to several.
as_root() {
    (cd "$release" && umask 077 && become "$(file_of owner)" && export LINTAS_DB_ROLE=owner PYTHONDONTWRITEBYTECODE=1 &&
        export LINTAS_LOG_KEY_FILE=$CONF/sequencer/log_key.pem LINTAS_COURIER_KEY_FILE=$CONF/courier/courier_key.pem &&
        exec .venv/bin/python manage.py "$@") >>/var/log/lintas-install.log 2>&1 || failed "$@"
}

failed() {
    tail -n 5 /var/log/lintas-install.log >&2
    stop "manage.py $1 gagal (/var/log/lintas-install.log). Layanan tetap berjalan dengan versi sebelumnya." \
        "manage.py $1 failed (/var/log/lintas-install.log). The service goes on with the version before."
}

make_database() {
    local role variable
    # Each role gets the password that its environment file has: what was changed by hand is set right.
    (
        for role in "${ROLES[@]}" desk; do
            variable=DATABASE_${role^^}_URL
            [[ $role != owner ]] || variable=DATABASE_URL
            export "$variable=$(url_of "$role")"
        done
        cd "$release" && export PYTHONDONTWRITEBYTECODE=1 && as_admin .venv/bin/python -m config.roles
    ) >/dev/null 2>>/var/log/lintas-install.log ||
        stop "Peran basis data tidak dapat dibuat: $(tail -n 1 /var/log/lintas-install.log)" \
            "The database's roles could not be made: $(tail -n 1 /var/log/lintas-install.log)"
}

set_up_database() {
    owner migrate --no-input
    owner grant_roles
    as_root open_log --draw-keys
    if ! grep -q '^log ' "$CONF/witnesses.policy"; then
        # Verifiers start from the log's key; whom they ask for besides stands below it.
        local vkey policy
        vkey=$(sed -n 's/^Log key .*: //p' /var/log/lintas-install.log | tail -n 1)
        policy=$(cat "$CONF/witnesses.policy")
        printf 'log %s\n%s\n' "$vkey" "$policy" >"$CONF/witnesses.policy"
    fi
    chown root:lintas-sequencer "$CONF/sequencer/log_key.pem" && chmod 640 "$CONF/sequencer/log_key.pem"
    chown root:lintas-receipts "$CONF/receipt_key.pem" && chmod 640 "$CONF/receipt_key.pem"
    as_root open_delivery --draw-key --quiet-receipts
    chown root:lintas-courier "$CONF/courier/courier_key.pem" && chmod 640 "$CONF/courier/courier_key.pem"
    if [[ $(answer contents) == yes && ! -e $CONF/contents.keys ]]; then
        as_root open_contents --draw-key
        chown root:lintas-contents "$CONF/contents.keys" && chmod 640 "$CONF/contents.keys"
    fi
    owner load_catalogue --quiet-receipts
    owner seed_calendar --quiet-receipts
}

# -- units, proxy ------------------------------------------------------------------------------------------------------------

install_units() {
    install -m 644 "$release"/deploy/systemd/* /etc/systemd/system/
    # The tools are those that installed last, whichever release serves.
    if [[ $here != /usr/local/lib/lintas ]]; then
        rm -rf /usr/local/lib/lintas && install -d -m 755 /usr/local/lib/lintas
        install -m 755 "$here"/* /usr/local/lib/lintas/
    fi
    ln -sfn /usr/local/lib/lintas/lintas /usr/local/sbin/lintas
    local unit
    # Debian starts neither again after a crash.
    for unit in nginx.service postgresql@.service; do
        install -d -m 755 "/etc/systemd/system/$unit.d"
        printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=always\nRestartSec=2\n' >"/etc/systemd/system/$unit.d/lintas.conf"
    done
    systemctl daemon-reload
}

switch_to() {
    local before
    before=$(readlink "$CURRENT" 2>/dev/null || true)
    if [[ -e $CURRENT && ! -L $CURRENT ]]; then
        stop "$CURRENT adalah folder, bukan tautan. Pindahkan dahulu." "$CURRENT is a folder, not a link. Move it away first."
    fi
    ln -sfn "$1" "$CURRENT.new" && mv -T "$CURRENT.new" "$CURRENT"
    if [[ -n $before && $before != "$1" ]]; then
        printf '%s\n' "$before" >"$RELEASES/before"
    fi
    install_units
    systemctl enable --quiet "${SERVICES[@]}" "${TIMERS[@]}"
    # One after the other, the sequencer first: what is accepted meanwhile waits for it, and nothing is lost.
    local service
    for service in "${SERVICES[@]}"; do
        systemctl restart "$service"
        [[ $service != lintas-web ]] || wait_for_web
    done
    # The log as files, where the operator wants it.
    systemctl try-restart lintas-tiles
    systemctl start "${TIMERS[@]}"
}

wait_for_web() {
    local tries=0
    until python3 - "$host" <<'END' 2>/dev/null; do
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
connection.request("GET", "/livez", headers={"Host": sys.argv[1]})
sys.exit(connection.getresponse().status != 200)
END
        tries=$((tries + 1))
        [[ $tries -lt 240 ]] || stop "lintas-web tidak menjawab: journalctl -u lintas-web" "lintas-web does not answer: journalctl -u lintas-web"
        sleep 0.5
    done
}

install_proxy() {
    install -o root -g root -m 644 "$certificate" "$CONF/tls/fullchain.pem"
    install -o root -g root -m 600 "$key" "$CONF/tls/privkey.pem"
    local site=/etc/nginx/conf.d/lintas.conf draft before
    draft=$(sed -e "s/@HOST@/$host/g" -e "s/@CONSOLE_HOST@/$console_host/g" "$here/../nginx/lintas.conf")
    before=$(cat "$site" 2>/dev/null || true)
    install -d -m 755 /var/cache/nginx
    # Debian's page that welcomes everybody would answer in the place of ours.
    rm -f /etc/nginx/sites-enabled/default
    printf '%s\n' "$draft" >"$site"
    if ! nginx -t >>/var/log/lintas-install.log 2>&1; then
        if [[ -n $before ]]; then printf '%s\n' "$before" >"$site"; else rm -f "$site"; fi
        stop "nginx menolak $site (/var/log/lintas-install.log); yang lama dikembalikan." \
            "nginx refuses $site (/var/log/lintas-install.log); the one before was put back."
    fi
    systemctl enable --quiet nginx
    systemctl reload-or-restart nginx
}

# -- all of it ---------------------------------------------------------------------------------------------------------------

go_back() {
    local before
    before=$(cat "$RELEASES/before" 2>/dev/null || true)
    [[ -n $before && -e $before/.venv/.whole ]] || stop "Tidak ada rilis sebelumnya di $RELEASES." "There is no release before this one in $RELEASES."
    host=$(answer host)
    release=$before
    switch_to "$before"
    say "$CURRENT -> $before"
}

need_root_and_debian
if [[ $back == yes ]]; then
    go_back
    exit 0
fi
made=()
declare -A defaults=()
need_packages
need_certificate
need_postgresql
defaults=([operator]=lintas [origin]="$host/log/1" [security-contact]="mailto:keamanan@$host" [contents]=no)
operator=$(answer operator lintas) origin=$(answer origin "$host/log/1")
: >>/var/log/lintas-install.log && chmod 600 /var/log/lintas-install.log
make_users
keep_answers
write_settings
prepare_release
make_database
set_up_database
switch_to "$release"
install_proxy
for file in "${made[@]}"; do say "$file"; done
printf '\n  Terpasang: %s\n  Installed: %s\n\n' "https://$host" "$(basename "$release")"
lintas doctor || true
cat <<END

  Sesudah ini / next:
    lintas register_agency OPERATOR.yaml       instansi pengelola, peran operator / the operator's own agency
    lintas board                               semua kantor / the country's offices (docs/operating.md)
    lintas register_mandate MANDATES.yaml      siapa memeriksa / who examines
    /etc/lintas/sequencer/log_key.pem, receipt_key.pem, secret_key: simpan salinannya di luar mesin ini / keep a copy elsewhere
END
