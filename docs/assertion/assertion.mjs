// Print a client assertion (RFC 7523, ES256) for one token. Needs Node.js and nothing else.
//   node assertion.mjs CLIENT_ID KID KEY.pem ISSUER
import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { readFileSync } from "node:fs";

const [clientId, kid, keyFile, issuer] = process.argv.slice(2);
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

const now = Math.floor(Date.now() / 1000); // seconds, not milliseconds
const header = { alg: "ES256", typ: "JWT", kid };
const claims = { iss: clientId, sub: clientId, aud: issuer, iat: now, exp: now + 60, jti: randomUUID() };
const signed = `${part(header)}.${part(claims)}`;
// "ieee-p1363" is r and s alone, 64 bytes; without it Node writes DER.
const key = { key: createPrivateKey(readFileSync(keyFile)), dsaEncoding: "ieee-p1363" };
console.log(`${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`);
