/* The API reference's examples, run from the page: a sandbox of the visitor's own, its token, and the calls before a
   call, all by the API itself. What they gave is kept in this tab alone. */

const STORE = "reference";
const REPORT = "%PDF-1.7\n%%EOF\n";
const panel = document.querySelector("[data-sandbox]");
const calls = new Map();
let values = JSON.parse(sessionStorage.getItem(STORE) || "{}");

async function readCalls() {
  if (calls.size) return;
  const described = await (await fetch(panel.dataset.sandbox)).json();
  for (const [path, methods] of Object.entries(described.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      calls.set(operation.operationId, { path, method: method.toUpperCase(), operation });
    }
  }
}

/* With our values for what stands in braces. */
const filled = (text) => text.replace(/\{(\w+)\}/g, (braced, name) => values[name] ?? braced);

function address({ path, operation }) {
  const known = Object.fromEntries((operation.parameters || []).map((each) => [each.name, each.example]));
  return path.replace(/\{(\w+)\}/g, (braced, name) => encodeURIComponent(known[name] ?? values[name] ?? braced));
}

function authorization({ operation }) {
  const schemes = operation.security.flatMap(Object.keys);
  if (schemes.includes("oauth2")) return { Authorization: `Bearer ${values.token}` };
  if (schemes.includes("organization")) return { Authorization: `Bearer ${values.organization_token}` };
  return schemes.length ? { Authorization: `Basic ${btoa(`${values.client_id}:${values.client_secret}`)}` } : {};
}

function bodyOf({ operation }, written) {
  const [media, kind] = Object.entries(operation.requestBody?.content || {})[0] || [];
  if (media === "application/json") {
    return { body: written ?? filled(JSON.stringify(kind.example)), headers: { "Content-Type": media } };
  }
  if (media === "multipart/form-data") {
    const form = new FormData();
    for (const [part, name] of Object.entries(kind.example)) {
      form.set(part, new Blob([REPORT], { type: "application/pdf" }), name);
    }
    return { body: form };
  }
  return media ? { body: new URLSearchParams(JSON.parse(filled(JSON.stringify(kind.example)))) } : {};
}

/* One call: what was sent and what came back. The page's own cookies stay out of it. */
async function send(id, written) {
  const call = calls.get(id);
  const { body, headers = {} } = bodyOf(call, written);
  const begun = performance.now();
  const url = address(call);
  const answer = await fetch(url, {
    method: call.method, body, headers: { ...headers, ...authorization(call) }, credentials: "omit",
  });
  const isJson = (answer.headers.get("Content-Type") || "").includes("json");
  const text = isJson ? await answer.text() : "";
  const size = isJson ? 0 : (await answer.blob()).size;
  if (answer.ok && isJson) keep(call, JSON.parse(text));
  return { line: `${call.method} ${url}`, answer, text, size, taken: Math.round(performance.now() - begun) };
}

function keep({ operation }, told) {
  for (const [name, pointer] of Object.entries(operation["x-gives"] || {})) {
    values[name] = pointer.split("/").slice(1).reduce((at, step) => at[step], told);
  }
}

function before(id) {
  const found = [];
  for (const name of calls.get(id).operation["x-after"] || []) found.push(...before(name), name);
  return found;
}

/* The call after those that it needs; the first that is refused ends it. */
async function run(id, written) {
  const made = [];
  for (const name of before(id)) {
    made.push(await send(name));
    if (!made.at(-1).answer.ok) return made;
  }
  made.push(await send(id, written === undefined ? undefined : filled(written)));
  return made;
}

async function renewed() {
  const { answer } = await send("token");
  if (answer.ok) values.token = values.access_token;
  return answer.ok;
}

async function getSandbox(button) {
  button.disabled = true;
  try {
    await readCalls();
    const { answer, text } = await send("register");
    if (!answer.ok) throw new Error(JSON.parse(text).detail);
    if (!(await renewed())) throw new Error("There was no token.");
    // What samples name in braces, once for all of them.
    const giving = [...calls].filter(([id, call]) => call.operation["x-gives"] && !["register", "token"].includes(id));
    const leaves = giving.filter(([id]) => !giving.some(([other]) => before(other).includes(id)));
    for (const [id] of leaves) await run(id);
    show();
  } catch (error) {
    say(`That did not work: ${error.message}`);
  } finally {
    button.disabled = false;
  }
}

/* --- What is seen ----------------------------------------------------------------------------------------------- */

const say = (sentence) => { panel.querySelector("[data-sandbox-said]").textContent = sentence; };
const templates = new Map();

function fillSamples() {
  for (const code of document.querySelectorAll(".code-block code")) {
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!templates.has(node)) templates.set(node, node.data);
      node.data = filled(templates.get(node));
    }
  }
}

/* A body that nobody changed is shown with our values, and sent with those of the moment. */
const written = (area) => (area && area.value === area.dataset.filled ? area.defaultValue : area?.value);

function fillBodies() {
  for (const area of document.querySelectorAll("[data-run] textarea")) {
    if (written(area) === area.defaultValue) area.value = area.dataset.filled = filled(area.defaultValue);
  }
}

function show() {
  sessionStorage.setItem(STORE, JSON.stringify(values));
  const has = Boolean(values.token);
  if (has) say(`Client ${values.client_id}, with a token. The examples are filled in with its ids; run any of them.`);
  panel.querySelector("[data-sandbox-get]").hidden = has;
  panel.querySelector("[data-sandbox-forget]").hidden = !has;
  const look = panel.querySelector("[data-sandbox-look]");
  look.hidden = !has;
  if (has) look.href = values.sign_in_url;
  for (const form of document.querySelectorAll("[data-run]")) {
    form.hidden = false;
    form.querySelector("button").disabled = !has;
    form.querySelector("[data-run-hint]").hidden = has;
  }
  fillSamples();
  fillBodies();
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function showAnswer(place, made) {
  const last = made.at(-1);
  const status = element("p", "call-status", "");
  status.append(
    element("span", `badge tone-${last.answer.ok ? "good" : "poor"}`, `${last.answer.status} ${last.answer.statusText}`),
    element("span", "small muted", `${last.taken} ms · ${last.answer.headers.get("Request-Id") || ""}`),
  );
  const type = last.answer.headers.get("Content-Type") || "";
  const said = last.text ? JSON.stringify(JSON.parse(last.text), null, 2) : last.size ? `${last.size} bytes, ${type}` : "";
  const parts = [status];
  if (said) {
    parts.push(element("pre", "code", said));
    parts.at(-1).tabIndex = 0;
  }
  if (made.length > 1) {
    const first = made.slice(0, -1).map((each) => `${each.line} → ${each.answer.status}`).join("\n");
    const details = element("details", "disclosure", "");
    details.append(element("summary", "", `${made.length - 1} before it, so that there is something to call`));
    details.append(element("pre", "code", first));
    parts.push(details);
  }
  place.replaceChildren(...parts);
}

async function runForm(form) {
  const button = form.querySelector("button");
  const place = form.querySelector("[data-run-answer]");
  button.disabled = true;
  try {
    await readCalls();
    const body = written(form.querySelector("textarea"));
    let made = await run(form.dataset.run, body);
    if (made.at(-1).answer.status === 401 && (await renewed())) made = await run(form.dataset.run, body);
    showAnswer(place, made);
    show();
  } catch (error) {
    place.replaceChildren(element("p", "small", `It could not be sent: ${error.message}`));
    button.disabled = false;
  }
}

panel.hidden = false;
panel.querySelector("[data-sandbox-get]").addEventListener("click", (event) => getSandbox(event.currentTarget));
panel.querySelector("[data-sandbox-forget]").addEventListener("click", () => {
  sessionStorage.removeItem(STORE);
  location.reload();
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-run]")) return;
  event.preventDefault();
  runForm(event.target);
});
show();
