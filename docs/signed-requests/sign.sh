#!/usr/bin/env bash
# Print the three headers that sign a request (RFC 9421, ES256). Needs bash and openssl.
#   sign.sh METHOD URL BODY_FILE KID KEY.pem 'Authorization: Bearer …' 'Idempotency-Key: …' ['If-Match: "3"'] > headers
#   curl -X METHOD URL --data-binary @BODY_FILE -H @headers -H 'Content-Type: application/json' -H 'Authorization: …' …
set -euo pipefail
method=$1 url=$2 body=$3 kid=$4 key=$5
shift 5

rest=${url#*://} digest="sha-256=:$(openssl dgst -sha256 -binary "$body" | openssl base64 -A):"
target=/${rest#*/} covered='"@method" "@authority" "@path"'
base='"@method": '$method$'\n"@authority": '${rest%%/*}$'\n"@path": '${target%%\?*}$'\n'

cover() { covered+=" \"$1\"" base+="\"$1\": $2"$'\n'; }
[[ $target == *\?* ]] && cover @query "?${target#*\?}"
for header in "$@"; do
    name=${header%%:*} value=${header#*: }
    cover "$(tr '[:upper:]' '[:lower:]' <<<"$name")" "$value"
done
[[ -s $body ]] && cover content-digest "$digest"

parameters="($covered);created=$(date +%s);keyid=\"$kid\";tag=\"lintas-v1\""
base+="\"@signature-params\": $parameters"

# openssl writes DER: two numbers in a sequence. ES256 wants r and s alone, 32 bytes each.
hex=
for number in $(printf %s "$base" | openssl dgst -sha256 -sign "$key" | openssl asn1parse -inform DER |
    sed -n 's/.*INTEGER *://p'); do
    zeros=0000000000000000000000000000000000000000000000000000000000000000$number
    hex+=${zeros: -64}
done
[[ -s $body ]] && echo "Content-Digest: $digest"
echo "Signature-Input: sig=$parameters"
echo "Signature: sig=:$(printf %b "$(sed 's/../\\x&/g' <<<"$hex")" | openssl base64 -A):"
