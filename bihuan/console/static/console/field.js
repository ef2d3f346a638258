// Field mode: forms written without a network wait on the phone and are sent once.
// Each draft carries its form's own key; the server does an act once for a key.
const body = document.body, account = body.dataset.account ?? "";
const LOOK_MS = 4000, AGAIN_MS = 30000;

// ---- the store: {key, who, at, refused, iv, sealed}; sealed: address, act, words and files -----
// The key of an account never leaves the browser's store (it cannot be exported) and goes at
// sign-out; without it what is left of a draft is noise.
const STORES = { drafts: "key", keys: "who" };
function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("bihuan-drafts", 2);
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) {
        if (!asked.result.objectStoreNames.contains(name)) {
          asked.result.createObjectStore(name, { keyPath });
        }
      }
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
}
async function stored(mode, work, name = "drafts") {
  const base = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const trade = base.transaction(name, mode), asked = work(trade.objectStore(name));
      trade.oncomplete = () => resolve(asked.result);
      trade.onerror = trade.onabort = () => reject(trade.error);
    });
  } finally { base.close(); }
}
const all = () => stored("readonly", (drafts) => drafts.getAll());
const keep = (record) => stored("readwrite", (drafts) => drafts.put(record));
const drop = (key) => stored("readwrite", (drafts) => drafts.delete(key));
const forget = () => stored("readwrite", (keys) => keys.delete(account), "keys");
const keyOf = async (who) => (await stored("readonly", (keys) => keys.get(who), "keys"))?.key;

// ---- sealing: AES-GCM, a key for each account --------------------------------------------------
const CIPHER = "AES-GCM";
const canKeep = account && "indexedDB" in window && Boolean(crypto.subtle); // HTTPS or localhost
async function ownKey() {
  const had = await keyOf(account);
  if (had) return had;
  const key = await crypto.subtle.generateKey({ name: CIPHER, length: 256 }, false,
    ["encrypt", "decrypt"]);
  // of two pages that make one at once the first stays: add() refuses the second
  await stored("readwrite", (keys) => keys.add({ who: account, key }), "keys").catch(() => {});
  return keyOf(account);
}
// length of the head, head as JSON, then the files' bytes one after another
async function packed({ url, act, about, fields }) {
  const files = fields.map(([, said]) => said).filter((said) => typeof said !== "string");
  const said = fields.map(([name, one]) => (typeof one === "string" ? [name, one]
    : [name, { name: one.name, type: one.type, at: one.lastModified, size: one.size }]));
  const head = new TextEncoder().encode(JSON.stringify({ url, act, about, fields: said }));
  return new Blob([new Uint32Array([head.length]), head, ...files]).arrayBuffer();
}
function unpacked(bytes) {
  const [length] = new Uint32Array(bytes.slice(0, 4));
  const head = JSON.parse(new TextDecoder().decode(bytes.slice(4, 4 + length)));
  let at = 4 + length;
  const fields = head.fields.map(([name, one]) => {
    if (typeof one === "string") return [name, one];
    const part = bytes.slice(at, at += one.size);
    return [name, new File([part], one.name, { type: one.type, lastModified: one.at })];
  });
  return { ...head, fields };
}
async function sealed({ key, who, at, refused, ...said }) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = await crypto.subtle.encrypt({ name: CIPHER, iv }, await ownKey(), await packed(said));
  return { key, who, at, refused, iv, sealed: text };
}
// the draft in clear; without its key only that it is there, and that it cannot be opened
async function unsealed(record) {
  try {
    const text = await crypto.subtle.decrypt({ name: CIPHER, iv: record.iv },
      await keyOf(record.who), record.sealed);
    return { ...record, ...unpacked(text) };
  } catch { return { ...record, act: "—", about: "", fields: [], refused: word("wLost") }; }
}
const own = async () => Promise.all((await all()).filter((one) => one.who === account).map(unsealed));

// ---- is there a network: the browser's word is not enough -------------------------------------
async function who() {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), LOOK_MS);
  try {
    const answer = await fetch(body.dataset.who, { signal: stop.signal, cache: "no-store" });
    if (answer.redirected) return { who: "" };
    return answer.ok ? await answer.json() : null;
  } catch { return null; } finally { clearTimeout(timer); }
}

// ---- keeping ---------------------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-draft]") || !canKeep) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.asking || form.dataset.sent) return;
  form.dataset.asking = "1";
  carry(form, event.submitter);
  sendOrKeep(form).finally(() => { delete form.dataset.asking; });
}, true);
async function sendOrKeep(form) {
  const now = navigator.onLine ? await who() : null;
  // signed out meanwhile: the plain form would lose what was written on its way to the sign-in
  if (now?.who === account) { plainly(form); return; }
  try { await keep(await sealed(drafted(form))); } catch { plainly(form); return; }
  form.reset(); // its words are in the draft; a second press would only write it over
  form.hidden = true;
  await show();
  document.getElementById("draft-bar")?.scrollIntoView({ block: "center" });
}
// the button that was pressed says something itself (a ready sentence); submit() would forget it
function carry(form, button) {
  for (const old of form.querySelectorAll("[data-carried]")) old.remove();
  if (!button?.name) return;
  const said = document.createElement("input");
  said.type = "hidden";
  said.dataset.carried = "";
  [said.name, said.value] = [button.name, button.value];
  form.append(said);
}
// submit() says no "submit" again, and iOS 15 has no requestSubmit
function plainly(form) {
  form.dataset.sent = "1";
  form.classList.add("busy-form");
  form.submit();
}
function drafted(form) {
  const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken"
    && !(value instanceof File && !value.size));
  return { key: form.elements.key.value, who: account, url: form.getAttribute("action"),
    act: form.dataset.draft, about: form.dataset.about, at: Date.now(), fields, refused: "" };
}

// ---- sending: one after another, one page at a time ------------------------------------------
let isSending = false;
async function send(only) {
  if (isSending || !canKeep || !navigator.onLine) return;
  const mine = (await own()).filter((one) => one.url
    && (only ? one.key === only : !one.refused));
  if (!mine.length) return;
  isSending = true;
  try {
    const now = await who();
    if (!now || now.who !== account) { if (now) away(); return; }
    for (const draft of mine) if (!await sent(draft, now.token)) break;
  } finally { isSending = false; await show(); }
}
// true: the next one may follow
async function sent(draft, token) {
  const said = new FormData();
  for (const [name, value] of draft.fields) said.append(name, value);
  let answer;
  try {
    answer = await fetch(draft.url, { method: "POST", body: said, redirect: "manual",
      headers: { "X-CSRFToken": token, "X-Bihuan-Draft": "1" } });
  } catch { return false; } // perhaps done, perhaps not: its key lets it be sent again
  // a redirect is the way to the sign-in: nothing was done
  if (answer.type === "opaqueredirect" || answer.status >= 500) return false;
  if (answer.ok) { await drop(draft.key); return true; }
  let why = answer.status === 404 ? word("wGone") : `HTTP ${answer.status}`;
  try { why = (await answer.json()).faults.join("；") || why; } catch { /* no words came with it */ }
  const { key, who: by, at, iv, sealed: text } = draft;
  await keep({ key, who: by, at, iv, sealed: text, refused: why || `HTTP ${answer.status}` });
  return true;
}
const locked = (only) => (navigator.locks
  ? navigator.locks.request("bihuan-drafts", () => send(only)) : send(only)).catch(() => {});

// ---- showing ---------------------------------------------------------------------------------
const list = document.getElementById("drafts");
const word = (name) => list?.dataset[name] ?? "";
function away() { if (list) list.dataset.away = "1"; }
function node(tag, text, name) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}
function button(text, act) {
  const made = node("button", text, "btn");
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}
function row(draft) {
  const line = document.createElement("li"), about = document.createElement("span");
  line.dataset.key = draft.key;
  about.append(node("b", `${draft.act} · ${word("wCase")} ${draft.about}`));
  const texts = draft.fields.filter(([name, value]) => typeof value === "string"
    && ["text", "answer", "ready"].includes(name) && value);
  for (const [, value] of texts) about.append(node("p", value, "said"));
  const files = draft.fields.filter(([, value]) => typeof value !== "string").length;
  if (files) about.append(node("p", word("wPhotos").replace("{n}", files), "state"));
  about.append(node("p", draft.refused ? word("wRefused") + draft.refused
    : list.dataset.away ? word("wAway") : word("wWaits"), draft.refused ? "refused" : "state"));
  const acts = node("span", "", "go");
  acts.append(button(word("wRetry"), () => locked(draft.key)), button(word("wDelete"), async () => {
    if (confirm(word("wSure"))) { await drop(draft.key); await show(); }
  }));
  line.append(about, acts);
  return line;
}
async function show() {
  const drafts = await all(), mine = list && canKeep ? await own()
    : drafts.filter((one) => one.who === account);
  const n = account ? mine.length : drafts.length;
  for (const count of document.querySelectorAll("[data-drafts-n]")) count.textContent = String(n);
  const bar = document.getElementById("draft-bar");
  if (bar) bar.hidden = !n || Boolean(list);
  if (!list) return;
  list.querySelector("ul").replaceChildren(...mine.map(row));
  const others = list.querySelector("[data-others]");
  others.hidden = drafts.length === mine.length;
  others.textContent = word("wOthers").replace("{n}", drafts.length - mine.length);
}

// ---- signing out: what the person wrote does not stay on a shared phone without being asked ---
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-sign-out]") ) return;
  event.preventDefault();
  leave(form);
}, true);
async function leave(form) {
  let mine = [];
  try { mine = (await all()).filter((one) => one.who === account); } catch { /* no store, no drafts */ }
  if (mine.length && !confirm(body.dataset.wDraftOut.replace("{n}", mine.length))) return;
  try {
    for (const one of mine) await drop(one.key);
    await forget();
  } catch { /* no store: nothing was kept */ }
  form.submit();
}

// ---- scanning --------------------------------------------------------------------------------
const scan = document.getElementById("scan");
if (scan && "BarcodeDetector" in window && navigator.mediaDevices) {
  scan.hidden = false;
  document.getElementById("no-scan").hidden = true;
  scan.querySelector("button").addEventListener("click", look);
}
async function look() {
  const video = scan.querySelector("video"), fault = scan.querySelector(".faults");
  let camera;
  fault.hidden = true;
  try {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = camera;
    video.hidden = false;
    await video.play();
    for (;;) {
      const [found] = await detector.detect(video);
      if (found) { open(found.rawValue, fault); return; }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } catch {
    fault.textContent = fault.dataset.closed;
    fault.hidden = false;
  } finally {
    for (const track of camera?.getTracks() ?? []) track.stop();
    video.hidden = true;
  }
}
function open(raw, fault) {
  let address = null;
  try { address = new URL(raw); } catch { /* no address */ }
  if (address?.origin === location.origin) { location.assign(address.href); return; }
  fault.textContent = fault.dataset.foreign;
  fault.hidden = false;
}

// ---- start -----------------------------------------------------------------------------------
const worker = document.querySelector("[data-worker]")?.dataset.worker;
if (worker) navigator.serviceWorker?.register(worker, { scope: "/" }).catch(() => {});
if ("indexedDB" in window) {
  // without an account this is the shell: the page itself comes back
  window.addEventListener("online", () => (account ? locked() : location.reload()));
  setInterval(() => locked(), AGAIN_MS); // a server that was away is no "online" of the phone
  show().then(() => locked()).catch(() => {});
}
