// Sebelum setiap permintaan: beli token dengan asersi yang ditandatangani di sini (ES256), dan simpan sembilan menit.
// Before each request: buy a token with an assertion that is signed here (ES256), and keep it for nine minutes.
//
// Postman gives scripts no WebCrypto, so P-256 is computed with BigInt and the nonce is drawn from key and message
// (RFC 6979). It is not constant in time: use it on your own machine, and in production a client of the kit.

(() => {
const crypto = require("crypto-js");
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const G = [
    0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
];

const mod = (a, m) => ((a % m) + m) % m;
const hex = (n) => n.toString(16).padStart(64, "0");

function inverse(a, m) {
    let [r, s, x, y] = [mod(a, m), m, 1n, 0n];
    while (r > 1n) {
        const q = s / r;
        [r, s] = [s % r, r];
        [x, y] = [y - q * x, x];
    }
    return mod(x, m);
}

function add(p, q) {
    if (!p || !q) return p || q;
    if (p[0] === q[0] && mod(p[1] + q[1], P) === 0n) return null;
    const slope = p[0] === q[0]
        ? (3n * p[0] * p[0] - 3n) * inverse(2n * p[1], P)
        : (q[1] - p[1]) * inverse(q[0] - p[0], P);
    const x = mod(slope * slope - p[0] - q[0], P);
    return [x, mod(slope * (p[0] - x) - p[1], P)];
}

function times(k, point) {
    let sum = null;
    for (const bit of k.toString(2)) {
        sum = add(sum, sum);
        if (bit === "1") sum = add(sum, point);
    }
    return sum;
}

const hmac = (key, data) =>
    crypto.HmacSHA256(crypto.enc.Hex.parse(data), crypto.enc.Hex.parse(key)).toString();

// Nonces for this key and message, one after another (RFC 6979, 3.2).
function* nonces(d, e) {
    const seed = hex(d) + hex(mod(e, N));
    let [key, value] = ["00".repeat(32), "01".repeat(32)];
    for (const mark of ["00", "01"]) {
        key = hmac(key, value + mark + seed);
        value = hmac(key, value);
    }
    for (;;) {
        value = hmac(key, value);
        yield BigInt("0x" + value);
        key = hmac(key, value + "00");
        value = hmac(key, value);
    }
}

// r and s, 32 bytes each, in hexadecimal.
function sign(d, text) {
    const e = BigInt("0x" + crypto.SHA256(text).toString());
    for (const k of nonces(d, e)) {
        if (k === 0n || k >= N) continue;
        const r = mod(times(k, G)[0], N);
        const s = mod(inverse(k, N) * (e + r * d), N);
        if (r && s) return hex(r) + hex(s);
    }
}

const plain = (base64) => base64.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
const part = (value) => plain(crypto.enc.Base64.stringify(crypto.enc.Utf8.parse(JSON.stringify(value))));

function number(base64url) {
    const padded = base64url.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat((4 - (base64url.length % 4)) % 4);
    return BigInt("0x" + crypto.enc.Base64.parse(padded).toString());
}

function assertion(jwk, clientId, issuer) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: clientId, sub: clientId, aud: issuer, iat: now, exp: now + 60, jti: require("uuid").v4() };
    const signed = part({ alg: "ES256", typ: "JWT", kid: jwk.kid }) + "." + part(claims);
    const signature = crypto.enc.Base64.stringify(crypto.enc.Hex.parse(sign(number(jwk.d), signed)));
    return signed + "." + plain(signature);
}

// The client of a request: the variable of its bearer token says which. Yours is `token`; the sandbox's other offices
// have `token_<agency>`, with the key in `jwk_<agency>`.
const bearer = pm.request.auth && pm.request.auth.parameters().get("token");
const who = (/^\{\{token_([a-z0-9-]+)\}\}$/.exec(bearer || "") || [])[1];
const suffix = who ? "_" + who : "";
const text = pm.variables.get("jwk" + suffix);
const isOpen = pm.request.auth && pm.request.auth.type === "noauth";

if (!isOpen && Date.now() > Number(pm.variables.get("until" + suffix) || 0)) {
    if (!text) {
        throw new Error(`Isi jwk${suffix} di environment: kunci privat (JWK, P-256) beserta kid. / Set jwk${suffix}.`);
    }
    const jwk = JSON.parse(text);
    const base = pm.variables.get("base_url");
    const clientId = who ? who + "-system" : pm.variables.get("client_id");
    const fields = {
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: assertion(jwk, clientId, pm.variables.get("issuer") || base),
    };
    const body = Object.keys(fields).map((name) => name + "=" + encodeURIComponent(fields[name])).join("&");
    pm.sendRequest({
        url: base + "/oauth/token",
        method: "POST",
        header: { "Content-Type": "application/x-www-form-urlencoded" },
        body: { mode: "raw", raw: body },
    }, (error, answer) => {
        if (error || answer.code !== 200) {
            // What is thrown in an answer's function is told nowhere; a failed test is, with its reason.
            pm.test("Token", () => {
                throw new Error("Token ditolak / refused: " + (error ? String(error) : answer.text()));
            });
            return;
        }
        pm.collectionVariables.set("token" + suffix, answer.json().access_token);
        pm.collectionVariables.set("until" + suffix, Date.now() + 9 * 60 * 1000);
    });
}
})();
