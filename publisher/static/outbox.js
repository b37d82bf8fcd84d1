// What is kept on the phone until it is sent: records in IndexedDB, one sender over all tabs, each record once.

const STORE = "records";
const TAKEN = "taken";

function open() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("xinyong-field", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(STORE, { keyPath: "key" });
      asked.result.createObjectStore(TAKEN);
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function within(store, mode, work) {
  const database = await open();
  try {
    return await new Promise((done, failed) => {
      const transaction = database.transaction(store, mode, { durability: "strict" });
      const asked = work(transaction.objectStore(store));
      transaction.oncomplete = () => done(asked?.result);
      transaction.onerror = transaction.onabort = () => failed(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** Every record on this phone, the oldest first. */
export async function records() {
  const all = await within(STORE, "readonly", (store) => store.getAll());
  return all.sort((one, other) => one.begun.localeCompare(other.begun));
}

export const keep = (record) => within(STORE, "readwrite", (store) => store.put(record));
export const find = (key) => within(STORE, "readonly", (store) => store.get(key));
export const drop = (key) => within(STORE, "readwrite", (store) => store.delete(key));
export const taken = () => within(TAKEN, "readonly", (store) => store.get("snapshot"));
export const take = (value) => within(TAKEN, "readwrite", (store) => store.put(value, "snapshot"));
export const forget = () => within(TAKEN, "readwrite", (store) => store.clear());

/** Gives a record a key of its own, so that it is sent as a visit beside the one it conflicts with. */
export function rekey(record) {
  return within(STORE, "readwrite", (store) => {
    store.delete(record.key);
    store.put({ ...record, key: crypto.randomUUID(), state: "waiting", said: null });
  });
}

/** Changes a record, or takes it away, only as long as it still is in the state expected: another tab may have been quicker. */
function change(key, state, changed) {
  return within(STORE, "readwrite", (store) => {
    const asked = store.get(key);
    asked.onsuccess = () => {
      if (asked.result?.state !== state) return;
      if (changed) store.put({ ...asked.result, ...changed });
      else store.delete(key);
    };
  });
}

/** Sends what this account has waiting, one tab at a time; gives what stopped it: "", "offline", "sign-in" or "other". */
export function send(account) {
  return navigator.locks.request("xinyong-field-send", async () => {
    let left = "";
    for (const record of await records()) {
      if (record.state !== "waiting" || record.account !== account) continue;
      const stopped = await sendOne(record);
      if (stopped === "later") left = "offline"; // it alone is tried again; whatever comes after it need not wait
      else if (stopped) return stopped;
    }
    return left;
  });
}

async function sendOne(record) {
  const files = record.files.map(({ sha256, item, kind, name, taken_at }) => ({ sha256, item, kind, name, taken_at }));
  const body = JSON.stringify({ account: record.account, values: record.values, files });
  const answer = await put(`visits/${record.key}`, body, "application/json");
  if (!answer) return "offline";
  if (answer.status >= 500) return "later";
  if (answer.status === 401) return "sign-in";
  if (answer.status === 403 && (await signedIn()) !== record.account) return "other";
  if (!answer.ok) {
    const state = answer.status === 409 ? "conflict" : "refused";
    await change(record.key, "waiting", { state, said: answer.said });
    return "";
  }
  if (!Array.isArray(answer.said.missing)) return "offline"; // somebody else's answer, such as a hotel's
  for (const digest of answer.said.missing) {
    const file = record.files.find((one) => one.sha256 === digest);
    if (file.skip) continue;
    const sent = await put(`visits/${record.key}/files/${digest}`, file.blob, file.blob.type || "application/octet-stream");
    if (!sent) return "offline";
    if (sent.status >= 500) return "later";
    if (sent.status === 401) return "sign-in";
    if (sent.status === 403 && (await signedIn()) !== record.account) return "other";
    if (!sent.ok) {
      await change(record.key, "waiting", { state: "unfiled", said: sent.said, bad: digest, visit: answer.said.visit });
      return "";
    }
  }
  await change(record.key, "waiting", null);
  return "";
}

/** Who is signed in here now, if anybody who records visits: another tab may have changed that. */
async function signedIn() {
  const answer = await fetch("snapshot", { headers: { Accept: "application/json" } }).catch(() => null);
  return answer?.ok ? (await answer.json()).account : "";
}

async function put(path, body, type) {
  try {
    const headers = { "Content-Type": type, Accept: "application/json" };
    const answer = await fetch(path, { method: "PUT", headers, body });
    const said = await answer.json().catch(() => ({}));
    return { ok: answer.ok, status: answer.status, said };
  } catch {
    return null;
  }
}

/** The SHA-256 of a file, as the register names it. */
export async function digest(blob) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
}
