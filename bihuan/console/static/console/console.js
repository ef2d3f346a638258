// The pages' behaviour: live fragments, clocks, alarm, forms. No words of its own: see data-w-*.
import { morph } from "./morph.js";
import { Alarm } from "./alarm.js";

const body = document.body;
const word = (name, n = "") => (body.dataset[name] ?? "").replace("{n}", n);
const live = () => document.getElementById("live");
const isFramed = window.parent !== window;
const title = document.title;

// ---- clocks -------------------------------------------------------------------------------
let offset = 0; // the server's clock less ours, seconds
const setClock = (s) => { if (s) offset = Number(s) - Date.now() / 1000; };
const now = () => Date.now() / 1000 + offset;
setClock(live()?.dataset.nowS ?? body.dataset.nowS);

const two = (n) => String(n).padStart(2, "0");
function span(seconds) {
  const h = Math.floor(seconds / 3600), m = Math.floor(seconds / 60) % 60, s = seconds % 60;
  if (h >= 48) return word("wDays", Math.floor(h / 24));
  return h ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}
function put(node, text) { if (node && node.textContent !== text) node.textContent = text; }

function tick() {
  for (const clock of document.querySelectorAll("[data-due-s]")) {
    const left = Math.floor(Number(clock.dataset.dueS) - now());
    const isOver = left < 0;
    clock.classList.toggle("over", isOver);
    clock.closest(".al, .mi, .head")?.classList.toggle("over", isOver);
    put(clock.querySelector("b"), (isOver ? "+" : "") + span(Math.abs(left)));
    put(clock.querySelector("small"), word(isOver ? "wOver" : "wLeft"));
  }
  const wall = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai",
  }).format(now() * 1000);
  for (const node of document.querySelectorAll("[data-wall]")) put(node, wall);
  showFeed();
}

// ---- the feed -----------------------------------------------------------------------------
const LOST_MS = 15000;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("bihuan-feed") : null;
let source = null, position = null, heard = Date.now();
let own = null; // of a board: what stands in its pushed parts in place of these marks

function showFeed() {
  const feed = document.getElementById("feed");
  const isLost = Date.now() - heard > LOST_MS;
  body.classList.toggle("stale", Boolean(live()) && isLost && !isFramed);
  if (!feed || !live()) return;
  feed.hidden = false;
  feed.classList.toggle("lost", isLost);
  const age = Math.max(0, Math.round((Date.now() - heard) / 1000));
  const said = feed.querySelector("span");
  // the age ticks for the eye only; a reader of the screen hears the loss and the return
  feed.setAttribute("aria-live", isLost ? "polite" : "off");
  put(said, isLost ? word("wLost") : word("wLive", age));
}

function listen() {
  source?.close();
  source = new EventSource(body.dataset.feed);
  source.addEventListener("position", (event) => { beat(); moved(event.data); });
  source.addEventListener("beat", () => {
    beat();
    channel?.postMessage("beat");
    // ladders fill and boards fall silent without an entry in the journal
    if (!own && ringing().length) refresh();
  });
  source.addEventListener("own", (event) => { beat(); own = JSON.parse(event.data); });
  source.addEventListener("part", (event) => {
    beat();
    position = event.lastEventId;
    channel?.postMessage(position);
    let html = JSON.parse(event.data);
    for (const mark of Object.keys(own)) html = html.split(mark).join(own[mark]);
    receive(html);
  });
  source.addEventListener("over", () => location.reload());
}
function beat() { heard = Date.now(); }
function moved(at) {
  channel?.postMessage(at);
  if (at !== position) { position = at; refresh(); }
}
function wake() {
  if (document.visibilityState === "hidden") return;
  refresh();
  if (!isFramed && (source?.readyState === 2 || Date.now() - heard > LOST_MS)) listen();
}

let isFetching = false, isAgain = false;
async function refresh() {
  const here = live();
  if (!here?.dataset.live) return;
  if (isFetching) { isAgain = true; return; }
  isFetching = true;
  try {
    const answer = await fetch(here.dataset.live, { headers: { "X-Requested-With": "fetch" } });
    if (answer.redirected || answer.status === 404) { location.reload(); return; }
    if (answer.ok) { beat(); receive(await answer.text()); }
  } catch { /* the feed's age says so; the next event or beat tries again */ } finally {
    isFetching = false;
    if (isAgain) { isAgain = false; refresh(); }
  }
}

// ---- morphing the page without moving a row under the hand -----------------------------------
let pending = null;
const ids = (root) => [...(root?.querySelectorAll("#queue > li:not(.leaving)") ?? [])].map((li) => li.id);
function isHeld() {
  const queue = document.getElementById("queue");
  if (!queue) return false;
  return queue.matches(":hover") || (queue.contains(document.activeElement)
    && document.activeElement.matches("input, textarea, select, button"));
}
function receive(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("live");
  if (!fresh) return;
  const older = Number(live().dataset.nowS) - Number(fresh.dataset.nowS);
  if (older > 0 && older < 10) return; // fetched before, come after what was pushed
  setClock(fresh.dataset.nowS);
  const before = ids(live()), after = ids(fresh);
  const isMoved = before.join() !== after.join();
  if (isMoved && isHeld()) {
    pending = html;
    hold(fresh, before, after);
  } else {
    pending = null;
    apply(fresh, before);
  }
  sounds();
  tick();
}
function hold(fresh, before, after) {
  const bar = document.getElementById("newbar");
  const n = after.filter((id) => !before.includes(id)).length;
  bar.hidden = false;
  put(bar, n ? word("wNew", n) : word("wChanged"));
  live().dataset.waiting = fresh.dataset.waiting ?? "";
  for (const id of ["bars", "figs", "side"]) morph(document.getElementById(id), fresh.querySelector(`#${id}`));
  for (const id of before) {
    const row = document.getElementById(id), next = fresh.querySelector(`#queue > #${id}`);
    if (next) morph(row, next); else row.classList.add("gone");
  }
}
function apply(fresh, before) {
  morph(live(), fresh);
  const bar = document.getElementById("newbar");
  if (bar) bar.hidden = true;
  for (const id of ids(live())) {
    if (!before.includes(id)) document.getElementById(id).classList.add("fresh");
  }
}
function release() {
  if (pending) { const html = pending; pending = null; settle(html); }
}
// a row that changes under a resting pointer also says "out": look again a moment later
function letRelease() { setTimeout(() => { if (!isHeld()) release(); }, 150); }
function settle(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("live");
  apply(fresh, ids(live()));
  refresh();
}
document.addEventListener("pointerout", (event) => {
  if (pending && event.target.closest?.("#queue")) letRelease();
});
document.addEventListener("focusout", letRelease);

// ---- sound ----------------------------------------------------------------------------------
const canRing = Boolean(live()) && ("waiting" in live().dataset || "ring" in live().dataset);
const alarm = new Alarm(canRing);
let muted = new Set();
const ringing = () => (live()?.dataset.waiting ?? live()?.dataset.ring ?? "").split(",").filter(Boolean);
function sounds() {
  if (!live()) return;
  const open = ringing();
  muted = new Set([...muted].filter((id) => open.includes(id)));
  const isLoud = open.some((id) => !muted.has(id));
  alarm.ring(isLoud);
  if (isLoud && "ring" in live().dataset && navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.([400, 200, 400]);
  if ("waiting" in live().dataset) {
    document.title = open.length ? `(${open.length}) ${title}` : title;
    for (const badge of document.querySelectorAll("[data-badge]")) {
      badge.hidden = !open.length;
      put(badge, String(open.length));
    }
  }
  showSound(open);
}
function showSound(open) {
  const bar = document.getElementById("soundbar"), button = document.getElementById("sound");
  if (bar) bar.hidden = alarm.isAudible();
  if (!button) return;
  const isMuted = open.length > 0 && open.every((id) => muted.has(id));
  button.setAttribute("aria-pressed", String(alarm.isAudible() && !isMuted));
  put(button.querySelector("span"),
    word(!alarm.isAudible() ? "wSilent" : isMuted ? "wMuted" : "wSound"));
}
async function unlock() {
  if (!canRing || alarm.isAudible()) return;
  await alarm.unlock();
  sounds();
}
alarm.onchange = () => { sounds(); tellListening(); };
const token = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)),
  (byte) => byte.toString(16).padStart(2, "0")).join("");
function tellListening(isNews = true) {
  const form = document.getElementById("listen");
  if (!form) return;
  const said = new FormData(form);
  said.set("token", token);
  said.set("audible", alarm.isAudible() ? "1" : "0");
  fetch(body.dataset.listening, { method: "POST", body: said })
    .then(() => { if (isNews || !own) refresh(); }, () => {});
}

// ---- forms: one click, one act --------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => {
    form.classList.add("busy-form");
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  });
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.classList.remove("busy-form");
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-place]")) return;
  // the browser's own time of the file: for a photo taken here, of the shot
  const shot = event.target.files?.[0];
  event.target.form.elements.taken.value = shot ? String(shot.lastModified) : "";
  if (!navigator.geolocation) return;
  const place = event.target.form.elements.place;
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    place.value = `${coords.latitude.toFixed(5)},${coords.longitude.toFixed(5)} ±${Math.round(coords.accuracy)} m`;
  }, () => {}, { timeout: 5000 });
});

window.addEventListener("beforeprint", () => {
  for (const round of document.querySelectorAll("details.round")) round.open = true;
});

// ---- the simulated band: hold, then it is sent ---------------------------------------------
const HOLD_MS = 1500;
let held = null;
function letGo() {
  if (!held) return;
  clearTimeout(held.timer);
  held.button.classList.remove("holding");
  held = null;
}
document.addEventListener("pointerdown", (event) => {
  const button = event.target.closest?.(".sos");
  if (!button || button.disabled) return;
  button.classList.add("holding");
  const timer = setTimeout(() => {
    letGo();
    button.click(); // iOS 15 has no requestSubmit
  }, HOLD_MS);
  held = { button, timer };
});
// the phones beside it go on ringing: the press is sent without leaving the page
document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  if (!form.matches("[data-press]") || !button) return;
  event.preventDefault();
  const said = new FormData(form);
  said.set(button.name, button.value);
  button.disabled = true;
  fetch(form.action, { method: "POST", body: said }).then((answer) => {
    button.classList.toggle("sent", answer.ok);
  }, () => {}).finally(() => setTimeout(() => {
    button.disabled = false;
    button.classList.remove("sent");
  }, 1500));
});
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, letGo);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".sos");
  // a short press is no call for help; a key press (detail 0) is
  if (button && event.detail !== 0 && event.isTrusted) event.preventDefault();
  if (event.target.closest?.("#newbar")) release();
  if (event.target.closest?.("#sound")) {
    const open = ringing();
    if (!alarm.isAudible()) return;
    const isMuted = open.length > 0 && open.every((id) => muted.has(id));
    muted = isMuted ? new Set() : new Set(open);
    sounds();
  }
});
for (const gesture of ["pointerup", "keydown"]) document.addEventListener(gesture, unlock, true);

// ---- keys: j and k move, Enter opens, a takes ------------------------------------------------
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea, select")) return;
  const rows = [...document.querySelectorAll(".al:not(.leaving), .mi:not(.leaving)")];
  const at = rows.findIndex((row) => row.classList.contains("cursor"));
  if (event.key === "j" || event.key === "k") {
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))];
    rows[at]?.classList.remove("cursor");
    next?.classList.add("cursor");
    next?.querySelector("a")?.focus();
    next?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "a") {
    rows[at]?.querySelector("form[data-once] button")?.click();
  }
});

// ---- start ------------------------------------------------------------------------------------
if (live()) {
  channel?.addEventListener("message", ({ data }) => {
    if (!isFramed) return;
    beat();
    if (data !== "beat" && data !== position) { position = data; refresh(); }
  });
  const every = Number(live().dataset.every ?? 0);
  if (every) setInterval(refresh, every * 1000);
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  setInterval(() => { if (Date.now() - heard > LOST_MS) wake(); }, 5000);
  if ("waiting" in live().dataset) setInterval(() => tellListening(false), 20000);
}
if (!isFramed && (live() || document.querySelector(".phones"))) listen();
setInterval(tick, 1000);
tick();
sounds();
tellListening();
