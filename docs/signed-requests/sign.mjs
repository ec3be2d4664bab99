// Print the three headers that sign a request (RFC 9421, ES256). Needs Node.js and nothing else.
//   node sign.mjs METHOD URL BODY_FILE KID KEY.pem 'Authorization: Bearer …' 'Idempotency-Key: …' ['If-Match: "3"']
import { createHash, createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";

const [method, url, bodyFile, kid, keyFile, ...headers] = process.argv.slice(2);
const body = readFileSync(bodyFile);
const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
const [, authority, path, query] = url.match(/^[a-z]+:\/\/([^/]+)([^?]*)(\?.*)?$/);

const parts = [["@method", method], ["@authority", authority], ["@path", path]];
if (query) parts.push(["@query", query]);
for (const header of headers) {
  const colon = header.indexOf(":");
  parts.push([header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()]);
}
if (body.length) parts.push(["content-digest", digest]);

const covered = parts.map(([name]) => `"${name}"`).join(" ");
const parameters = `(${covered});created=${Math.floor(Date.now() / 1000)};keyid="${kid}";tag="lintas-v1"`;
const base = [...parts, ["@signature-params", parameters]].map(([name, value]) => `"${name}": ${value}`).join("\n");

// "ieee-p1363" is r and s alone, 64 bytes; without it Node writes DER.
const key = { key: createPrivateKey(readFileSync(keyFile)), dsaEncoding: "ieee-p1363" };
if (body.length) console.log(`Content-Digest: ${digest}`);
console.log(`Signature-Input: sig=${parameters}`);
console.log(`Signature: sig=:${sign("sha256", Buffer.from(base), key).toString("base64")}:`);
