// Change a tree into another in place: what a person has open, typed or focused stays.
const FADE_MS = 450;

export function morph(here, fresh) {
  if (here.nodeName !== fresh.nodeName) { here.replaceWith(document.adoptNode(fresh)); return; }
  if (here.nodeType === Node.TEXT_NODE) {
    if (here.data !== fresh.data) here.data = fresh.data;
    return;
  }
  if (here.nodeType !== Node.ELEMENT_NODE || here.hasAttribute("data-keep")) return;
  if (here.matches("form[data-sent]") || isTyped(here)) return;
  attributes(here, fresh);
  children(here, fresh);
}

// a field that was typed in, or is being typed in
function isTyped(node) {
  if (!node.matches("textarea, input:not([type=hidden]), select")) return false;
  return node === document.activeElement || node.value !== node.defaultValue || Boolean(node.files?.length);
}

function holdsWords(node) {
  return [...(node.querySelectorAll?.("textarea, input:not([type=hidden])") ?? [])]
    .some((field) => field.value !== field.defaultValue);
}

function attributes(here, fresh) {
  for (const { name } of [...here.attributes]) {
    if (fresh.hasAttribute(name) || (here.nodeName === "DETAILS" && name === "open")) continue;
    here.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (here.nodeName === "DETAILS" && name === "open") continue;
    if (name === "class") { classes(here, value); continue; }
    if (here.getAttribute(name) !== value) here.setAttribute(name, value);
  }
}

function classes(here, value) {
  const kept = ["cursor"].filter((name) => here.classList.contains(name));
  const wanted = [value, ...kept].join(" ").trim();
  if (here.className !== wanted && here.getAttribute("class") !== wanted) here.setAttribute("class", wanted);
}

function children(here, fresh) {
  const byId = new Map([...here.children].filter((c) => c.id).map((c) => [c.id, c]));
  const wanted = new Set([...fresh.children].filter((c) => c.id).map((c) => c.id));
  let at = here.firstChild;
  for (const next of [...fresh.childNodes]) {
    while (at && isLeaving(at, wanted)) at = drop(at);
    const own = next.id ? byId.get(next.id) : null;
    if (own) {
      if (own !== at) here.insertBefore(own, at); else at = at.nextSibling;
      morph(own, next);
    } else if (at && !next.id && !at.id && at.nodeName === next.nodeName) {
      const same = at;
      at = at.nextSibling;
      morph(same, next);
    } else {
      here.insertBefore(document.adoptNode(next), at);
    }
  }
  while (at) at = drop(at);
}

function isLeaving(node, wanted) {
  return node.classList?.contains("leaving") || (node.id && !wanted.has(node.id));
}

// rows fade, all else goes at once; a form with words in it stays until it is sent
function drop(node) {
  const after = node.nextSibling;
  if (node.classList?.contains("leaving") || holdsWords(node)
    || node.hasAttribute?.("data-keep")) return after;
  if (!node.matches?.(".al, .mi")) { node.remove(); return after; }
  node.classList.add("leaving");
  node.inert = true;
  setTimeout(() => node.remove(), FADE_MS);
  return after;
}
