#!/usr/bin/env bash
# Writes the settings of one machine of the cluster from the templates beside this script.
#
#   configure.sh node1|node2|node3|application [FILE]     FILE: the answers (default /etc/lintas-cluster/cluster.env)
#
# Tulis pengaturan satu mesin klaster. Files that are there already are written anew; a password stands in no command line.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
machine=${1-} answers=${2-/etc/lintas-cluster/cluster.env}

stop() { # Indonesian, English
    printf '%s\n%s\n' "$1" "$2" >&2
    exit 1
}

case $machine in
    node1 | node2 | node3 | application) ;;
    *) stop "Ketik: configure.sh node1|node2|node3|application [BERKAS]" "Type: configure.sh node1|node2|node3|application [FILE]" ;;
esac
[[ -r $answers ]] || stop "$answers tidak terbaca. Salin cluster.env.example ke sana dan isi." \
    "$answers cannot be read. Copy cluster.env.example there and fill it in."

declare -A said=()
while IFS= read -r line || [[ -n $line ]]; do
    [[ -z $line || $line == \#* ]] && continue
    [[ $line =~ ^([A-Z0-9_]+)=(.*)$ ]] || stop "Baris tidak berbentuk NAMA=nilai: ${line%%=*}" "This line is not NAME=value: ${line%%=*}"
    said[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
done <"$answers"
wanted=(NODE1 NODE2 NODE3 NETWORK SUPERUSER_PASSWORD REPLICATION_PASSWORD REWIND_PASSWORD WEB_PASSWORD CONSOLE_PASSWORD
    DESK_PASSWORD SYNCHRONOUS_MODE SHARED_BUFFERS POSTGRES_BIN DATA CONFIG)
for name in "${!said[@]}"; do
    [[ " ${wanted[*]} " == *" $name "* ]] || stop "$answers: $name tidak dikenal." "$answers: $name is not known. See cluster.env.example."
done
for name in "${wanted[@]}"; do
    [[ -n ${said[$name]-} ]] || stop "$answers: $name kosong." "$answers: $name is not set."
    # What ends a quoted word of one of the files would change its meaning.
    [[ ${said[$name]} =~ ^[A-Za-z0-9_./:-]+$ ]] ||
        stop "$answers: $name hanya boleh berisi huruf, angka dan _ . / : -" "$answers: $name may hold letters, digits and _ . / : - only."
done
[[ ${said[SYNCHRONOUS_MODE]} == quorum || ${said[SYNCHRONOUS_MODE]} == off ]] ||
    stop "SYNCHRONOUS_MODE: quorum atau off." "SYNCHRONOUS_MODE is quorum, or off."

write() { # template, file
    local text name
    text=$(<"$here/$1")
    for name in "${wanted[@]}"; do text=${text//"@$name@"/"${said[$name]}"}; done
    text=${text//@NODE@/$machine}
    text=${text//@ADDRESS@/$address}
    [[ $text != *@[A-Z]*@* ]] || stop "$1: masih ada yang kosong." "$1: something was left open."
    (umask 077 && printf '%s\n' "$text" >"$2")
    echo "$2"
}

mkdir -p "${said[CONFIG]}"
address=
if [[ $machine == application ]]; then
    write haproxy.cfg "${said[CONFIG]}/haproxy.cfg"
    write pgbouncer.ini "${said[CONFIG]}/pgbouncer.ini"
    (
        umask 077
        printf '"lintas_web" "%s"\n"lintas_console" "%s"\n"lintas_desk" "%s"\n' "${said[WEB_PASSWORD]}" "${said[CONSOLE_PASSWORD]}" \
            "${said[DESK_PASSWORD]}" >"${said[CONFIG]}/userlist.txt"
    )
    echo "${said[CONFIG]}/userlist.txt"
else
    address=${said[${machine^^}]}
    write etcd.conf.yml "${said[CONFIG]}/etcd.conf.yml"
    write patroni.yml "${said[CONFIG]}/patroni.yml"
fi
