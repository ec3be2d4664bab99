#!/usr/bin/env bash
# Klien Lintas dalam satu berkas / a client of Lintas in one file. Needs bash 4.4 on Linux, curl 7.55 and openssl 3.
#
#   lintas.sh get PATH                          read: /me, /referrals?status=open, /casefiles/ID
#   lintas.sh send PATH BODY.json [VERSION]     write: /documents, /findings; an intention, done once
#   lintas.sh act CASEFILE TRANSITION BODY.json read the casefile, then perform the transition on that version
#   lintas.sh resume                            send again what a crash or a dead line has left open
#   lintas.sh follow [SECONDS]                  new events, one a line; waits so long (30 at most) for the first
#   lintas.sh webhook HEADERS BODY              verify a message that came, print it once
#   lintas.sh receipt RECEIPT.json              verify a receipt, print what it promises
#   lintas.sh token | assertion CLIENT_ID KID KEY.pem ISSUER | sign METHOD URL BODY KID KEY.pem 'Name: value'…
#   lintas.sh field PATH                        one value of the JSON on standard input: casefiles.0.id
#
# LINTAS_BASE, LINTAS_CLIENT_ID, LINTAS_KID, LINTAS_KEY (PEM file); LINTAS_STATE (a folder of this client alone; default
# ./lintas-state). May be set: LINTAS_ISSUER (where LINTAS_BASE is a gateway), LINTAS_SIGN=1, LINTAS_LANGUAGE=en,
# LINTAS_WEBHOOK_SECRET, LINTAS_CLOCK_OFFSET (seconds to add to this machine's clock).
# Exit code: 0 done, 1 usage, 2 not genuine or a gap in the feed, 3 refused, 4 no answer yet (`resume` goes on).
set -euo pipefail

die() { # CODE INDONESIAN ENGLISH
    printf '%s / %s\n' "$2" "$3" >&2
    exit "$1"
}

# --- begin assertion
now() { echo $(($(date +%s) + ${LINTAS_CLOCK_OFFSET:-0})); }

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# openssl writes DER: two numbers in a sequence. ES256 wants r and s alone, 32 bytes each.
ecdsa() { # KEY.pem
    local hex= number zeros
    for number in $(openssl dgst -sha256 -sign "$1" | openssl asn1parse -inform DER | sed -n 's/.*INTEGER *://p'); do
        zeros=0000000000000000000000000000000000000000000000000000000000000000$number
        hex+=${zeros: -64}
    done
    printf %b "$(sed 's/../\\x&/g' <<<"$hex")"
}

# A client assertion (RFC 7523, ES256) for one token.
assertion() { # CLIENT_ID KID KEY.pem ISSUER
    local at header claims signed
    at=$(now)
    header='{"alg":"ES256","typ":"JWT","kid":"'$2'"}'
    claims='{"iss":"'$1'","sub":"'$1'","aud":"'$4'","iat":'$at',"exp":'$((at + 60))
    claims+=',"jti":"'$(openssl rand -hex 16)'"}'
    signed=$(printf %s "$header" | base64url).$(printf %s "$claims" | base64url)
    printf '%s.%s\n' "$signed" "$(printf %s "$signed" | ecdsa "$3" | base64url)"
}
# --- end assertion

# --- begin sign
# The headers that sign a request (RFC 9421, ES256); the URL is the register's own, not a gateway's.
sign() { # METHOD URL BODY_FILE KID KEY.pem 'Authorization: Bearer …' 'Idempotency-Key: …' ['If-Match: "3"']
    local method=$1 url=$2 body=$3 kid=$4 key=$5 rest target covered base header parameters digest
    shift 5
    rest=${url#*://} digest="sha-256=:$(openssl dgst -sha256 -binary "$body" | openssl base64 -A):"
    target=/${rest#*/} covered='"@method" "@authority" "@path"'
    base='"@method": '$method$'\n"@authority": '${rest%%/*}$'\n"@path": '${target%%\?*}$'\n'
    cover() { covered+=" \"$1\"" base+="\"$1\": $2"$'\n'; }
    if [[ $target == *\?* ]]; then cover @query "?${target#*\?}"; fi
    for header in "$@"; do
        cover "$(tr '[:upper:]' '[:lower:]' <<<"${header%%:*}")" "${header#*: }"
    done
    if [[ -s $body ]]; then
        cover content-digest "$digest"
        echo "Content-Digest: $digest"
    fi
    parameters="($covered);created=$(now);keyid=\"$kid\";tag=\"lintas-v1\""
    base+="\"@signature-params\": $parameters"
    echo "Signature-Input: sig=$parameters"
    echo "Signature: sig=:$(printf %s "$base" | ecdsa "$key" | openssl base64 -A):"
}
# --- end sign

# -- JSON -------------------------------------------------------------------------------------------------------------

tokens() { grep -oE '"([^"\\]|\\.)*"|[][{},:]|[^][{},:"[:space:]]+' || true; }

field() { # PATH, as casefiles.0.id
    tokens | awk -v want="$1" '
        function here(  at, path) {
            for (at = 1; at <= depth; at++) path = path (at > 1 ? "." : "") step[at]
            return path
        }
        $0 == "{" { depth++; kind[depth] = "{"; is_name = 1; next }
        $0 == "[" { depth++; kind[depth] = "["; step[depth] = 0; is_name = 0; next }
        $0 == "}" || $0 == "]" { depth--; is_name = 0; next }
        $0 == "," { if (kind[depth] == "[") step[depth]++; else is_name = 1; next }
        $0 == ":" { is_name = 0; next }
        is_name { step[depth] = substr($0, 2, length($0) - 2); next }
        !found && here() == want && $0 != "null" {
            found = 1
            text = $0
            if (text ~ /^"/) {
                text = substr(text, 2, length(text) - 2)
                gsub(/\\\\/, "\001", text); gsub(/\\n/, " ", text); gsub(/\\"/, "\"", text)
                gsub(/\\\//, "/", text); gsub(/\001/, "\\", text)
            }
            print text
        }'
}

# Each event as one line: index, previous (or null), source, the event itself; parted by blanks, which none of the first has.
events_of_page() {
    tokens | awk '
        $0 == "{" || $0 == "[" { depth++; if (depth == 3) item = index_ = previous = source = "" }
        depth >= 3 { item = item $0 }
        depth == 3 && before == ":" && name == "\"logindex\"" { index_ = $0 }
        depth == 3 && before == ":" && name == "\"previous\"" { previous = $0 }
        depth == 3 && before == ":" && name == "\"source\"" { source = $0 }
        $0 == ":" { name = before }
        { before = $0 }
        $0 == "}" || $0 == "]" { if (depth == 3) print index_, previous, source, item; depth-- }'
}

of_answer() { field "$1" <"$work/answer"; }

# -- asking -----------------------------------------------------------------------------------------------------------

start() {
    local name
    for name in LINTAS_BASE LINTAS_CLIENT_ID LINTAS_KID LINTAS_KEY; do
        [[ -n ${!name:-} ]] || die 1 "$name belum diisi." "$name is not set."
    done
    [[ -r $LINTAS_KEY ]] || die 1 "Kunci $LINTAS_KEY tidak terbaca." "The key $LINTAS_KEY cannot be read."
    base=${LINTAS_BASE%/} base=${base%/api/v1}
    issuer=${LINTAS_ISSUER:-$base}
    keep_state
}

keep_state() {
    umask 077
    state=${LINTAS_STATE:-lintas-state}
    mkdir -p "$state"/{pending,receipts,webhooks}
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
}

# One exchange: $status (000: no answer), the body in $work/answer, the headers in $work/heads.
exchange() { # METHOD URL BODY_FILE; headers in $work/sent, which `ps` does not show
    local options=(-sS -X "$1" -H "@$work/sent" -o "$work/answer" -D "$work/heads" -w '%{http_code}' --max-time 60)
    if [[ -n $3 ]]; then options+=(--data-binary "@$3"); fi
    : >"$work/answer"
    : >"$work/heads"
    : >"$work/why"
    status=$(curl "${options[@]}" "$2" 2>"$work/why") || status=000
}

attempts=6
patience=120

# Whether another attempt may bring another answer: the line, the service or its load was the cause.
may_pass() {
    [[ $status == 000 || $status == 429 || $status == 5?? ]] ||
        [[ $status == 409 && $(of_answer code) == request-in-progress ]]
}

# Wait as long as the service asks, or longer each time; 1 where that would be too long.
paused() { # ATTEMPT
    local asked
    asked=$(tr -d '\r' <"$work/heads" | sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9]\{1,6\}\)$/\1/p' | tail -n 1)
    ((${asked:-0} <= patience)) || return 1
    echo "$status $(head -n 1 "$work/why"): dicoba lagi / trying again ($1)" >&2
    sleep "${asked:-$((2 ** ($1 - 1)))}"
}

# A path below /api/v1, also where it was taken from an `href` or `next` of an answer.
below() { # PATH
    local path=/${1#/}
    echo "${path#/api/v1}"
}

# What the service says, in its words. The intention was refused: nothing has happened.
show_problem() {
    local at code
    if [[ -z $(of_answer code) ]]; then
        echo "$status: jawaban bukan dari Lintas; adakah gerbang di antaranya? / not an answer of Lintas; a gateway?" >&2
        return
    fi
    echo "$status $(of_answer code): $(of_answer title). $(of_answer detail) $(of_answer did_you_mean)" >&2
    for ((at = 0; ; at++)); do
        code=$(of_answer "errors.$at.code")
        [[ -n $code ]] || break
        echo "  $(of_answer "errors.$at.pointer")$(of_answer "errors.$at.parameter") $code:" \
            "$(of_answer "errors.$at.detail") $(of_answer "errors.$at.did_you_mean")" >&2
    done
}

no_answer() {
    die 4 "Belum ada jawaban dari $base ($status). Maksud tetap tersimpan; ulangi dengan: lintas.sh resume" \
        "No answer from $base yet ($status). The intention is kept; repeat it by: lintas.sh resume"
}

have_token() { # sets $token; kept for its ten minutes
    local until client where attempt
    if [[ -r $state/token ]]; then
        read -r until client where token <"$state/token"
        if [[ $client == "$LINTAS_CLIENT_ID" && $where == "$base" ]] && (($(date +%s) < until)); then return; fi
    fi
    [[ $(openssl pkey -in "$LINTAS_KEY" -noout -text 2>/dev/null) == *prime256v1* ]] ||
        die 1 "$LINTAS_KEY bukan kunci privat P-256 dalam PEM." "$LINTAS_KEY is no private P-256 key in PEM."
    for ((attempt = 1; ; attempt++)); do
        {
            printf %s 'grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth'
            printf %s '%3Aclient-assertion-type%3Ajwt-bearer&client_assertion='
            assertion "$LINTAS_CLIENT_ID" "$LINTAS_KID" "$LINTAS_KEY" "$issuer" | tr -d '\n'
        } >"$work/form"
        printf 'Accept-Language: %s\n' "${LINTAS_LANGUAGE:-id}" >"$work/sent"
        exchange POST "$base/oauth/token" "$work/form"
        if [[ $status == 200 ]]; then break; fi
        if ! may_pass; then
            show_problem
            exit 3
        fi
        ((attempt < attempts)) && paused "$attempt" || no_answer
    done
    token=$(of_answer access_token)
    # Given up half a minute early, so that it does not end on its way.
    echo "$(($(date +%s) + $(of_answer expires_in) - 30)) $LINTAS_CLIENT_ID $base $token" >"$state/token.new"
    mv "$state/token.new" "$state/token"
}

# Ask until there is an answer that decides; returns 3 where it is a refusal. Each attempt is signed anew.
ask() { # METHOD PATH BODY_FILE 'Name: value'…
    local method=$1 path=$2 body=$3 attempt renewed= covered
    shift 3
    for ((attempt = 1; ; attempt++)); do
        have_token
        covered=("Authorization: Bearer $token" "$@")
        {
            printf '%s\n' "${covered[@]}" "Accept-Language: ${LINTAS_LANGUAGE:-id}"
            if [[ -n $body ]]; then echo 'Content-Type: application/json'; fi
            if [[ -n $body && -n ${LINTAS_SIGN:-} ]]; then
                sign "$method" "$issuer/api/v1$path" "$body" "$LINTAS_KID" "$LINTAS_KEY" "${covered[@]}"
            fi
        } >"$work/sent"
        exchange "$method" "$base/api/v1$path" "$body"
        if [[ $status == 2?? ]]; then return 0; fi
        if [[ $status == 401 && -z $renewed && $(of_answer code) == token-* ]]; then
            renewed=1
            rm -f "$state/token"
            continue
        fi
        may_pass || return 3
        ((attempt < attempts)) && paused "$attempt" || no_answer
    done
}

get() { # PATH
    if ! ask GET "$1" ''; then
        show_problem
        exit 3
    fi
}

# -- intentions -------------------------------------------------------------------------------------------------------

# An intention is a file before it is sent: its key, path, If-Match, then the body. It goes once its answer was printed.
# The same path and body while it lies there are the same intention, so a program that crashed may just run again.
intention_of() { # PATH BODY_FILE [VERSION]
    local name draft
    name=$({ printf '%s\n' "$1"; cat "$2"; } | openssl dgst -sha256 -r | cut -d ' ' -f 1)
    intention=$state/pending/$name
    if [[ -e $intention ]]; then return; fi
    draft=$(mktemp "$state/draft.XXXXXX")
    { printf '%s\n%s\n%s\n' "$(openssl rand -hex 16)" "$1" "${3:+\"$3\"}"; cat "$2"; } >"$draft"
    sync "$draft"
    mv "$draft" "$intention"
    sync "$state/pending"
}

deliver() { # an intention's file
    local file=$1 key path match headers receipt
    { read -r key; read -r path; IFS= read -r match; } <"$file"
    sed 1,3d "$file" >"$work/body"
    headers=("Idempotency-Key: $key")
    if [[ -n $match ]]; then headers+=("If-Match: $match"); fi
    if ! ask POST "$path" "$work/body" "${headers[@]}"; then
        show_problem
        rm -f "$file"
        return 3
    fi
    { grep -oE '"receipt": *\{[^}]*\}' "$work/answer" || true; } | sed 's/^"receipt": *//' | while IFS= read -r receipt; do
        printf '%s\n' "$receipt" >"$state/receipts/$(field entry <<<"$receipt").json"
    done
    cat "$work/answer"
    echo
    rm -f "$file"
}

send() { # PATH BODY_FILE [VERSION]
    [[ -r $2 ]] || die 1 "$2 tidak terbaca." "$2 cannot be read."
    intention_of "$(below "$1")" "$2" "${3:-}"
    deliver "$intention" || exit $?
}

act() { # CASEFILE TRANSITION BODY_FILE
    local path=/casefiles/$1/$2 name
    [[ -r $3 ]] || die 1 "$3 tidak terbaca." "$3 cannot be read."
    name=$({ printf '%s\n' "$path"; cat "$3"; } | openssl dgst -sha256 -r | cut -d ' ' -f 1)
    # What was begun is repeated as it was; its version may be an old one by now, and its answer is kept.
    if [[ -e $state/pending/$name ]]; then
        send "$path" "$3"
    else
        get "/casefiles/$1"
        send "$path" "$3" "$(of_answer version)"
    fi
}

resume() {
    local file code=0
    for file in "$state"/pending/*; do
        if [[ -e $file ]]; then deliver "$file" || code=$?; fi
    done
    exit $code
}

# -- the feed ---------------------------------------------------------------------------------------------------------

# The place is moved after an event was printed: after a crash one comes twice, none is lost. `previous` proves it.
follow() { # [SECONDS]
    local last=null source=- wait=${1:-0} index previous from event came=1
    if [[ -r $state/feed ]]; then read -r last source <"$state/feed"; fi
    while ((came)); do
        get "/events?after=${last/null/-1}&wait=$wait"
        came=0 wait=0
        events_of_page <"$work/answer" >"$work/events"
        while IFS=' ' read -r index previous from event; do
            if [[ $last != null ]] && ((index <= last)); then continue; fi
            [[ $source == - || $from == "$source" ]] ||
                die 2 "Log bercabang: tanyakan kepada operator dari nomor berapa mulai lagi." \
                    "The log was forked: ask the operator from which index to begin again."
            [[ $previous == "$last" ]] ||
                die 2 "Ada peristiwa yang terlewat sesudah $last; tempat tidak dipindahkan, jalankan lagi." \
                    "Events after $last are missing; the place was not moved, run it again."
            printf '%s\n' "$event"
            came=1 last=$index source=$from
            echo "$last $source" >"$state/feed.new"
            mv "$state/feed.new" "$state/feed"
        done <"$work/events"
    done
}

# -- what others signed -----------------------------------------------------------------------------------------------

hex_of_base64url() { # TEXT
    local text=${1//-/+}
    text=${text//_//}
    while ((${#text} % 4)); do text+==; done
    openssl base64 -d -A <<<"$text" | od -An -v -tx1 | tr -d ' \n'
}

bytes() { printf %b "$(sed 's/../\\x&/g' <<<"$1")"; } # HEX

# HMAC-SHA256 (RFC 2104) by hand: openssl would take the secret on its command line, where `ps` shows it.
hmac() { # HEX_KEY of 64 bytes at most, FILE
    local key at byte inner= outer=
    printf -v key '%s%0128d' "$1" 0
    for ((at = 0; at < 128; at += 2)); do
        printf -v byte %02x $((16#${key:at:2} ^ 0x36))
        inner+=$byte
        printf -v byte %02x $((16#${key:at:2} ^ 0x5c))
        outer+=$byte
    done
    { bytes "$inner"; cat "$2"; } | openssl dgst -sha256 -binary | { bytes "$outer"; cat; } | openssl dgst -sha256 -binary
}

# The public key of that id as PEM in $work/public.pem. Asked for again where it is not known yet.
published_key() { # KID KTY
    local at kid found=
    for _ in 1 2; do
        if [[ -r $state/jwks.json ]]; then
            for ((at = 0; ; at++)); do
                kid=$(field "keys.$at.kid" <"$state/jwks.json")
                [[ -n $kid ]] || break
                if [[ $kid == "$1" && $(field "keys.$at.kty" <"$state/jwks.json") == "$2" ]]; then found=$at; fi
            done
        fi
        if [[ -n $found ]]; then break; fi
        curl -sSf --max-time 60 "${LINTAS_BASE%/}/.well-known/jwks.json" -o "$state/jwks.new" ||
            die 4 "Kunci publik tidak dapat diambil." "The public keys cannot be fetched."
        mv "$state/jwks.new" "$state/jwks.json"
    done
    [[ -n $found ]] || die 2 "Kunci $1 tidak dikenal." "The key $1 is not known."
    local x y
    x=$(hex_of_base64url "$(field "keys.$found.x" <"$state/jwks.json")")
    if [[ $2 == EC ]]; then
        y=$(hex_of_base64url "$(field "keys.$found.y" <"$state/jwks.json")")
        bytes "3059301306072a8648ce3d020106082a8648ce3d03010703420004$x$y" >"$work/public.der"
    else
        bytes "302a300506032b6570032100$x" >"$work/public.der"
    fi
    openssl pkey -pubin -inform DER -in "$work/public.der" -out "$work/public.pem"
}

webhook() { # HEADERS BODY
    [[ -r $1 && -r $2 ]] || die 1 "Tajuk dan badan pesan diperlukan." "The message's headers and its body are needed."
    [[ -n ${LINTAS_WEBHOOK_SECRET:-} ]] || die 1 "LINTAS_WEBHOOK_SECRET belum diisi." "LINTAS_WEBHOOK_SECRET is not set."
    local id stamp signatures key one secret is_shared= is_public=
    header() { tr -d '\r' <"$heads" | sed -n "s/^$1: *//Ip" | head -n 1; }
    local heads=$1
    id=$(header webhook-id) stamp=$(header webhook-timestamp) key=$(header lintas-webhook-key)
    signatures=$(header webhook-signature)
    [[ $id =~ ^[0-9A-Za-z_-]{1,64}$ && $stamp =~ ^[0-9]{1,12}$ && -n $key ]] ||
        die 2 "Tajuk pesan tidak lengkap." "Headers of the message are missing."
    one=$(($(now) - 10#$stamp))
    ((one <= 300 && one >= -300)) || die 2 "Pesan terlalu lama: $one s." "The message is too old: $one s."
    { printf '%s.%s.' "$id" "$stamp"; cat "$2"; } >"$work/signed"
    published_key "$key" OKP
    secret=$(openssl base64 -d -A <<<"${LINTAS_WEBHOOK_SECRET#whsec_}" | od -An -v -tx1 | tr -d ' \n')
    for one in $signatures; do
        if [[ $one == v1a,* ]]; then
            openssl base64 -d -A <<<"${one#*,}" >"$work/signature"
            if openssl pkeyutl -verify -rawin -pubin -inkey "$work/public.pem" -sigfile "$work/signature" \
                -in "$work/signed" >/dev/null 2>&1; then is_public=1; fi
        elif [[ $one == v1,* ]]; then
            # Both are digested once more, so that how long comparing takes tells nothing.
            if [[ $(hmac "$secret" "$work/signed" | openssl base64 -A | openssl dgst -sha256 -r) == \
                "$(printf %s "${one#*,}" | openssl dgst -sha256 -r)" ]]; then is_shared=1; fi
        fi
    done
    [[ -n $is_shared ]] || die 2 "Tanda tangan v1 tidak cocok dengan secret." "Signature v1 does not fit the secret."
    [[ -n $is_public ]] || die 2 "Tanda tangan v1a tidak cocok." "Signature v1a does not fit."
    # A challenge is answered as often as it comes.
    if [[ -e $state/webhooks/$id && $(field type <"$2") != lintas.webhook.challenge ]]; then
        echo "Pesan $id sudah diterima. / Message $id came before." >&2
        return
    fi
    cat "$2"
    echo
    # What is older is refused for its age; attempts end after four days.
    : >"$state/webhooks/$id"
    find "$state/webhooks" -type f -mtime +5 -delete
}

receipt() { # RECEIPT.json
    [[ -r $1 ]] || die 1 "$1 tidak terbaca." "$1 cannot be read."
    local header payload signature hex name said
    IFS=. read -r header payload signature <<<"$(field jws <"$1")"
    bytes "$(hex_of_base64url "$header")" >"$work/header"
    bytes "$(hex_of_base64url "$payload")" >"$work/payload"
    [[ $(field alg <"$work/header") == ES256 && $(field typ <"$work/header") == lintas-receipt+jwt ]] ||
        die 2 "Ini bukan tanda terima Lintas." "This is no receipt of Lintas."
    hex=$(hex_of_base64url "$signature")
    [[ ${#hex} == 128 ]] || die 2 "Tanda tangannya bukan 64 byte (r, s)." "The signature is not 64 bytes (r, s)."
    published_key "$(field kid <"$work/header")" EC
    number() { # 32 bytes of r or s, as DER wants them: no leading zeros, but one where it would look negative
        local digits=$1
        while [[ $digits == 00* && ${#digits} -gt 2 ]]; do digits=${digits#00}; done
        if [[ $digits == [89a-f]* ]]; then digits=00$digits; fi
        printf '02%02x%s' $((${#digits} / 2)) "$digits"
    }
    hex=$(number "${hex:0:64}")$(number "${hex:64}")
    bytes "30$(printf %02x $((${#hex} / 2)))$hex" >"$work/signature"
    printf %s "$header.$payload" >"$work/signed"
    openssl dgst -sha256 -verify "$work/public.pem" -signature "$work/signature" "$work/signed" >/dev/null 2>&1 ||
        die 2 "Tanda tangan tanda terima tidak cocok." "The receipt's signature does not fit."
    for name in entry stream seq leaf_hash accepted_at in_tree_by; do
        said=$(field "$name" <"$1")
        # A casefile is a stream, and its receipts say so.
        if [[ $name == stream && -z $said ]]; then said=$(field casefile <"$1"); fi
        [[ $said == "$(field "$name" <"$work/payload")" ]] ||
            die 2 "$name tidak sama dengan yang ditandatangani." "$name is not what was signed."
    done
    cat "$work/payload"
    echo
}

usage() {
    sed -n '2,18s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit "${1:-1}"
}

main() {
    local command=${1:-} least
    shift || true
    declare -A needs=([get]=1 [send]=2 [act]=3 [webhook]=2 [receipt]=1 [assertion]=4 [sign]=5 [field]=1)
    least=${needs[${command:-none}]:-0}
    if (($# < least)); then usage >&2; fi
    case $command in
        assertion | sign | field) "$command" "$@" ;;
        webhook | receipt)
            [[ -n ${LINTAS_BASE:-} ]] || die 1 "LINTAS_BASE belum diisi." "LINTAS_BASE is not set."
            keep_state
            "$command" "$@"
            ;;
        get)
            start
            get "$(below "$1")"
            cat "$work/answer"
            echo
            ;;
        token)
            start
            have_token
            echo "$token"
            ;;
        send | act | resume | follow) start && "$command" "$@" ;;
        -h | --help) usage 0 ;;
        *) usage >&2 ;;
    esac
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
