{% load i18n static %}// The shell without anybody's words, its styles and scripts; nothing else is kept.
const SHELL = "{% url 'field_offline' %}", CACHE = "bihuan-field-1";
const KEPT = [SHELL, "{% static 'console/tokens.css' %}", "{% static 'console/console.css' %}",
  "{% static 'console/case.css' %}", "{% static 'console/callout.css' %}",
  "{% static 'console/work.css' %}", "{% static 'console/field.css' %}",
  "{% static 'console/console.js' %}", "{% static 'console/morph.js' %}",
  "{% static 'console/alarm.js' %}", "{% static 'console/field.js' %}",
  "{% static 'console/icons.svg' %}"];
self.addEventListener("install", (event) => {
  self.skipWaiting();
  // without the cookie, so that the kept page is nobody's
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(
    KEPT.map((one) => new Request(one, { credentials: "omit", cache: "reload" })))));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((all) => Promise.all(
    all.filter((one) => one.startsWith("bihuan-field-") && one !== CACHE).map((one) => caches.delete(one)))));
});
self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  const path = new URL(event.request.url).pathname;
  if (event.request.mode === "navigate") {
    event.respondWith(fetch(event.request).catch(() => caches.match(SHELL)));
  } else if (path !== SHELL && KEPT.includes(path)) {
    event.respondWith(fetch(event.request).catch(() => caches.match(path)));
  }
});
// A notice says what is the matter and nobody's name: phones lie on tables. It opens my tasks.
const TASKS = "{% url 'tasks' %}";
self.addEventListener("push", (event) => {
  let said = {};
  try { said = event.data?.json() ?? {}; } catch { /* shown all the same: a silent push is not allowed */ }
  event.waitUntil(self.registration.showNotification(said.title || "{% translate '闭环' %}", {
    body: said.text || "", tag: said.title || "bihuan", renotify: true }));
});
// The browser's maker gave it another address: it takes the place of the one before.
self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renewed(event.oldSubscription, event.newSubscription));
});
const unpacked = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
async function renewed(old, fresh) {
  const made = fresh ?? await self.registration.pushManager.subscribe({ userVisibleOnly: true,
    applicationServerKey: old?.options?.applicationServerKey ?? unpacked(await siteKey()) });
  const who = await fetch("{% url 'field_who' %}", { cache: "no-store" });
  if (who.redirected || !who.ok) return; // signed out: the page asks again when it is opened
  const said = new URLSearchParams({ subscription: JSON.stringify(made) });
  if (old) said.set("instead_of", await marked(old.endpoint));
  await fetch("{% url 'push_on' %}", { method: "POST", body: said,
    headers: { "X-CSRFToken": (await who.json()).token } });
}
async function siteKey() {
  return (await (await fetch("/api/v1/me/push", { cache: "no-store" })).json()).public_key;
}
async function marked(endpoint) {
  const made = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return [...new Uint8Array(made)].map((one) => one.toString(16).padStart(2, "0")).join("");
}
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: "window" }).then((open) => {
    const here = open.find((one) => new URL(one.url).pathname === TASKS);
    return here ? here.focus() : self.clients.openWindow(TASKS);
  }));
});
