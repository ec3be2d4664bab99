#!/usr/bin/env bash
# Print a client assertion (RFC 7523, ES256) for one token. Needs bash and openssl.
#   assertion.sh CLIENT_ID KID KEY.pem ISSUER
set -euo pipefail
client_id=$1 kid=$2 key=$3 issuer=$4

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

now=$(date +%s)
header='{"alg":"ES256","typ":"JWT","kid":"'$kid'"}'
claims='{"iss":"'$client_id'","sub":"'$client_id'","aud":"'$issuer'","iat":'$now',"exp":'$((now + 60))
claims+=',"jti":"'$(openssl rand -hex 16)'"}'
signed=$(printf %s "$header" | base64url).$(printf %s "$claims" | base64url)

# openssl writes DER: two numbers in a sequence. ES256 wants r and s alone, 32 bytes each.
hex=
for number in $(printf %s "$signed" | openssl dgst -sha256 -sign "$key" | openssl asn1parse -inform DER |
    sed -n 's/.*INTEGER *://p'); do
    zeros=0000000000000000000000000000000000000000000000000000000000000000$number
    hex+=${zeros: -64}
done
printf '%s.%s\n' "$signed" "$(printf %b "$(sed 's/../\\x&/g' <<<"$hex")" | base64url)"
