// Makes a key pair with WebCrypto, proves possession of it, and registers a client of the sandbox with it.
// The private key stays in this page: it is shown and can be saved, and is sent nowhere.
"use strict";

const form = document.getElementById("make");
const utf8 = new TextEncoder();
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const base64url = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const asPart = (value) => base64url(utf8.encode(JSON.stringify(value)));

// The thumbprint of a key (RFC 7638): its members in this order, without a space.
async function thumbprint({ crv, kty, x, y }) {
  return base64url(await crypto.subtle.digest("SHA-256", utf8.encode(JSON.stringify({ crv, kty, x, y }))));
}

// What shows that we hold the private half. WebCrypto signs as r then s, which is what ES256 wants.
async function proof(key, clientId, issuer, jkt) {
  const signed = `${asPart({ alg: "ES256", typ: "lintas-key-proof+jwt" })}.${asPart({ client_id: clientId, aud: issuer, jkt })}`;
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, utf8.encode(signed));
  return `${signed}.${base64url(signature)}`;
}

async function asPem(key) {
  const lines = base64(await crypto.subtle.exportKey("pkcs8", key)).match(/.{1,64}/g);
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}

const value = (id) => document.getElementById(id).value.trim();
const show = (id, shown) => { document.getElementById(id).hidden = !shown; };

function refuse(reasons) {
  const list = document.querySelector("#refused ul");
  list.replaceChildren(...reasons.map((reason) => {
    const item = document.createElement("li");
    item.textContent = reason;
    return item;
  }));
  show("refused", true);
}

async function register() {
  const clientId = value("client"), kid = value("kid"), issuer = form.dataset.base;
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const jwk = { kty, crv, x, y };
  const scopes = [...form.querySelectorAll("[name=scope]:checked")].map((box) => box.value);
  const key = { jwk, kid, proof: await proof(privateKey, clientId, issuer, await thumbprint(jwk)) };
  const answer = await fetch("/api/v1/sandbox/clients", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
    body: JSON.stringify({ agency: value("agency"), client_id: clientId, scopes, keys: [key] }),
  });
  const told = await answer.json();
  if (!answer.ok) {
    const errors = told.errors?.length ? told.errors : [told];
    refuse(errors.map((error) => error.detail ?? error.title ?? error.code));
    return;
  }
  const pem = await asPem(privateKey);
  document.getElementById("made-client").textContent = told.client_id;
  document.getElementById("pem").textContent = pem;
  document.getElementById("save").href = URL.createObjectURL(new Blob([pem], { type: "application/x-pem-file" }));
  for (const lines of document.querySelectorAll(".lines")) {
    lines.textContent = lines.textContent.replace(/^.*\n/, `BASE=${issuer} CLIENT=${clientId} KID=${kid}\n`);
  }
  show("made", true);
  document.getElementById("made").focus();
}

form.hidden = false;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  show("refused", false);
  show("made", false);
  show("doing", true);
  button.disabled = true;
  try {
    await register();
  } catch (error) {
    refuse([String(error)]);
  } finally {
    button.disabled = false;
    show("doing", false);
  }
});
