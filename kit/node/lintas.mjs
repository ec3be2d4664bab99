// Klien Lintas dalam satu berkas / a client of Lintas in one file. Needs Node.js 18 and nothing else.
//
//   node lintas.mjs get PATH                          read: /me, /referrals?status=open, /casefiles/ID
//   node lintas.mjs send PATH BODY.json [VERSION]     write: /documents, /findings; an intention, done once
//   node lintas.mjs act CASEFILE TRANSITION BODY.json read the casefile, then perform the transition on that version
//   node lintas.mjs resume                            send again what a crash or a dead line has left open
//   node lintas.mjs follow [SECONDS]                  new events, one a line; waits so long (30 at most) for the first
//   node lintas.mjs webhook HEADERS BODY              verify a message that came, print it once
//   node lintas.mjs receipt RECEIPT.json              verify a receipt, print what it promises
//   node lintas.mjs token | assertion CLIENT_ID KID KEY.pem ISSUER | sign METHOD URL BODY KID KEY.pem 'Name: value'…
//
// LINTAS_BASE, LINTAS_CLIENT_ID, LINTAS_KID, LINTAS_KEY (PEM file); LINTAS_STATE (a folder of this client alone; default
// ./lintas-state). May be set: LINTAS_ISSUER (where LINTAS_BASE is a gateway), LINTAS_SIGN=1, LINTAS_LANGUAGE=en,
// LINTAS_WEBHOOK_SECRET, LINTAS_CLOCK_OFFSET (seconds to add to this machine's clock).
// Exit code: 0 done, 1 usage, 2 not genuine or a gap in the feed, 3 refused, 4 no answer yet (`resume` goes on).
//
// In a program: import { Client } from "./lintas.mjs"; const lintas = new Client(process.env);
//   const answer = await lintas.send("/findings", JSON.stringify(finding));   throws Refused, NoAnswer, NotGenuine, Misused
import { createHash, createHmac, createPrivateKey, createPublicKey, randomBytes, randomUUID } from "node:crypto";
import { sign as signBytes, timingSafeEqual, verify } from "node:crypto";
import * as fs from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

// --- begin assertion
const now = () => Math.floor(Date.now() / 1000) + Number(process.env.LINTAS_CLOCK_OFFSET ?? 0); // seconds

// "ieee-p1363" is r and s alone, 64 bytes; without it Node writes DER.
const ecdsa = (signed, keyFile) =>
  signBytes("sha256", Buffer.from(signed), { key: createPrivateKey(fs.readFileSync(keyFile)), dsaEncoding: "ieee-p1363" });

/** A client assertion (RFC 7523, ES256) for one token. */
export function assertion(clientId, kid, keyFile, issuer) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = { alg: "ES256", typ: "JWT", kid };
  const claims = { iss: clientId, sub: clientId, aud: issuer, iat: now(), exp: now() + 60, jti: randomUUID() };
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${ecdsa(signed, keyFile).toString("base64url")}`;
}
// --- end assertion

// --- begin sign
/**
 * The headers that sign a request (RFC 9421, ES256); the URL is the register's own, not a gateway's. `body` is bytes.
 * `headers` are pairs as ["Authorization", "Bearer …"], ["Idempotency-Key", "…"], ["If-Match", '"3"']; all are covered.
 */
export function sign(method, url, body, kid, keyFile, headers) {
  const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
  const [, authority, path, query] = url.match(/^[a-z]+:\/\/([^/]+)([^?]*)(\?.*)?$/);
  const parts = [["@method", method], ["@authority", authority], ["@path", path]];
  if (query) parts.push(["@query", query]);
  for (const [name, value] of headers) parts.push([name.toLowerCase(), value]);
  if (body.length) parts.push(["content-digest", digest]);
  const covered = parts.map(([name]) => `"${name}"`).join(" ");
  const parameters = `(${covered});created=${now()};keyid="${kid}";tag="lintas-v1"`;
  const base = [...parts, ["@signature-params", parameters]].map(([name, value]) => `"${name}": ${value}`).join("\n");
  return [
    ...(body.length ? [["Content-Digest", digest]] : []),
    ["Signature-Input", `sig=${parameters}`],
    ["Signature", `sig=:${ecdsa(base, keyFile).toString("base64")}:`],
  ];
}
// --- end sign

/** What went wrong, in Indonesian and English; `exit` is the exit code. */
class Trouble extends Error {
  constructor(exit, indonesian, english) {
    super(english ? `${indonesian} / ${english}` : indonesian);
    this.exit = exit;
  }
}

/** The settings are not complete. */
export class Misused extends Trouble {}

/** A signature, an age or the order of the feed is not what it should be. */
export class NotGenuine extends Trouble {
  constructor(indonesian, english) {
    super(2, indonesian, english);
  }
}

/** Whether it arrived is unknown, or the service is out of breath: the intention is kept for `resume`. */
export class NoAnswer extends Trouble {}

/** The service refused the intention: nothing has happened. `problem` is what it said (RFC 9457). */
export class Refused extends Trouble {
  constructor(status, problem) {
    const lines = problem.code
      ? [`${status} ${problem.code}: ${problem.title}. ${problem.detail} ${problem.did_you_mean ?? ""}`.trimEnd()]
      : [`${status}: jawaban bukan dari Lintas; adakah gerbang di antaranya? / not an answer of Lintas; a gateway?`];
    for (const { pointer, parameter, code, detail = "", did_you_mean = "" } of problem.errors ?? [])
      lines.push(`  ${pointer ?? parameter ?? ""} ${code}: ${detail} ${did_you_mean}`.trimEnd());
    super(3, lines.join("\n"));
    Object.assign(this, { status, problem });
  }
}

const ATTEMPTS = 6;
const PATIENCE_S = 120;

/** JSON as an object or array; {} where it is none. */
function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** A path below /api/v1, also where it was taken from an `href` or `next` of an answer. */
const below = (path) => path.replace(/^(\/api\/v1)?\/?/, "/");

/** One system of one agency, calling one register. `settings` go by the names of the environment above. */
export class Client {
  constructor(settings) {
    this.settings = settings;
    this.base = this.own("LINTAS_BASE").replace(/(\/api\/v1)?\/?$/, "");
    this.issuer = settings.LINTAS_ISSUER || this.base;
    this.state = settings.LINTAS_STATE || "lintas-state";
    for (const folder of ["pending", "receipts", "webhooks"])
      fs.mkdirSync(join(this.state, folder), { recursive: true, mode: 0o700 });
  }

  // -- asking ---------------------------------------------------------------------------------------------------------

  /** The text of an answer, as `get("/me")`. Throws Refused, NoAnswer. */
  get(path) {
    return this.ask("GET", below(path));
  }

  /** A token, kept for its ten minutes. Throws Refused, NoAnswer. */
  async token() {
    const [client, kid, keyFile] = ["LINTAS_CLIENT_ID", "LINTAS_KID", "LINTAS_KEY"].map((name) => this.own(name));
    const owner = `${client} ${this.base}`;
    const kept = parsed(this.read("token"));
    if (kept.owner === owner && Date.now() / 1000 < kept.until) return kept.token;
    const pem = readable(keyFile);
    try {
      if (createPrivateKey(pem).asymmetricKeyDetails.namedCurve !== "prime256v1") throw new Error();
    } catch {
      throw new Misused(1, `${keyFile} bukan kunci privat P-256 dalam PEM.`, `${keyFile} is no private P-256 key in PEM.`);
    }
    for (let attempt = 1; ; attempt++) {
      const body = new URLSearchParams({
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: assertion(client, kid, keyFile, this.issuer),
      }).toString();
      const headers = [["Accept-Language", this.language], ["Content-Type", "application/x-www-form-urlencoded"]];
      const answer = await this.exchange("POST", `${this.base}/oauth/token`, headers, body);
      if (answer.status === 200) {
        const bought = JSON.parse(answer.text);
        // Given up half a minute early, so that it does not end on its way.
        const until = Date.now() / 1000 + bought.expires_in - 30;
        this.write("token", JSON.stringify({ owner, until, token: bought.access_token }));
        return bought.access_token;
      }
      await this.decideOrWait(answer, attempt);
    }
  }

  /** Ask until there is an answer that decides. Each attempt is signed anew. */
  async ask(method, path, headers = [], body = undefined) {
    const [kid, keyFile] = [this.own("LINTAS_KID"), this.own("LINTAS_KEY")];
    let renewed = false;
    for (let attempt = 1; ; attempt++) {
      const covered = [["Authorization", `Bearer ${await this.token()}`], ...headers];
      const sent = [...covered, ["Accept-Language", this.language]];
      if (body !== undefined) sent.push(["Content-Type", "application/json"]);
      if (body !== undefined && this.settings.LINTAS_SIGN)
        sent.push(...sign(method, `${this.issuer}/api/v1${path}`, body, kid, keyFile, covered));
      const answer = await this.exchange(method, `${this.base}/api/v1${path}`, sent, body);
      if (answer.status >= 200 && answer.status < 300) return answer.text;
      if (answer.status === 401 && !renewed && parsed(answer.text).code?.startsWith("token-")) {
        renewed = true;
        fs.rmSync(join(this.state, "token"), { force: true });
        continue;
      }
      await this.decideOrWait(answer, attempt);
    }
  }

  /** Wait as long as the service asks, or longer each time. Throws Refused where another attempt brings nothing else. */
  async decideOrWait({ status, text, after }, attempt) {
    const problem = parsed(text);
    const isBegun = status === 409 && problem.code === "request-in-progress";
    const mayPass = status === 0 || status === 429 || status >= 500 || isBegun;
    if (!mayPass) throw new Refused(status, problem);
    if (attempt >= ATTEMPTS || after > PATIENCE_S)
      throw new NoAnswer(
        4,
        `Belum ada jawaban dari ${this.base} (${status}). Maksud tetap tersimpan; ulangi dengan: node lintas.mjs resume`,
        `No answer from ${this.base} yet (${status}). The intention is kept; repeat it by: node lintas.mjs resume`,
      );
    await new Promise((go) => setTimeout(go, 1000 * (after ?? 2 ** (attempt - 1))));
  }

  /** One exchange: status (0: no whole answer), text, seconds of Retry-After. */
  async exchange(method, url, headers, body = undefined) {
    try {
      const answer = await fetch(url, { method, headers, body, redirect: "manual", signal: AbortSignal.timeout(60_000) });
      const after = answer.headers.get("retry-after");
      const seconds = /^\d{1,6}$/.test(after ?? "") ? Number(after) : undefined;
      return { status: answer.status, text: await answer.text(), after: seconds };
    } catch {
      return { status: 0, text: "" };
    }
  }

  // -- intentions -----------------------------------------------------------------------------------------------------
  // An intention is a file before it is sent: its key, path, If-Match, then the body. It goes once its answer was taken.
  // The same path and body while it lies there are the same intention: a program that crashed may just run again.

  /** Write something once; `taken` gets the answer before the intention goes. Throws Refused, NoAnswer. */
  async send(path, body, version = "", taken = () => {}) {
    path = below(path);
    const file = this.pending(path, body);
    if (!fs.existsSync(join(this.state, file)))
      this.write(file, `${randomBytes(16).toString("hex")}\n${path}\n${version === "" ? "" : `"${version}"`}\n${body}`);
    return this.deliver(file, taken);
  }

  /** Perform a transition on the version that is read now, or that was read when it was begun. */
  async act(casefile, transition, body, taken = () => {}) {
    const path = `/casefiles/${casefile}/${transition}`;
    const isBegun = fs.existsSync(join(this.state, this.pending(path, body)));
    return this.send(path, body, isBegun ? "" : JSON.parse(await this.get(`/casefiles/${casefile}`)).version, taken);
  }

  /** Send what was left open; each answer goes to `taken`. Throws the first refusal once all were sent. */
  async resume(taken = () => {}) {
    let refused;
    for (const name of fs.readdirSync(join(this.state, "pending")).sort())
      try {
        await this.deliver(join("pending", name), taken);
      } catch (why) {
        if (!(why instanceof Refused)) throw why;
        refused ??= why;
      }
    if (refused) throw refused;
  }

  pending(path, body) {
    return join("pending", createHash("sha256").update(`${path}\n${body}`).digest("hex"));
  }

  async deliver(file, taken) {
    const [, key, path, match, body] = this.read(file).match(/^(.*)\n(.*)\n(.*)\n([^]*)$/);
    const headers = [["Idempotency-Key", key], ...(match ? [["If-Match", match]] : [])];
    let answer;
    try {
      answer = await this.ask("POST", path, headers, Buffer.from(body));
    } catch (why) {
      // The token's refusal (a wrong key, a wrong clock) is not the intention's.
      const isOfToken = ["invalid-client", "invalid-request"].includes(why.problem?.code);
      if (why instanceof Refused && !isOfToken) fs.rmSync(join(this.state, file));
      throw why;
    }
    this.keepReceipts(parsed(answer));
    taken(answer);
    fs.rmSync(join(this.state, file), { force: true });
    return answer;
  }

  keepReceipts(answer) {
    for (const [name, member] of Object.entries(answer))
      if (name === "receipt" && member?.entry)
        this.write(join("receipts", `${basename(member.entry)}.json`), JSON.stringify(member));
      else if (member && typeof member === "object") this.keepReceipts(member);
  }

  // -- the feed -------------------------------------------------------------------------------------------------------

  /**
   * Hand each new event to `taken`, which may see one twice after a crash; none is lost, as `previous` proves.
   * Waits `seconds` (30 at most) for the first. Throws NotGenuine at a gap or a fork.
   */
  async follow(taken, seconds = 0) {
    let { last = null, source = null } = parsed(this.read("feed"));
    for (let came = true; came; seconds = 0) {
      const page = JSON.parse(await this.get(`/events?after=${last ?? -1}&wait=${seconds}`));
      came = false;
      for (const event of page.data) {
        if (last !== null && event.logindex <= last) continue;
        if (source !== null && event.source !== source)
          throw new NotGenuine(
            "Log bercabang: tanyakan kepada operator dari nomor berapa mulai lagi.",
            "The log was forked: ask the operator from which index to begin again.",
          );
        if (event.previous !== last)
          throw new NotGenuine(
            `Ada peristiwa yang terlewat sesudah ${last}; tempat tidak dipindahkan, jalankan lagi.`,
            `Events after ${last} are missing; the place was not moved, run it again.`,
          );
        await taken(event);
        [came, last, source] = [true, event.logindex, event.source];
        this.write("feed", JSON.stringify({ last, source }));
      }
    }
  }

  // -- what others signed ---------------------------------------------------------------------------------------------

  /** Verify a webhook's message; false where it came before. `headers` by names in lower case. Throws NotGenuine. */
  async webhook(headers, body, taken = () => {}) {
    const { "webhook-id": id = "", "webhook-timestamp": stamp = "", "lintas-webhook-key": kid = "" } = headers;
    if (!/^[0-9A-Za-z_-]{1,64}$/.test(id) || !/^\d{1,12}$/.test(stamp) || !kid)
      throw new NotGenuine("Tajuk pesan tidak lengkap.", "Headers of the message are missing.");
    const age = now() - Number(stamp);
    if (Math.abs(age) > 300) throw new NotGenuine(`Pesan terlalu lama: ${age} s.`, `The message is too old: ${age} s.`);
    const secret = Buffer.from(this.own("LINTAS_WEBHOOK_SECRET").replace(/^whsec_/, ""), "base64");
    const signed = Buffer.concat([Buffer.from(`${id}.${stamp}.`), Buffer.from(body)]);
    const shared = createHmac("sha256", secret).update(signed).digest();
    const key = await this.published(kid, "OKP");
    let [isShared, isPublic] = [false, false];
    for (const one of (headers["webhook-signature"] ?? "").split(" ")) {
      const [kind, raw] = [one.split(",")[0], Buffer.from(one.split(",")[1] ?? "", "base64")];
      isShared ||= kind === "v1" && raw.length === shared.length && timingSafeEqual(raw, shared);
      isPublic ||= kind === "v1a" && verify(null, signed, key, raw);
    }
    if (!isShared) throw new NotGenuine("Tanda tangan v1 tidak cocok dengan secret.", "Signature v1 does not fit the secret.");
    if (!isPublic) throw new NotGenuine("Tanda tangan v1a tidak cocok.", "Signature v1a does not fit.");
    const folder = join(this.state, "webhooks");
    // A challenge is answered as often as it comes.
    if (parsed(body).type !== "lintas.webhook.challenge" && fs.existsSync(join(folder, id))) return false;
    await taken(body);
    fs.writeFileSync(join(folder, id), "");
    // What is older is refused for its age; attempts end after four days.
    for (const old of fs.readdirSync(folder))
      if (fs.statSync(join(folder, old)).mtimeMs < Date.now() - 5 * 86_400_000) fs.rmSync(join(folder, old), { force: true });
    return true;
  }

  /** What a receipt promises, once its signature and its members hold. Throws NotGenuine. */
  async receipt(receipt) {
    const [header, payload, signature] = String(receipt.jws ?? "").split(".").map((part) => Buffer.from(part, "base64url"));
    const { alg, typ, kid } = parsed(String(header));
    if (alg !== "ES256" || typ !== "lintas-receipt+jwt" || !signature)
      throw new NotGenuine("Ini bukan tanda terima Lintas.", "This is no receipt of Lintas.");
    if (signature.length !== 64)
      throw new NotGenuine("Tanda tangannya bukan 64 byte (r, s).", "The signature is not 64 bytes (r, s).");
    const key = { key: await this.published(kid, "EC"), dsaEncoding: "ieee-p1363" };
    if (!verify("sha256", Buffer.from(receipt.jws.replace(/\.[^.]*$/, "")), key, signature))
      throw new NotGenuine("Tanda tangan tanda terima tidak cocok.", "The receipt's signature does not fit.");
    const promised = JSON.parse(String(payload));
    const said = { stream: receipt.casefile, ...receipt }; // a casefile is a stream, and its receipts say so
    for (const name of ["entry", "stream", "seq", "leaf_hash", "accepted_at", "in_tree_by"])
      if (said[name] !== promised[name])
        throw new NotGenuine(`${name} tidak sama dengan yang ditandatangani.`, `${name} is not what was signed.`);
    return promised;
  }

  /** The register's public key of that id; asked for again where it is not known yet. */
  async published(kid, kind) {
    for (let look = 0; look < 2; look++) {
      const found = parsed(this.read("jwks.json")).keys?.find((key) => key.kid === kid && key.kty === kind);
      if (found) return createPublicKey({ key: found, format: "jwk" });
      const { status, text } = await this.exchange("GET", `${this.base}/.well-known/jwks.json`, []);
      if (status !== 200) throw new NoAnswer(4, "Kunci publik tidak dapat diambil.", "The public keys cannot be fetched.");
      this.write("jwks.json", text);
    }
    throw new NotGenuine(`Kunci ${kid} tidak dikenal.`, `The key ${kid} is not known.`);
  }

  // -- settings and files ---------------------------------------------------------------------------------------------

  own(name) {
    if (!this.settings[name]) throw new Misused(1, `${name} belum diisi.`, `${name} is not set.`);
    return this.settings[name];
  }

  get language() {
    return this.settings.LINTAS_LANGUAGE || "id";
  }

  read(file) {
    const path = join(this.state, file);
    return fs.existsSync(path) ? fs.readFileSync(path, "utf8") : "";
  }

  /** Whole or not at all, and on the disk when this returns. */
  write(file, content) {
    const path = join(this.state, file);
    const draft = join(this.state, `draft-${process.pid}-${randomBytes(4).toString("hex")}`);
    const stream = fs.openSync(draft, "w", 0o600);
    fs.writeFileSync(stream, content);
    fs.fsyncSync(stream);
    fs.renameSync(draft, path);
    fs.fsyncSync(stream);
    fs.closeSync(stream);
  }
}

function readable(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    throw new Misused(1, `${file} tidak terbaca.`, `${file} cannot be read.`);
  }
}

const NEEDS = { get: 1, send: 2, act: 3, resume: 0, follow: 0, webhook: 2, receipt: 1, token: 0, assertion: 4, sign: 5 };

async function main([command, ...given]) {
  const print = (answer) => fs.writeSync(1, `${answer}\n`);
  if (!(given.length >= NEEDS[command])) {
    const lines = fs.readFileSync(fileURLToPath(import.meta.url), "utf8").split("\n").slice(0, 15);
    throw new Misused(1, lines.map((line) => line.replace(/^\/\/ ?/, "")).join("\n"));
  }
  if (command === "assertion") return print(assertion(...given));
  if (command === "sign") {
    const headers = given.slice(5).map((line) => [line.split(":")[0], line.slice(line.indexOf(":") + 1).trim()]);
    const lines = sign(given[0], given[1], fs.readFileSync(given[2]), given[3], given[4], headers);
    return print(lines.map((pair) => pair.join(": ")).join("\n"));
  }
  const lintas = new Client(process.env);
  if (command === "get") print(await lintas.get(given[0]));
  if (command === "token") print(await lintas.token());
  if (command === "send") await lintas.send(given[0], readable(given[1]), given[2], print);
  if (command === "act") await lintas.act(given[0], given[1], readable(given[2]), print);
  if (command === "resume") await lintas.resume(print);
  if (command === "follow") await lintas.follow((event) => print(JSON.stringify(event)), Number(given[0] ?? 0));
  if (command === "receipt") print(JSON.stringify(await lintas.receipt(parsed(readable(given[0])))));
  if (command === "webhook") {
    const pairs = readable(given[0]).matchAll(/^([\w-]+): *(.*?)\r?$/gm);
    const headers = Object.fromEntries(Array.from(pairs, ([, name, value]) => [name.toLowerCase(), value]));
    if (!(await lintas.webhook(headers, readable(given[1]), print)))
      console.error(`Pesan ${headers["webhook-id"]} sudah diterima. / Message ${headers["webhook-id"]} came before.`);
  }
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  main(process.argv.slice(2)).catch((why) => {
    if (!(why instanceof Trouble)) throw why;
    console.error(why.message);
    process.exitCode = why.exit;
  });
