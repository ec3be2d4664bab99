#!/usr/bin/env node
// lintas-verify.mjs: check a proof file (and a submission receipt) of a Lintas log, offline.
//
//   node lintas-verify.mjs FILE.tlog-proof --key <log vkey> [--policy FILE] [--leaf-hash HEX]
//                          [--receipt receipt.json --jwks jwks.json] [--id] [--json]
//   node lintas-verify.mjs --checkpoint FILE --key <log vkey> [--policy FILE] [--id] [--json]
//
// Exit code: 0 sound, 1 tampered, 2 cannot decide. Needs node 18 or later and nothing else.
// Written from the texts, independently of the server: RFC 9162 section 2.1 (tree), C2SP signed-note, tlog-checkpoint,
// tlog-cosignature, tlog-proof, tlog-policy, RFC 8032 (Ed25519 keys), RFC 7515, 7518 and 7638 (receipt).
// What stands between the two lines "core" knows bytes and a `platform`, and nothing of node: lintas-verify.html holds it
// too, with the browser's own cryptography (`./run openapi` copies it).

import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { readFileSync } from "node:fs";
import { argv, exit, stdout } from "node:process";

const SPKI_ED25519 = Buffer.from("302a300506032b6570032100", "hex");

/** The cryptography that the core asks for. Keys are whatever the platform makes of them; every answer is a promise. */
const platform = {
  sha256: async (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest()),
  ed25519: async (raw) => createPublicKey({ key: Buffer.concat([SPKI_ED25519, raw]), format: "der", type: "spki" }),
  fitsEd25519: async (key, message, signature) => verifySignature(null, message, key, signature),
  p256: async ({ crv, kty, x, y }) => createPublicKey({ key: { crv, kty, x, y }, format: "jwk" }),
  fitsP256: async (key, message, signature) => verifySignature("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature),
};

/** A file by its path, as the core takes it: `bytes()` raises Malformed where it cannot be read. */
const fileAt = (path) => ({
  name: path,
  bytes: async () => {
    try {
      return new Uint8Array(readFileSync(path));
    } catch (error) {
      if (error.code && error.syscall) throw new Malformed(error.code);
      throw error;
    }
  },
});

// == core =============================================================================================================

const SOUND = 0;
const TAMPERED = 1;
const UNDECIDED = 2;

// -- what is said, in two languages -----------------------------------------------------------------------------------

const SENTENCES = {
  "proof-read": ["The proof file is well formed: leaf {index}, path of {steps} hashes.", "Berkas bukti terbaca: daun {index}, jalur {steps} hash."],
  "leaf-extra": ["The leaf hash {leaf} was computed from the entry in the file.", "Hash daun {leaf} dihitung dari entri di dalam berkas."],
  "entry-shape": ["What the file carries (extra) is no entry of a register: {why}.", "Yang dimuat berkas (extra) bukan entri register: {why}."],
  "leaf-given": ["The leaf hash {leaf} is the one you gave.", "Hash daun {leaf} adalah yang Anda berikan."],
  "leaf-receipt": ["The leaf hash {leaf} was taken from the receipt.", "Hash daun {leaf} diambil dari tanda terima."],
  "proof-leaf": ["The proof is of another entry than the one asked about: {first} ({firstFrom}) against {second} ({secondFrom}).", "Bukti ini untuk entri lain dari yang ditanyakan: {first} ({firstFrom}) dengan {second} ({secondFrom})."],
  "leaf-none": ["No leaf to look for: the file carries no entry. Give --leaf-hash or --receipt.", "Tidak ada daun yang dicari: berkas tidak memuat entri. Berikan --leaf-hash atau --receipt."],
  "leaf-malformed": ["--leaf-hash must be 64 hexadecimal digits.", "--leaf-hash harus 64 digit heksadesimal."],
  "checkpoint-malformed": ["The checkpoint in the proof file is not as a log writes it: {why}.", "Titik periksa di dalam berkas bukti tidak seperti yang ditulis log: {why}."],
  "log-signed": ["The checkpoint of {origin}, {size} leaves, is signed by the log's key.", "Titik periksa {origin}, {size} daun, ditandatangani dengan kunci log."],
  "proof-unsigned": ["The checkpoint of {origin} carries no signature by the key you trust.", "Titik periksa {origin} tidak ditandatangani dengan kunci yang Anda percayai."],
  "proof-signature": ["The log's signature does not fit the checkpoint of {origin}.", "Tanda tangan log tidak cocok dengan titik periksa {origin}."],
  "checkpoint-unknown-key": ["The checkpoint is of {origin}, and you gave no key for that log.", "Titik periksa milik {origin}; Anda tidak memberikan kunci log itu."],
  "path-holds": ["Leaf {index} is in the tree of {size} leaves under the signed root.", "Daun {index} ada di pohon berisi {size} daun di bawah akar yang ditandatangani."],
  "proof-path": ["The path does not lead from this leaf at {index} to the signed root of {size} leaves: {why}.", "Jalur tidak membawa dari daun {index} ini ke akar {size} daun yang ditandatangani: {why}."],
  "witness-fits": ["Witness {witness} saw this checkpoint at {at}.", "Saksi {witness} melihat titik periksa ini pada {at}."],
  "witness-absent": ["Witness {witness} has not cosigned this checkpoint.", "Saksi {witness} tidak ikut menandatangani titik periksa ini."],
  "witness-forged": ["The cosignature of witness {witness} does not fit this checkpoint, and counts for nothing.", "Tanda tangan saksi {witness} tidak cocok dengan titik periksa ini dan tidak dihitung."],
  "quorum-met": ["Enough witnesses for the policy (quorum {quorum}).", "Saksi cukup menurut kebijakan (kuorum {quorum})."],
  "quorum": ["Not enough witnesses for the policy (quorum {quorum}).", "Saksi belum cukup menurut kebijakan (kuorum {quorum})."],
  "quorum-none": ["The policy asks for no witness: nobody but the log's operator vouches for this.", "Kebijakan tidak meminta saksi: hanya operator log sendiri yang menjamin ini."],
  "receipt-signed": ["The receipt is signed by the key {kid}, accepted at {at}.", "Tanda terima ditandatangani dengan kunci {kid}, diterima pada {at}."],
  "receipt-malformed": ["What is signed in the receipt is not as the register writes it: {why}.", "Yang ditandatangani di tanda terima tidak seperti yang ditulis register: {why}."],
  "receipt-signature": ["The signature of the receipt does not fit the key {kid}.", "Tanda tangan tanda terima tidak cocok dengan kunci {kid}."],
  "receipt-unknown-key": ["The receipt names the key {kid}, which is not in the key set.", "Tanda terima menyebut kunci {kid} yang tidak ada di himpunan kunci."],
  "receipt-member": ["The receipt says {member} = {said}, but {other} says {found}.", "Tanda terima menyatakan {member} = {said}, tetapi {other} menyatakan {found}."],
  "receipt-forked": ["The receipt is of {said}, the checkpoint of {found}, which you trust: ask whether that log went on there after a fork.", "Tanda terima dari {said}, titik periksa dari {found} yang Anda percayai: tanyakan apakah log itu berlanjut di sana setelah percabangan."],
  "receipt-fits": ["The receipt and the proof speak of the same leaf.", "Tanda terima dan bukti menyebut daun yang sama."],
  "receipt-kept": ["The receipt, the entry and the proof speak of the same leaf, stream and number.", "Tanda terima, entri, dan bukti menyebut daun, alur, dan nomor yang sama."],
  "no-key": ["No key to trust: give --key with the log's vkey, or a policy that names the log.", "Tidak ada kunci yang dipercaya: berikan --key berisi vkey log, atau kebijakan yang menyebut log."],
  "unreadable": ["{what} cannot be read: {why}.", "{what} tidak terbaca: {why}."],
  "usage": ["{why} Usage: node lintas-verify.mjs FILE.tlog-proof --key VKEY [--policy FILE] [--leaf-hash HEX] [--receipt FILE --jwks FILE] [--id] [--json]", "{why} Pemakaian: node lintas-verify.mjs FILE.tlog-proof --key VKEY [--policy FILE] [--leaf-hash HEX] [--receipt FILE --jwks FILE] [--id] [--json]"],
  "unwitnessed": ["No policy of witnesses was given (--policy): nobody but the log's operator vouches for this.", "Kebijakan saksi tidak diberikan (--policy): hanya operator log sendiri yang menjamin ini."],
  "time-ahead": ["This moment lies ahead of this machine's clock: one of the two is wrong ({at}).", "Waktu ini mendahului jam mesin ini: salah satunya keliru ({at})."],
  "time-after-witness": ["The entry says that it was recorded after a witness had seen it in the tree ({at}).", "Menurut entri, ia dicatat sesudah saksi melihatnya di pohon ({at})."],
  "verdict-0": ["SOUND: everything above holds.", "UTUH: semua di atas terbukti."],
  "verdict-1": ["TAMPERED: what is marked above does not hold.", "TELAH DIUBAH: yang ditandai di atas tidak terbukti."],
  "verdict-2": ["CANNOT DECIDE: see what is missing above.", "TIDAK DAPAT DIPASTIKAN: lihat apa yang kurang di atas."],
};

/** Ends the check with a code; `key` and `facts` say why. */
class Ended extends Error {
  constructor(code, key, facts = {}) {
    super(key);
    Object.assign(this, { code, key, facts });
  }
}

/** The format is not what the text demands. `what` is filled in by whoever knows which file it was. */
class Malformed extends Error {}

/** A text that can be read, and is not what a register signs. */
class Foreign extends Error {}

/** A signature or path that is readable and wrong. */
class Wrong extends Error {}

// -- bytes ------------------------------------------------------------------------------------------------------------

const encode = (text) => new TextEncoder().encode(text);
const hex = (bytes) => Array.from(bytes, (octet) => octet.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
/** One character per octet, and back: what ISO 8859-1 does. */
const octets = (bytes) => Array.from(bytes, (octet) => String.fromCharCode(octet)).join("");
const unoctets = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const same = (first, second) => first.length === second.length && first.every((octet, at) => octet === second[at]);

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

const sha256 = (...parts) => platform.sha256(join(...parts));

/** RFC 4648 section 4, in its one spelling: padded, no blanks, no stray bits. */
function base64(text) {
  try {
    const raw = atob(text);
    if (btoa(raw) === text) return unoctets(raw);
  } catch {
    // Said below.
  }
  throw new Malformed("this is not base64 in its one spelling");
}

const toBase64url = (bytes) => btoa(octets(bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** RFC 7515 section 2: URL-safe, without padding, in its one spelling. */
function base64url(text) {
  try {
    const raw = unoctets(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
    if (toBase64url(raw) === text) return raw;
  } catch {
    // Said below.
  }
  throw new Malformed("this is not base64url in its one spelling");
}

/** For people: octets that are no UTF-8 are shown as such. */
const shown = (text) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(unoctets(text));

function utf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed("this is not UTF-8");
  }
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed("this is not JSON");
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** An ASCII decimal without leading zeroes, below 2^63: tree sizes do not fit a double. */
function decimal(text) {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text) || BigInt(text) >= 2n ** 63n) throw new Malformed("this is no number of leaves");
  return BigInt(text);
}

// -- Ed25519 ----------------------------------------------------------------------------------------------------------

const P = 2n ** 255n - 19n;
// y of the eight points whose order divides 8 (each with both signs of x). One signature with such a key fits every text.
const SMALL_ORDER_Y = new Set([
  0n,
  1n,
  P - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
]);

/** A usable public key from its 32 bytes: RFC 8032, 5.1.3 refuses y >= p; small orders are refused besides. */
async function ed25519(raw) {
  if (raw.length !== 32) throw new Malformed("an Ed25519 key has 32 bytes");
  const y = BigInt("0x" + hex(raw.slice().reverse())) & (2n ** 255n - 1n);
  if (y >= P || SMALL_ORDER_Y.has(y % P)) throw new Malformed("this is no usable Ed25519 key");
  return platform.ed25519(raw);
}

async function fits(key, message, signature) {
  try {
    return signature.length === 64 && (await platform.fitsEd25519(key, message, signature));
  } catch {
    return false;
  }
}

// -- C2SP signed-note -------------------------------------------------------------------------------------------------

const LOG = 0x01;
const COSIGNER = 0x04;
const KEY_NAME = /^[^\p{White_Space}+]+$/u;

/** `<name>+<key id, hex>+<base64(type || key)>` */
async function readVkey(text, type) {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  if (first < 0 || second < 0) throw new Malformed("a vkey reads name+id+key");
  const [name, id, material] = [text.slice(0, first), text.slice(first + 1, second), base64(text.slice(second + 1))];
  if (!KEY_NAME.test(name)) throw new Malformed("a key's name is empty or holds a space");
  if (material[0] !== type) throw new Malformed(`a key of type 0x0${type} is needed here`);
  const keyId = (await sha256(encode(`${name}\n`), material)).subarray(0, 4);
  if (hex(keyId) !== id) throw new Malformed("the vkey's id is not that of its key");
  return { name, keyId, type, raw: material.subarray(1), public: await ed25519(material.subarray(1)) };
}

function readNote(text) {
  if (encode(text).length > 65536) throw new Malformed("the checkpoint is longer than 64 KB");
  // eslint-disable-next-line no-control-regex
  if (/[\x00-\x09\x0b-\x1f]/.test(text)) throw new Malformed("the checkpoint holds control characters (CRLF?)");
  const cut = text.lastIndexOf("\n\n");
  if (cut < 1 || !text.endsWith("\n")) throw new Malformed("a note is a text, an empty line and signature lines");
  const body = text.slice(0, cut + 1);
  const lines = text.slice(cut + 2).split("\n");
  lines.pop();
  if (lines.length < 1 || lines.length > 100) throw new Malformed("a note has between 1 and 100 signatures");
  const signatures = lines.map((line) => {
    const parts = line.split(" ");
    if (parts.length !== 3 || parts[0] !== "\u2014" || !KEY_NAME.test(parts[1]))
      throw new Malformed("a signature line reads: em dash, name, base64");
    const blob = base64(parts[2]);
    if (blob.length < 5) throw new Malformed("a signature is shorter than its key id");
    return { name: parts[1], keyId: blob.subarray(0, 4), signature: blob.subarray(4) };
  });
  return { body, signatures };
}

/** "absent", or a Wrong, or the time at which a cosigner saw the note (null for a log's key). */
async function signedBy(note, key) {
  const line = note.signatures.find((one) => one.name === key.name && same(one.keyId, key.keyId));
  if (!line) return "absent";
  if (key.type === LOG) {
    if (!(await fits(key.public, encode(note.body), line.signature))) throw new Wrong();
    return null;
  }
  if (line.signature.length !== 72) throw new Wrong();
  const time = BigInt(`0x${hex(line.signature.subarray(0, 8))}`);
  if (time >= 2n ** 63n) throw new Wrong();
  if (!(await fits(key.public, encode(`cosignature/v1\ntime ${time}\n${note.body}`), line.signature.subarray(8)))) throw new Wrong();
  return time;
}

// -- C2SP tlog-checkpoint and tlog-proof ------------------------------------------------------------------------------

function readCheckpoint(body) {
  const lines = body.split("\n");
  lines.pop();
  if (lines.length < 3 || lines.includes("")) throw new Malformed("a checkpoint has an origin, a size and a root");
  const root = base64(lines[2]);
  if (root.length !== 32) throw new Malformed("a root has 32 bytes");
  return { origin: lines[0], size: decimal(lines[1]), root };
}

function readProof(text) {
  const cut = text.indexOf("\n\n");
  const lines = text.slice(0, Math.max(cut, 0)).split("\n");
  if (cut < 0 || lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Malformed("it does not begin with c2sp.org/tlog-proof@v1");
  let extra = null;
  if (lines.length && lines[0].startsWith("extra ")) extra = base64(lines.shift().slice(6));
  if (!lines.length || !lines[0].startsWith("index ")) throw new Malformed("it names no index");
  const index = decimal(lines.shift().slice(6));
  if (lines.length > 63) throw new Malformed("the path is longer than any tree is high");
  const path = lines.map(base64);
  if (path.some((hash) => hash.length !== 32)) throw new Malformed("a hash in the path has not 32 bytes");
  return { extra, index, path, signed: text.slice(cut + 2) };
}

// -- RFC 9162, 2.1 ----------------------------------------------------------------------------------------------------

const leafHash = (entry) => sha256(Uint8Array.of(0), entry);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

/** The root to which PATH(m, D_n) leads, by unfolding the definition of PATH in 2.1.3.1 from the root downwards. */
async function rootBy(leaf, m, n, path) {
  if (n === 1n) {
    if (path.length) throw new Wrong("the path is too long");
    return leaf;
  }
  if (!path.length) throw new Wrong("the path is too short");
  let k = 1n;
  while (k * 2n < n) k *= 2n;
  const [rest, sibling] = [path.slice(0, -1), path[path.length - 1]];
  return m < k ? nodeHash(await rootBy(leaf, m, k, rest), sibling) : nodeHash(sibling, await rootBy(leaf, m - k, n - k, rest));
}

async function checkPath(leaf, { index, path, checkpoint }) {
  if (index >= checkpoint.size) throw new Wrong("the tree has no such leaf");
  if (!same(await rootBy(leaf, index, checkpoint.size, path), checkpoint.root)) throw new Wrong("it leads to another root");
}

// -- C2SP tlog-policy -------------------------------------------------------------------------------------------------

/** The file is octets: names are compared as such (ISO 8859-1 keeps them), vkeys are read as UTF-8. */
async function readPolicy(bytes) {
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: null };
  const members = new Set();
  const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
  const fresh = (name) => {
    if (name === "none" || known(name)) throw new Malformed(`the name ${name} is taken`);
  };
  const key = async (word, type, others) => {
    const read = await readVkey(utf8(unoctets(word)), type);
    if (others.some((other) => same(other.raw, read.raw))) throw new Malformed("this key stands here a second time");
    return read;
  };
  const oneLine = async (line) => {
    // eslint-disable-next-line no-control-regex
    if (/[\x00-\x08\x0b-\x1f\x7f]/.test(line)) throw new Malformed("control characters but the tab are not allowed (CRLF?)");
    const [kind, ...rest] = line.split(/[ \t]+/).filter((word) => word !== "");
    if (kind === undefined || kind.startsWith("#")) return;
    if (kind === "log" && (rest.length === 1 || rest.length === 2)) {
      policy.logs.push(await key(rest[0], LOG, policy.logs));
    } else if (kind === "witness" && (rest.length === 2 || rest.length === 3)) {
      fresh(rest[0]);
      policy.witnesses.set(rest[0], await key(rest[1], COSIGNER, [...policy.witnesses.values()]));
    } else if (kind === "group" && rest.length >= 3) {
      const [name, asked, ...of] = rest;
      fresh(name);
      for (const member of of) {
        if (!known(member)) throw new Malformed(`${member} is not defined above`);
        if (members.has(member)) throw new Malformed(`${member} is a member already`);
        members.add(member);
      }
      const needed = asked === "any" ? 1 : asked === "all" ? of.length : /^[1-9][0-9]{0,3}$/.test(asked) ? Number(asked) : 0;
      if (needed < 1 || needed > of.length) throw new Malformed(`of ${of.length} members, ${asked} cannot be asked for`);
      policy.groups.set(name, { needed, of });
    } else if (kind === "quorum" && rest.length === 1) {
      if (policy.quorum !== null) throw new Malformed("there is a second quorum");
      if (rest[0] !== "none" && !known(rest[0])) throw new Malformed(`${rest[0]} is not defined above`);
      policy.quorum = rest[0];
    } else {
      throw new Malformed("this is no log, witness, group or quorum line");
    }
  };
  for (const [at, line] of octets(bytes).split("\n").entries()) {
    try {
      await oneLine(line);
    } catch (error) {
      if (error instanceof Malformed) throw new Malformed(`line ${at + 1}: ${error.message}`);
      throw error;
    }
  }
  if (policy.quorum === null) throw new Malformed("it names no quorum");
  return policy;
}

function isMet(policy, seen, name = policy.quorum) {
  if (name === "none") return true;
  if (policy.witnesses.has(name)) return seen.has(name);
  const { needed, of } = policy.groups.get(name);
  return of.filter((member) => isMet(policy, seen, member)).length >= needed;
}

// -- the receipt: RFC 7515 compact JWS, ES256 -------------------------------------------------------------------------

/** Takes a receipt apart (`leaf`: the hash of the entry that the proof carries, or null): `{said, header, payload, signed, signature}`; nothing verified. */
function readReceipt(text, leaf) {
  const kept = json(text);
  // The whole answer of a write may have been kept, with the receipt in it; that of a finding holds one per casefile.
  const each = isObject(kept) && Array.isArray(kept.casefiles) ? kept.casefiles.map((one) => one?.receipt).filter(isObject) : [];
  const mine = each.length > 1 ? each.filter((one) => one.leaf_hash === leaf) : each;
  if (each.length && !mine.length) throw new Malformed("it holds several receipts, and none is of this proof's entry");
  const said = mine.length ? mine[0] : isObject(kept) && isObject(kept.receipt) ? kept.receipt : kept;
  if (!isObject(said) || typeof said.jws !== "string") throw new Malformed("it is no JSON object with a member jws");
  try {
    return { said, ...readJws(said.jws) };
  } catch (error) {
    if (error instanceof Foreign) throw new Ended(TAMPERED, "receipt-malformed", { why: error.message });
    throw error;
  }
}

function readJws(compact) {
  const parts = compact.split(".");
  if (parts.length !== 3) throw new Malformed("a compact JWS has three parts");
  const [header, payload] = parts.slice(0, 2).map((part) => json(utf8(base64url(part))));
  const signature = base64url(parts[2]);
  if (!isObject(header) || !isObject(payload)) throw new Foreign("header and payload are JSON objects");
  if (header.alg !== "ES256" || header.typ !== "lintas-receipt+jwt" || typeof header.kid !== "string" || "crit" in header)
    throw new Foreign("its header must say alg ES256, typ lintas-receipt+jwt and a kid, and no crit");
  for (const member of ["iss", "origin", "entry", "stream", "leaf_hash", "accepted_at", "in_tree_by"])
    if (typeof payload[member] !== "string") throw new Foreign(`its payload has no ${member}`);
  if (!Number.isSafeInteger(payload.seq)) throw new Foreign("its payload has no seq");
  if (!/^[0-9a-f]{64}$/.test(payload.leaf_hash)) throw new Foreign("its leaf_hash is not 64 hexadecimal digits");
  return { header, payload, signed: encode(`${parts[0]}.${parts[1]}`), signature };
}

/** The P-256 keys of a JWK set by `kid`, each of which must be its key's RFC 7638 thumbprint. */
async function readKeySet(text) {
  const set = json(text);
  if (!isObject(set) || !Array.isArray(set.keys)) throw new Malformed("it is no JWK set");
  const keys = new Map();
  for (const jwk of set.keys) {
    if (!isObject(jwk) || jwk.kty !== "EC" || jwk.crv !== "P-256" || typeof jwk.kid !== "string") continue;
    const { crv, kty, x, y } = jwk;
    if (toBase64url(await sha256(encode(JSON.stringify({ crv, kty, x, y })))) !== jwk.kid)
      throw new Malformed(`the key ${jwk.kid} has another thumbprint`);
    try {
      keys.set(jwk.kid, await platform.p256({ crv, kty, x, y }));
    } catch {
      throw new Malformed(`the key ${jwk.kid} is no point of P-256`);
    }
  }
  return keys;
}

// -- the check --------------------------------------------------------------------------------------------------------

/** What was given: keys as texts; file, policy, receipt, jwks and checkpoint as `{name, bytes()}`; leafHash as a text. */
async function check(options, report) {
  const keys = [];
  for (const text of options.keys) keys.push(await undecidedIfMalformed("--key", () => readVkey(text, LOG)));
  const policy = options.policy && (await undecidedIfMalformed(options.policy.name, async () => readPolicy(await options.policy.bytes())));
  if (policy) keys.push(...policy.logs);
  if (!keys.length) throw new Ended(UNDECIDED, "no-key");
  if (options.checkpoint) return checkCheckpoint(options.checkpoint, keys, policy, report);
  const text = (file, read) => undecidedIfMalformed(file.name, async () => read(utf8(await file.bytes())));
  const proof = await text(options.file, readProof);
  report.say("proof-read", { index: String(proof.index), steps: proof.path.length });
  const mine = proof.extra && hex(await leafHash(proof.extra));
  const receipt = options.receipt && (await text(options.receipt, (kept) => readReceipt(kept, mine)));
  const keySet = options.jwks && (await text(options.jwks, readKeySet));

  const entry = proof.extra === null ? null : readEntry(proof.extra);
  const { leaf, others } = await findLeaf(options, proof, receipt, report);
  try {
    proof.note = readNote(proof.signed);
    proof.checkpoint = readCheckpoint(proof.note.body);
  } catch (error) {
    if (error instanceof Malformed) throw new Ended(UNDECIDED, "checkpoint-malformed", { why: error.message });
    throw error;
  }
  await checkLogSignature(proof, keys, report);
  const facts = { index: String(proof.index), size: String(proof.checkpoint.size) };
  try {
    await checkPath(leaf, proof);
  } catch (error) {
    if (error instanceof Wrong) throw new Ended(TAMPERED, "proof-path", { ...facts, why: error.message });
    throw error;
  }
  report.say("path-holds", facts);
  // The proof holds, for what it is a proof of: somebody named the wrong file.
  if (others) throw new Ended(UNDECIDED, "proof-leaf", others);
  report.facts = { ...facts, origin: proof.checkpoint.origin, root: hex(proof.checkpoint.root), leaf_hash: hex(leaf) };
  if (entry) report.facts.entry = entry.entry;
  if (receipt) await checkReceipt(receipt, keySet, proof, entry, report);
  checkMoment(entry, await checkWitnesses(proof.note, policy, report));
}

async function undecidedIfMalformed(what, read) {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Malformed) throw new Ended(UNDECIDED, "unreadable", { what, why: error.message });
    throw error;
  }
}

/** A checkpoint by itself: the log signed it, and enough witnesses saw it. */
async function checkCheckpoint(file, keys, policy, report) {
  const said = await undecidedIfMalformed(file.name, async () => {
    const note = readNote(utf8(await file.bytes()));
    return { note, checkpoint: readCheckpoint(note.body) };
  });
  await checkLogSignature(said, keys, report);
  const { origin, size, root } = said.checkpoint;
  report.facts = { origin, size: String(size), root: hex(root) };
  await checkWitnesses(said.note, policy, report);
}

/** The entry that a proof carries: an object in its RFC 8785 form that says which entry of which stream it is. */
function readEntry(extra) {
  let entry;
  try {
    const text = utf8(extra);
    entry = json(text);
    if (!isObject(entry)) throw new Malformed("it is no object");
    if (canonical(entry) !== text) throw new Malformed("it is not in its canonical form");
    for (const member of ["entry", "stream", "origin"])
      if (typeof entry[member] !== "string") throw new Malformed(`it has no ${member}`);
    if (!Number.isSafeInteger(entry.seq)) throw new Malformed("it has no seq");
  } catch (error) {
    if (error instanceof Malformed) throw new Ended(TAMPERED, "entry-shape", { why: error.message });
    throw error;
  }
  return entry;
}

/** RFC 8785: members by their UTF-16 code units, numbers and strings as ECMAScript writes them. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** The one leaf hash that entry, option and receipt agree on. */
async function findLeaf(options, proof, receipt, report) {
  const found = [];
  if (proof.extra !== null) found.push(["leaf-extra", "extra", await leafHash(proof.extra)]);
  if (options.leafHash !== null) {
    if (!/^[0-9a-fA-F]{64}$/.test(options.leafHash)) throw new Ended(UNDECIDED, "leaf-malformed");
    found.push(["leaf-given", "--leaf-hash", unhex(options.leafHash)]);
  }
  if (receipt) found.push(["leaf-receipt", "receipt", unhex(receipt.payload.leaf_hash)]);
  if (!found.length) throw new Ended(UNDECIDED, "leaf-none");
  const [[sentence, firstFrom, leaf], ...others] = found;
  report.say(sentence, { leaf: hex(leaf) });
  const [, secondFrom, other] = others.find(([, , one]) => !same(one, leaf)) ?? [];
  return { leaf, others: other && { first: hex(leaf), firstFrom, second: hex(other), secondFrom } };
}

async function checkLogSignature({ note, checkpoint }, keys, report) {
  const facts = { origin: checkpoint.origin, size: String(checkpoint.size) };
  const named = keys.filter((key) => key.name === checkpoint.origin);
  if (!named.length) throw new Ended(UNDECIDED, "checkpoint-unknown-key", facts);
  let signed = 0;
  for (const key of named) {
    try {
      if ((await signedBy(note, key)) !== "absent") signed += 1;
    } catch (error) {
      if (error instanceof Wrong) throw new Ended(TAMPERED, "proof-signature", facts);
      throw error;
    }
  }
  if (!signed) throw new Ended(TAMPERED, "proof-unsigned", facts);
  report.say("log-signed", facts);
}

async function checkReceipt({ said, header, payload, signed, signature }, keySet, proof, entry, report) {
  const key = keySet && keySet.get(header.kid);
  if (!key) throw new Ended(UNDECIDED, "receipt-unknown-key", { kid: header.kid });
  const whole = signature.length === 64 && (await platform.fitsP256(key, signed, signature));
  if (!whole) throw new Ended(TAMPERED, "receipt-signature", { kid: header.kid });
  report.say("receipt-signed", { kid: header.kid, at: payload.accepted_at });
  const agree = (member, own, other, found) => {
    if (own !== found) throw new Ended(TAMPERED, "receipt-member", { member, said: String(own), other, found: String(found) });
  };
  // What stands beside the signature in the receipt must not say otherwise.
  for (const [beside, member] of [["entry", "entry"], ["casefile", "stream"], ["stream", "stream"], ["seq", "seq"], ["leaf_hash", "leaf_hash"], ["accepted_at", "accepted_at"], ["in_tree_by", "in_tree_by"]])
    if (said[beside] !== undefined) agree(beside, said[beside], "jws", payload[member]);
  // A log that declared a fork goes on under another origin; the receipt and the entry keep the one they were made for.
  const origins = { said: payload.origin, found: proof.checkpoint.origin };
  if (origins.said !== origins.found) report.say("receipt-forked", origins);
  if (entry === null) return report.say("receipt-fits");
  for (const member of ["entry", "stream", "seq", "origin"]) agree(member, payload[member], "extra", entry[member]);
  report.say("receipt-kept");
}

/** Fifteen minutes: how far clocks may stand apart. */
const APART = 15 * 60 * 1000;

/** When the entry says it was recorded, against this machine's clock and the first witness that saw it. */
function checkMoment(entry, firstSeen) {
  const recorded = entry === null ? NaN : Date.parse(entry.recorded_at);
  if (recorded > Date.now() + APART) throw new Ended(UNDECIDED, "time-ahead", { at: entry.recorded_at });
  if (recorded > firstSeen + APART) throw new Ended(TAMPERED, "time-after-witness", { at: entry.recorded_at });
}

/** Says who saw the checkpoint; returns when the first of them did (milliseconds). */
async function checkWitnesses(note, policy, report) {
  if (!policy) throw new Ended(UNDECIDED, "unwitnessed");
  const seen = new Set();
  let firstSeen = Infinity;
  for (const [name, key] of policy.witnesses) {
    const witness = shown(name);
    try {
      const time = await signedBy(note, key);
      if (time === "absent") {
        report.say("witness-absent", { witness });
        continue;
      }
      seen.add(name);
      firstSeen = Math.min(firstSeen, Number(time) * 1000);
      // Dates end in the year 275760; a cosigner may write any second up to 2^63.
      const at = time < 8640000000000n ? new Date(Number(time) * 1000).toISOString() : String(time);
      report.say("witness-fits", { witness, at });
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      report.say("witness-forged", { witness });
    }
  }
  report.facts.witnesses = [...seen].map(shown);
  const quorum = shown(policy.quorum);
  // The log's own word stands; whether others saw the same tree is what nobody can say yet.
  if (policy.quorum === "none") report.say("quorum-none");
  else if (!isMet(policy, seen)) throw new Ended(UNDECIDED, "quorum", { quorum });
  else report.say("quorum-met", { quorum });
  return firstSeen;
}

// -- the report --------------------------------------------------------------------------------------------------------

class Report {
  checks = [];
  facts = {};

  say(name, facts = {}, mark = "ok") {
    this.checks.push({ name, mark, ...facts });
  }

  /** No escape sequences of a stranger's file on somebody's terminal. */
  sentence({ name, ...facts }, id) {
    const text = SENTENCES[name][id ? 1 : 0].replace(/\{(\w+)\}/g, (_, fact) => String(facts[fact]));
    // eslint-disable-next-line no-control-regex
    return text.replace(/[\x00-\x1f\x7f-\x9f]/g, "\ufffd");
  }

  /** Every check in words, and the verdict's sentence last. */
  told(code, id) {
    const lines = this.checks.map((one) => ({ ...one, detail: this.sentence(one, id) }));
    return { lines, verdict: this.sentence({ name: `verdict-${code}` }, id) };
  }
}

/** What is worth a word and decides nothing. */
const NOTES = ["witness-absent", "witness-forged", "quorum-none", "receipt-forked"];

/** Runs the check and returns its exit code; whatever ends it is said in the report. */
async function judge(options, report) {
  let code = SOUND;
  try {
    await check(options, report);
  } catch (error) {
    code = error instanceof Ended ? error.code : UNDECIDED;
    if (error instanceof Ended) report.say(error.key, error.facts, "fault");
    else report.say("unreadable", { what: (options.file ?? options.checkpoint)?.name ?? "?", why: String(error.message) }, "fault");
  }
  for (const one of report.checks) if (NOTES.includes(one.name)) one.mark = "note";
  return code;
}

// == end of the core ==================================================================================================

// -- the command ------------------------------------------------------------------------------------------------------

function readArguments(words) {
  const options = { file: null, keys: [], policy: null, receipt: null, jwks: null, leafHash: null, checkpoint: null, id: false, json: false };
  const valued = { "--policy": "policy", "--receipt": "receipt", "--jwks": "jwks", "--leaf-hash": "leafHash", "--checkpoint": "checkpoint" };
  options.id = words.includes("--id");
  options.json = words.includes("--json");
  const usage = (why) => Object.assign(new Ended(UNDECIDED, "usage", { why }), { options });
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === "--id" || word === "--json") continue;
    if (word === "--key" || Object.hasOwn(valued, word)) {
      const value = words[(at += 1)];
      if (value === undefined) throw usage(`${word}: ?`);
      if (word === "--key") options.keys.push(value);
      else if (options[valued[word]] !== null) throw usage(`${word} ${word}?`);
      else options[valued[word]] = word === "--leaf-hash" ? value : fileAt(value);
    } else if (word.startsWith("--") || options.file !== null) throw usage(`${word}?`);
    else options.file = fileAt(word);
  }
  if (options.checkpoint !== null) {
    if (options.file || options.receipt || options.jwks || options.leafHash !== null) throw usage("--checkpoint: --key, --policy!");
  } else if (options.file === null) throw usage("FILE?");
  if ((options.receipt === null) !== (options.jwks === null)) throw usage("--receipt + --jwks!");
  return options;
}

function printed(report, code, { id, json: asJson }) {
  const { lines, verdict } = report.told(code, id);
  if (asJson) return JSON.stringify({ verdict: ["sound", "tampered", "undecided"][code], exit: code, ...report.facts, checks: lines }, null, 2) + "\n";
  const marks = { ok: "  ok  ", note: "  --  ", fault: "  !!  " };
  return [...lines.map((one) => marks[one.mark] + one.detail), verdict].join("\n") + "\n";
}

async function main(words) {
  const report = new Report();
  let options = { id: false, json: false };
  let code = UNDECIDED;
  try {
    options = readArguments(words);
    code = await judge(options, report);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    options = error.options;
    report.say(error.key, error.facts, "fault");
  }
  stdout.write(printed(report, code, options), () => exit(code));
}

main(argv.slice(2));
