# Read by install.sh, uninstall.sh and lintas: how they speak, in Indonesian and in English.
# shellcheck shell=bash disable=SC2034

CONF=/etc/lintas
RELEASES=/opt/lintas-releases
CURRENT=/opt/lintas
STATE=/var/lib/lintas
BACKUPS=/var/lib/lintas-backup
# The processes, each with a user and a role of the database of its own.
ROLES=(web console sequencer courier worker owner reader)
SERVICES=(lintas-sequencer lintas-web lintas-console lintas-courier lintas-worker)
TIMERS=(lintas-tick.timer lintas-daily@web.timer lintas-daily@console.timer lintas-daily@worker.timer lintas-daily@owner.timer)

say() { printf '  %s\n' "$1"; }

# stop ID EN: say what is wrong and what to type, in both languages, and end.
stop() {
    printf '\nBerhenti. %s\nStopped.  %s\n' "$1" "$2" >&2
    exit 1
}

# file_of ROLE: the environment file of the process that signs in as that role.
file_of() {
    case $1 in
        sequencer | courier | owner) printf '%s/%s/%s.env' "$CONF" "$1" "$1" ;;
        *) printf '%s/%s.env' "$CONF" "$1" ;;
    esac
}

# setting NAME FILE: the value of a NAME=value line; empty where there is none. The file is read, never run.
setting() {
    if [[ -f $2 ]]; then
        sed -n "s/^$1=//p" "$2" | tail -n 1
    fi
}

# become FILE: nothing of this shell's environment, but the NAME=value lines of that file. In a subshell; the file is read, never run,
# and no password comes to a command line, which every user of the machine can read.
become() {
    local line name
    for name in $(compgen -e); do
        unset "$name"
    done
    export PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=$STATE
    while IFS= read -r line || [[ -n $line ]]; do
        if [[ $line =~ ^[A-Z][A-Z0-9_]*= ]]; then
            export "${line?}"
        fi
    done <"$1"
}
