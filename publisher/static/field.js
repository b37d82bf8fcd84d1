// The page for visits without a signal: institutions taken along, a form that saves itself, records that wait.
import * as box from "./outbox.js";
import { unprintable } from "./printed.js";
import { element, pads } from "./sign.js";

const EVERY = 15000;
const LARGEST = 12_000_000;
const KINDS = ["image/jpeg", "image/png", "image/webp", "application/pdf"];
const STATES = {
  draft: "草稿，还没有送出",
  waiting: "已存本机，有网后自动送出",
  conflict: "有冲突，请您决定",
  refused: "没有收下，请改正后再送",
  unfiled: "检查已送到，有一个文件没有收下",
  aside: "已放弃，仍在本机",
};
const UNKEPT = "没有存下，手机可能已经存满。请去掉几张照片，或者清出空间，再按一次。您填的还在这一页，请不要关闭。";
const $ = (id) => document.getElementById(id);
const form = $("form");
const PRINTED = JSON.parse(form.dataset.printed);
const news = new BroadcastChannel("xinyong-field");
let snapshot = null;
let who = form.dataset.account; // whose page this is; another tab may make it another's
let record = null;
let stopped = "";
let busy = Promise.resolve();
let soon = 0;

const button = (text, about, act, go = false) => {
  const made = element("button", { type: "button", className: go ? "btn go" : "btn", textContent: text });
  made.append(element("span", { className: "vh", textContent: `：${about}` }));
  made.addEventListener("click", act);
  return made;
};
const line = (...parts) => {
  const made = element("li");
  made.append(...parts);
  return made;
};
const row = (...parts) => {
  const made = element("p", { className: "btns" });
  made.append(...parts);
  return made;
};
const quiet = (text) => element("span", { className: "quiet", textContent: text });

// ---------- what waits on this phone ----------

async function show() {
  const all = await box.records();
  const own = all.filter(mine);
  const many = (state) => own.filter((one) => one.state === state).length;
  const net = $("net");
  const held = many("waiting") + many("draft");
  net.className = many("conflict") || held || stopped ? "net off" : "net";
  net.replaceChildren(said(many, held));
  $("box").replaceChildren(...own.map(item));
  const others = all.filter((one) => !mine(one));
  $("others").replaceChildren(...[...new Set(others.map((one) => one.account))].flatMap((account) =>
    waitingOf(account, others.filter((one) => one.account === account))));
  $("none").hidden = all.length > 0;
}

function said(many, held) {
  if (many("conflict")) return `有 ${many("conflict")} 条冲突，请您决定`;
  if (many("refused") + many("unfiled")) return `有 ${many("refused") + many("unfiled")} 条没有收下，请改正`;
  if (stopped === "sign-in") {
    const link = element("a", { href: "../../sign-in?path=/desk/field/", textContent: "登录已过期，您填的内容还在，请重新登录" });
    return link;
  }
  if (many("waiting")) return `${stopped ? "离线" : "正在送出"}：${many("waiting")} 条已存本机，有网后自动送出`;
  return held ? `有 ${held} 条草稿` : "已全部送出";
}

/** Whoever shares the phone sees that a record waits, of whom and where, and neither opens nor sends it. */
const mine = (one) => one.account === who;
const named = (one, state) => [element("b", { textContent: one.title }), quiet(`　${one.values.seen_on ?? ""}　${state}`)];

function waitingOf(account, some) {
  const made = element("ul", { className: "plain waiting" });
  made.append(...some.map((one) => line(...named(one, one.state === "draft" ? "草稿" : "等着送出"))));
  return [element("h3", { textContent: `账户“${account}”的 ${some.length} 条，由“${account}”登录后送出` }), made];
}

function item(one) {
  const parts = named(one, STATES[one.state]);
  if (one.said?.detail) parts.push(element("p", { className: "err", textContent: one.said.detail }));
  if (one.state === "conflict") parts.push(conflict(one));
  parts.push(row(...choices(one)));
  return line(...parts);
}

function conflict(one) {
  const there = one.said.recorded ?? {};
  const text = `已记录的是 ${there.visit}：${there.on}，${(there.officers ?? []).join("、")}，问题 ${(there.findings ?? []).length} 个。`
    + `本机这条：${one.values.seen_on}，${one.values.first_officer}、${one.values.second_officer}，附件 ${one.files.length} 个。`;
  return element("p", { textContent: text });
}

function choices(one) {
  const change = (state, more = {}) => async () => {
    await box.keep({ ...one, state, ...more });
    await after();
  };
  const edit = button(one.state === "draft" ? "继续填写" : "修改", one.title, () => fill(one), one.state === "draft");
  const aside = button("放弃这条", one.title, change("aside"));
  if (one.state === "aside") {
    const gone = async () => {
      await box.drop(one.key);
      await after();
    };
    return [button("恢复", one.title, change("draft")), button("从本机删除", one.title, gone)];
  }
  if (one.state === "conflict") {
    const both = async () => {
      await box.rekey(one);
      await after();
    };
    return [button("两条都留，另作一次检查送出", one.title, both), button("放弃本机这条", one.title, change("aside"))];
  }
  if (one.state === "unfiled") {
    const files = one.files.map((file) => (file.sha256 === one.bad ? { ...file, skip: true } : file));
    return [button("不要这个文件，继续送出", one.title, change("waiting", { files, said: null }))];
  }
  if (one.state === "refused") return [edit, button("再送一次", one.title, change("waiting", { said: null })), aside];
  return [edit, aside];
}

async function after() {
  await show();
  news.postMessage("changed");
  await sendAll();
}

async function sendAll() {
  const many = (await box.records()).filter((one) => mine(one) && one.state === "waiting").length;
  if (many) stopped = await box.send(who);
  if (stopped === "other") await refresh(); // somebody else has signed in meanwhile: the page is theirs from now on
  await show();
  if (many) news.postMessage("changed");
}

// ---------- what is taken along ----------

async function refresh() {
  try {
    const answer = await fetch("snapshot", { headers: { Accept: "application/json" } });
    if (answer.status === 401) stopped = "sign-in";
    if (answer.status === 403) [who, snapshot] = ["", null]; // whoever is signed in now records no visits
    if (answer.ok) {
      snapshot = await answer.json();
      who = snapshot.account;
      stopped = "";
      await box.take(snapshot);
    }
  } catch {
    stopped = "offline";
  }
  along();
}

function along() {
  $("along").textContent = snapshot
    ? `${snapshot.name}，带着 ${snapshot.places.length} 家机构的资料（${snapshot.made_at.slice(0, 16).replace("T", " ")}）${snapshot.left_out ? `，另有 ${snapshot.left_out} 家没有带` : ""}`
    : "还没有机构资料。请在有网时打开本页。";
  const places = new Map((snapshot?.places ?? []).map((one) => [one.id, one]));
  const tasks = (snapshot?.tasks ?? []).map((task) => {
    const place = places.get(task.institution);
    const text = quiet(`　${task.name}，${task.due_on ?? ""} 前，同去：${task.second}`);
    return line(element("b", { textContent: place?.name ?? task.institution }), text, row(button("开始检查", place?.name ?? "", () => begin(place, task), true)));
  });
  $("tasks").replaceChildren(...tasks);
  $("no-tasks").hidden = tasks.length > 0;
  search();
}

function search() {
  const word = $("find").value.trim().toLowerCase();
  const hits = word
    ? (snapshot?.places ?? []).filter((one) => [one.name, one.address, one.id].some((text) => text?.toLowerCase().includes(word)))
    : [];
  const lines = hits.slice(0, 20).map((one) =>
    line(element("b", { textContent: one.name }), quiet(`　${one.address ?? ""}　${one.status ? `${one.status}　` : ""}现在 ${one.now ?? ""}`), row(button("开始检查", one.name, () => begin(one, null)))));
  if (hits.length > 20) lines.push(line(quiet(`共 ${hits.length} 家，先列 20 家。请多写几个字。`)));
  if (word && !hits.length) lines.push(line(quiet("没有找到。换两三个字，或者输入地址再查。")));
  $("found").replaceChildren(...lines);
}

// ---------- the form ----------

function begin(place, task) {
  const template = templateFor(place.kind ?? "");
  const today = new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  const values = {
    institution: place.id, campaign: task?.campaign ?? "", seen_on: today, signed: "",
    first_officer: snapshot.name, second_officer: task?.second ?? "",
    checklist: template.dataset.checklist, policy: form.dataset.policy,
  };
  if (task?.kind) values.kind = task.kind;
  fill({ key: crypto.randomUUID(), account: snapshot.account, begun: new Date().toISOString(), state: "draft", title: place.name, kind: place.kind ?? "", values, files: [] });
}

function templateFor(kind) {
  const all = [...document.querySelectorAll("template[data-kinds]")];
  return all.find((one) => one.dataset.kinds.split(" ").includes(kind)) ?? all.find((one) => !one.dataset.kinds) ?? all[0];
}

function fill(one) {
  record = { ...one, state: "draft" };
  const all = [...document.querySelectorAll("template[data-checklist]")];
  const template = all.find((it) => it.dataset.checklist === one.values.checklist) ?? templateFor(one.kind);
  const moved = template.dataset.checklist !== (one.values.checklist ?? "");
  form.replaceChildren(template.content.cloneNode(true));
  for (const part of form.querySelectorAll("[data-kinds]")) {
    if (part.dataset.kinds && !part.dataset.kinds.split(" ").includes(one.kind)) part.remove();
  }
  const hidden = { ...one.values, checklist: template.dataset.checklist };
  for (const name of ["institution", "campaign", "checklist", "policy"]) {
    form.append(element("input", { type: "hidden", name, value: hidden[name] ?? "" }));
  }
  for (const field of form.querySelectorAll("[name]")) restore(field, hidden);
  if (moved) record.replaced = [...(one.replaced ?? []), ...homeless(one, template)];
  replaced(record.replaced ?? []);
  past(snapshot?.places.find((it) => it.id === one.values.institution));
  wrong(one.said?.errors?.map((it) => it.detail) ?? []);
  form.querySelectorAll("input[type=file]").forEach((one) => listed(one));
  pads(form, (item, file) => queue(() => signed(item, file)));
  form.querySelector("[data-part=later]").addEventListener("click", () => close());
  $("home").hidden = true;
  form.hidden = false;
  $("title").textContent = one.title;
  $("title").focus();
  window.scrollTo(0, 0);
}

function restore(field, values) {
  if (field.type === "file") return;
  const value = values[field.name];
  if (field.type === "radio") field.checked = (value ?? "未查") === field.value;
  else if (field.type === "checkbox") field.checked = value === field.value;
  else if (value !== undefined) field.value = value;
}

/** What was answered on a checklist that has been replaced and has no place on the new one, in words that stay. */
function homeless(one, template) {
  const fields = new Set([...form.querySelectorAll("[name]")].map((field) => field.name));
  const lost = Object.entries(one.values).filter(([name, value]) => !fields.has(name) && value !== "");
  const files = one.files.filter((file) => !fields.has(`files-${file.item}`) && !file.item.startsWith("sign-"));
  return [
    `检查表 ${one.values.checklist || "（未写明）"} 已经换成 ${template.dataset.checklist}，请逐项核对。`,
    ...lost.map(([name, value]) => `新表没有的一项 ${name.slice(name.indexOf("-") + 1)}，原来填的是：${value}`),
    ...files.map((file) => `新表没有的一项 ${file.item}，原来的附件：${file.name}（仍随这次检查送出）`),
  ];
}

function replaced(sentences) {
  const part = form.querySelector("[data-part=replaced]");
  part.hidden = !sentences.length;
  part.querySelector("ul").replaceChildren(...sentences.map((text) => element("li", { textContent: text })));
}

function past(place) {
  const part = form.querySelector("[data-part=past]");
  const list = (title, texts) => {
    const made = element("ul", { className: "plain" });
    made.append(...(texts.length ? texts : ["没有。"]).map((text) => element("li", { textContent: text })));
    return [element("h3", { textContent: title }), made];
  };
  const lights = (place?.lights ?? []).map(([title, met, sentence]) => `${title}：${met ? "符合" : "不符合"}。${sentence}`);
  part.replaceChildren(element("h2", { className: "h-plain", textContent: `进门之前：${place?.status ? `已${place.status}，` : ""}现在 ${place?.now ?? "不详"}` }),
    ...list("证照、保险和专户", lights), ...list("没有办结的", place?.open ?? []), ...list("最近的检查", place?.visits ?? []));
}

function collected() {
  const typed = [...new FormData(form)].filter(([, value]) => typeof value === "string" && value !== "");
  return Object.fromEntries(typed.filter(([name, value]) => !(name.startsWith("answer-") && value === "未查")));
}

/** Files are digested one after the other; whoever saves waits for them, and one that fails keeps none behind it. */
function queue(work) {
  busy = busy.then(work).catch(() => tell(UNKEPT, true));
  return busy;
}

/** Keeps the record on this phone; false, and said on the page, when the phone has no room for it. */
async function save(state = "draft") {
  record = { ...record, state, said: null, values: collected() };
  try {
    await box.keep(record);
  } catch {
    record = { ...record, state: "draft" };
    tell(UNKEPT, true);
    return false;
  }
  tell("已存本机。");
  return true;
}

function tell(text, failed = false) {
  const told = form.querySelector("[data-part=saved]");
  if (!told) return;
  told.textContent = text;
  told.classList.toggle("err", failed);
}

/** Whether the record was kept because its writer asked for it; where not, the page stays and says so at its head. */
async function savedOnRequest(state) {
  clearTimeout(soon);
  await busy;
  const kept = await save(state);
  if (!kept) wrong([UNKEPT]);
  return kept;
}

async function chosen(input) {
  const item = input.name.slice("files-".length);
  const bad = [];
  for (const file of input.files) {
    if (!KINDS.includes(file.type)) bad.push(`${file.name}：只收 JPEG、PNG、WebP 照片和 PDF。`);
    else if (file.size > LARGEST) bad.push(`${file.name}：请缩小到 12 MB 以内。`);
    else await add(item, "photo", file).catch(() => bad.push(`${file.name}：读不出来，没有收下。请重新拍一张，或者换一个文件。`));
  }
  input.value = "";
  listed(input, bad);
  await save();
}

async function add(item, kind, file) {
  const sha256 = await box.digest(file);
  if (record.files.some((one) => one.sha256 === sha256)) return;
  const taken_at = new Date(file.lastModified || Date.now()).toISOString();
  record.files.push({ sha256, item, kind, name: file.name, taken_at, blob: file });
}

async function signed(item, file) {
  record.files = record.files.filter((one) => one.item !== item);
  if (file) await add(item, "signature", file);
  if (file) form.elements.signed.checked = true;
  await save();
}

function listed(input, bad = []) {
  const item = input.name.slice("files-".length);
  input.parentElement.querySelectorAll(".kept, .err").forEach((one) => one.remove());
  const own = record.files.filter((one) => one.item === item);
  for (const text of bad) input.before(element("span", { className: "err", textContent: text }));
  for (const file of own) {
    const kept = element("span", { className: "hint kept", textContent: `${file.name}　${file.taken_at.slice(11, 16)} UTC　${file.sha256.slice(0, 12)}　` });
    kept.append(button("去掉", file.name, async () => {
      record.files = record.files.filter((one) => one !== file);
      listed(input);
      await save();
    }));
    input.before(kept);
  }
  const proof = input.closest("details");
  if (proof && (own.length || bad.length)) proof.open = true;
}

function wrong(sentences) {
  const part = form.querySelector("[data-part=wrong]");
  part.hidden = !sentences.length;
  part.querySelector("ul").replaceChildren(...sentences.map((text) => element("li", { textContent: text })));
  if (sentences.length) part.querySelector("h2").focus();
}

function mistakes(values) {
  const found = [];
  if (!values.seen_on) found.push("请填写检查日期。");
  if (!values.first_officer || !values.second_officer || values.first_officer === values.second_officer) found.push("请填写两名不同的检查人员。");
  if (!values.signed && !values.refusal) found.push("还没有签字。请对方签字，或者写明拒绝签字的情况。");
  return [...found, ...unprintable(values, PRINTED)];
}

async function close() {
  if (await savedOnRequest("draft")) await leave();
}

/** Goes back to the overview, which by then counts what was just kept: "all sent" is never left over from before. */
async function leave() {
  record = null;
  form.hidden = true;
  form.replaceChildren();
  await show();
  $("home").hidden = false;
  $("title").textContent = "外出检查";
  $("title").focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const found = mistakes(collected());
  wrong(found);
  if (found.length) {
    window.scrollTo(0, 0);
    return;
  }
  if (!(await savedOnRequest("waiting"))) return;
  await leave();
  await after();
});
form.addEventListener("input", (event) => {
  if (event.target.type === "file") return;
  clearTimeout(soon);
  tell("正在存到本机");
  soon = setTimeout(() => record && save(), 250);
});
form.addEventListener("change", (event) => event.target.type === "file" && record && queue(() => chosen(event.target)));
$("find").addEventListener("input", search);
$("refresh").addEventListener("click", () => refresh().then(sendAll));
$("forget").addEventListener("click", async () => {
  await box.forget();
  snapshot = null;
  along();
  show();
});
addEventListener("online", () => refresh().then(sendAll));
news.addEventListener("message", show);
setInterval(sendAll, EVERY);
navigator.serviceWorker?.register("worker.js");
navigator.storage?.persist?.();
// What another account took along is not this one's: nobody begins a visit in somebody else's name.
const taken = await box.taken();
snapshot = taken?.account === who ? taken : null;
along();
await show();
await refresh();
await sendAll();
