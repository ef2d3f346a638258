// Notices: this browser subscribes at its maker's push service; words come from data-w-*.
const form = document.querySelector("[data-push]");
const status = form?.querySelector("[role=status]"), button = form?.querySelector("button");
const say = (name) => { status.textContent = form.dataset[name] ?? ""; };
const bytes = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

async function hashed(text) {
  const made = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(made)].map((one) => one.toString(16).padStart(2, "0")).join("");
}

async function show() {
  if (!window.isSecureContext || !("PushManager" in window) || !("Notification" in window)
    || !navigator.serviceWorker) { say("wUnable"); return; }
  if (Notification.permission === "denied") { say("wDenied"); return; }
  const worker = await navigator.serviceWorker.getRegistration("/");
  const held = await worker?.pushManager.getSubscription();
  const marks = form.dataset.browsers.split(" ");
  if (held && marks.includes(await hashed(held.endpoint))) { say("wHere"); return; }
  if (marks[0]) say("wElsewhere");
  button.hidden = false;
}

async function turnOn() {
  if (await Notification.requestPermission() !== "granted") {
    button.hidden = true;
    await show(); // the button again where the question was only put off
    return;
  }
  let made;
  try {
    await navigator.serviceWorker.register(form.dataset.worker, { scope: "/" });
    const worker = await navigator.serviceWorker.ready;
    // of whoever used this browser before, or of another key of the site: a new address
    await (await worker.pushManager.getSubscription())?.unsubscribe();
    made = await worker.pushManager.subscribe(
      { userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) });
  } catch { say("wFailed"); return; }
  const fields = new URLSearchParams(new FormData(form));
  fields.set("subscription", JSON.stringify(made));
  const answer = await fetch(form.dataset.send, { method: "POST", body: fields }).catch(() => null);
  if (answer?.ok && !answer.redirected) { location.assign((await answer.json()).onward); return; }
  await made.unsubscribe();
  say(answer ? "wRefused" : "wFailed");
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.disabled = true;
    turnOn().finally(() => { button.disabled = false; });
  });
  show().catch(() => say("wUnable"));
}
