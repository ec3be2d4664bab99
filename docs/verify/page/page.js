/** The browser's own cryptography, as the core asks for it. */
const platform = {
  sha256: async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)),
  ed25519: (raw) => crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]),
  fitsEd25519: (key, message, signature) => crypto.subtle.verify({ name: "Ed25519" }, key, signature, message),
  p256: (jwk) => crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]),
  fitsP256: (key, message, signature) => crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, message),
};

// @CORE@

// -- the page ---------------------------------------------------------------------------------------------------------

const FACTS = {
  origin: ["Log", "Log"],
  size: ["Leaves in the tree", "Daun di pohon"],
  root: ["Root", "Akar"],
  index: ["Leaf", "Daun"],
  leaf_hash: ["Leaf hash", "Hash daun"],
  entry: ["Entry", "Entri"],
  witnesses: ["Witnesses that saw it", "Saksi yang melihatnya"],
};
const OWN = {
  "nothing": ["Choose a proof file or a checkpoint.", "Pilih berkas bukti atau titik periksa."],
  "both": ["Choose a proof file or a checkpoint, not both; a receipt and a leaf hash belong to a proof file.", "Pilih berkas bukti atau titik periksa, bukan keduanya; tanda terima dan hash daun menyertai berkas bukti."],
  "alone": ["A receipt needs the key set (--jwks), and the key set a receipt (--receipt).", "Tanda terima memerlukan himpunan kunci (--jwks), dan himpunan kunci memerlukan tanda terima (--receipt)."],
  "two-policies": ["Give a policy of witnesses or keys of witnesses, not both.", "Berikan kebijakan saksi atau kunci saksi, bukan keduanya."],
  "unknown": ["{what} was not recognised. Choose it below in its place.", "{what} tidak dikenali. Pilih di bawah pada tempatnya."],
};
Object.assign(SENTENCES, OWN);

const at = (id) => document.getElementById(id);
const isIndonesian = () => document.documentElement.lang === "id";
let last = null;
let unknown = [];

/** A chosen file as the core takes it, or null. */
function chosen(id) {
  const file = at(id).files[0];
  return file ? { name: file.name, bytes: async () => new Uint8Array(await file.arrayBuffer()) } : null;
}

const linesOf = (id) => at(id).value.split("\n").filter((line) => line.trim() !== "");

/** A policy that asks for every one of these witnesses. */
function policyOf(keys) {
  const names = keys.map((_, place) => `w${place + 1}`);
  const text = [...keys.map((key, place) => `witness ${names[place]} ${key.trim()}`), `group every all ${names.join(" ")}`, "quorum every", ""].join("\n");
  return { name: isIndonesian() ? "Kunci saksi" : "Keys of witnesses", bytes: async () => encode(text) };
}

function optionsGiven() {
  const options = { keys: linesOf("keys"), leafHash: at("leaf").value || null };
  for (const id of ["file", "policy", "receipt", "jwks", "checkpoint"]) options[id] = chosen(id);
  const refuse = (key) => {
    throw new Ended(UNDECIDED, key);
  };
  if (!options.file && !options.checkpoint) refuse("nothing");
  if (options.checkpoint && (options.file || options.receipt || options.jwks || options.leafHash !== null)) refuse("both");
  if (!options.receipt !== !options.jwks) refuse("alone");
  const witnesses = linesOf("witnesses");
  if (options.policy && witnesses.length) refuse("two-policies");
  if (witnesses.length) options.policy = policyOf(witnesses);
  return options;
}

async function verify() {
  const report = new Report();
  let code = UNDECIDED;
  try {
    code = await judge(optionsGiven(), report);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    report.say(error.key, error.facts, "fault");
  }
  last = { report, code };
  show();
  at("result").dataset.exit = String(code);
}

/** Strangers' texts are shown as text. */
function made(name, text, mark = "") {
  const element = document.createElement(name);
  element.textContent = text;
  element.className = mark;
  return element;
}

function show() {
  const word = isIndonesian() ? 1 : 0;
  at("unknown").replaceChildren(...unknown.map((what) => made("li", new Report().sentence({ name: "unknown", what }, isIndonesian()))));
  if (last === null) return;
  const { lines, verdict } = last.report.told(last.code, isIndonesian());
  at("verdict").textContent = verdict;
  at("checks").replaceChildren(...lines.map((one) => made("li", one.detail, `is-${one.mark}`)));
  const facts = Object.entries(FACTS).filter(([name]) => last.report.facts[name] !== undefined);
  at("facts").replaceChildren(...facts.flatMap(([name, label]) => [made("dt", label[word]), made("dd", [last.report.facts[name]].flat().join(", ") || "—")]));
  at("result").className = `is-${last.code}`;
  at("result").hidden = false;
}

function forget() {
  last = null;
  at("result").hidden = true;
  delete at("result").dataset.exit;
}

const VKEY = /^[^\s+]+\+[0-9a-f]{8}\+(\S+)\s*$/;

/** Where a file belongs, by what it holds: the id of its field, or null. */
function placeOf(name, text) {
  if (text.startsWith("c2sp.org/tlog-proof") || name.endsWith(".tlog-proof")) return "file";
  const key = VKEY.exec(text);
  if (key !== null) return key[1].startsWith("B") ? "witnesses" : "keys";
  if (text.includes("\n\n\u2014 ")) return "checkpoint";
  if (/^(log|witness|group|quorum)[ \t]/m.test(text)) return "policy";
  try {
    return Array.isArray(JSON.parse(text)?.keys) ? "jwks" : "receipt";
  } catch {
    return null;
  }
}

async function place(files) {
  forget();
  unknown = [];
  for (const file of files) {
    const text = new TextDecoder().decode(await file.arrayBuffer());
    const id = placeOf(file.name, text);
    if (id === null) unknown.push(file.name);
    else if (id === "keys" || id === "witnesses") at(id).value = [...linesOf(id), text.trim()].join("\n");
    else {
      const held = new DataTransfer();
      held.items.add(file);
      at(id).files = held.files;
    }
  }
  show();
}

at("asked").addEventListener("submit", (event) => {
  event.preventDefault();
  verify();
});
at("asked").addEventListener("input", forget);
at("asked").addEventListener("reset", () => {
  unknown = [];
  forget();
  show();
});
at("any").addEventListener("change", async (event) => {
  await place([...event.target.files]);
  event.target.value = "";
});
for (const [name, isOver] of [["dragover", true], ["dragleave", false], ["drop", false]])
  document.addEventListener(name, (event) => {
    event.preventDefault();
    at("drop").classList.toggle("is-over", isOver);
    if (name === "drop") place([...event.dataTransfer.files]);
  });
for (const button of document.querySelectorAll("[data-language]"))
  button.addEventListener("click", () => {
    document.documentElement.lang = button.dataset.language;
    for (const other of document.querySelectorAll("[data-language]")) other.setAttribute("aria-pressed", String(other === button));
    show();
  });
// A browser without Ed25519 says so before anybody relies on it.
crypto.subtle.importKey("raw", unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), { name: "Ed25519" }, false, ["verify"]).catch(() => (at("unable").hidden = false));
