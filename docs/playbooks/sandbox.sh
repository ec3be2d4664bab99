# For the playbooks, in a sandbox (`./run serve --sandbox`): act as one office after the other, with the keys of
# .run/sandbox.json. In earnest you have the one key of your own system, and nobody has this file.

lintas() { kit/bash/lintas.sh "$@"; }

as() { # OFFICE: whatever follows is done by the system of that office
    export LINTAS_CLIENT_ID=$1-system LINTAS_KID=$1-1 LINTAS_KEY=.run/$1.pem LINTAS_STATE=.run/state-$1
    if [ ! -e "$LINTAS_KEY" ]; then
        (umask 077 && python3 -c 'import json, sys
clients = json.load(open(".run/sandbox.json"))["clients"]
print(*(one["private_pem"] for one in clients if one["agency"] == sys.argv[1]))' "$1" > "$LINTAS_KEY.new") &&
            mv "$LINTAS_KEY.new" "$LINTAS_KEY"
    fi
}

forwarded() { # EMPLOYER: a new finding of Bawaslu Kota Padang about an invented officer; prints the casefile's id
    local document
    as bawaslu-kota-padang
    document=$(lintas send /documents openapi/examples/register_document.json | lintas field id)
    sed -e "s/0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10/$document/" -e "s|006/TM/PW|$(openssl rand -hex 6)/TM/PW|" \
        -e "s/Contoh Nama/Contoh $(openssl rand -hex 4)/" -e "s/pemkot-padang/$1/" -e "s/2024-001/$(openssl rand -hex 4)/" \
        openapi/examples/submit_finding.json > .run/forwarded.json
    lintas send /findings .run/forwarded.json | lintas field casefiles.0.id
}

advanced() { # CASEFILE STATE: the others act until the case stands there; prints its state
    curl -s "${LINTAS_ISSUER:-$LINTAS_BASE}/api/v1/sandbox/casefiles/$1/advance" -H "Content-Type: application/json" \
        -d "{\"to\": \"$2\"}" | lintas field state
}

nip() { # an invented NIP that nobody else has
    echo "$(date -d "1970-01-01 +$((RANDOM % 7000)) days" +%Y%m%d)2010011$((RANDOM % 900 + 100))"
}

today() { TZ=Asia/Jakarta date +%F; }
