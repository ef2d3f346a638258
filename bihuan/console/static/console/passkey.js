// Passkeys: the browser makes or uses one; words come from the form's data-w-*.
const bytes = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function post(url, fields) {
  const answer = await fetch(url, {
    method: "POST", body: new URLSearchParams(fields), credentials: "same-origin",
  });
  return [answer.ok, await answer.json()];
}

function plain(made) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (made.response[name]) response[name] = text(made.response[name]);
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
}

async function ask(options, isNew) {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const list of ["excludeCredentials", "allowCredentials"])
    for (const one of options[list] ?? []) one.id = bytes(one.id);
  const wanted = { publicKey: options };
  return isNew ? navigator.credentials.create(wanted) : navigator.credentials.get(wanted);
}

async function run(form) {
  const status = form.querySelector("[role=status]");
  const isNew = "passkeyMake" in form.dataset;
  const fields = Object.fromEntries(new FormData(form));
  const shared = document.querySelector("input[name=shared]");
  if (shared?.checked) fields.shared = "1";
  status.textContent = "";
  const [isGood, options] = await post(form.dataset.passkeyMake ?? form.dataset.passkeyGet, fields);
  if (!isGood) { status.textContent = options.error ?? form.dataset.wRefused; return; }
  let made;
  try { made = await ask(options, isNew); } catch {
    status.textContent = form.dataset.wNone ?? form.dataset.wRefused;
    return;
  }
  const [isTaken, said] = await post(form.dataset.passkeySend, { ...fields, credential: plain(made) });
  if (isTaken) location.assign(said.onward);
  else status.textContent = form.dataset.wRefused;
}

for (const form of document.querySelectorAll("[data-passkey-send]")) {
  const button = form.querySelector("button");
  if (!window.PublicKeyCredential) { button.disabled = true; continue; }
  button.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.disabled = true;
    run(form).finally(() => { button.disabled = false; });
  });
}
