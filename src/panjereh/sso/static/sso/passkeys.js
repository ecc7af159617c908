// Talks to the authenticator for <form data-passkey="get|create" data-options="…">, puts its answer
// into the field named "answer" and sends the form. All words stand in the page.

const form = document.querySelector("form[data-passkey]");
const options = JSON.parse(form.dataset.options);
const QUICKLY = 1000;

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const decodeIds = (list) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

function create() {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: decodeIds(options.excludeCredentials),
  };
  return navigator.credentials.create({ publicKey });
}

function get() {
  const publicKey = { ...options, challenge: toBytes(options.challenge) };
  return navigator.credentials.get({ publicKey });
}

function asJson(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = toText(credential.response[part]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: {},
  });
}

function say(name) {
  for (const message of document.querySelectorAll("[data-passkey-says]")) {
    message.hidden = message.dataset.passkeySays !== name;
  }
}

// Browsers tell "cancelled" and "took too long" by one name, so that no page can learn which keys
// a person has; the clock tells them apart.
function whatHappened(error, took) {
  if (error.name === "InvalidStateError") return "exists";
  if (error.name === "NotSupportedError" || error.name === "ConstraintError") return "unable";
  if (error.name === "NotAllowedError") return took >= options.timeout ? "late" : "cancelled";
  return "failed";
}

async function run({ byItself }) {
  const began = performance.now();
  say("");
  try {
    const credential = await (form.dataset.passkey === "create" ? create() : get());
    form.elements.answer.value = asJson(credential);
    form.submit();
  } catch (error) {
    const took = performance.now() - began;
    // Some browsers want a press of a button first; then there is nothing to complain about.
    if (!(byItself && took < QUICKLY)) say(whatHappened(error, took));
  }
}

function begin() {
  if (!window.PublicKeyCredential || !window.isSecureContext) {
    say("unable");
    return;
  }
  document.querySelector("[data-passkey-missing]").hidden = true;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run({ byItself: false });
  });
  if ("atOnce" in form.dataset) run({ byItself: true });
}

begin();
