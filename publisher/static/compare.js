// Up to four institutions side by side in the exported site, which has no server: who is asked for stands in the
// address, what is told of each in a script beside its page, and who may be added in names.js.
"use strict";
(() => {
  const MOST = 4;
  const asked = new URLSearchParams(location.search);
  const { labels, simple, rows } = globalThis.NAMES;
  const plain = (text) => [...text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "")]
    .map((sign) => simple[sign] || sign).join("");
  const known = new Map(rows.map((row) => [row.id, row]));
  const ids = [...new Set(asked.getAll("id"))];
  const chosen = ids.filter((id) => known.has(id) && known.get(id).status !== "gone").slice(0, MOST);
  const add = (asked.get("add") || "").trim();
  const at = (name) => document.getElementById(name);
  const make = (tag, text, name) => {
    const part = document.createElement(tag);
    part.textContent = text;
    if (name) part.className = name;
    return part;
  };
  const link = (list) => `?${list.map((id) => `id=${encodeURIComponent(id)}`).join("&")}`;
  const line = (label, cells) => {
    const row = document.createElement("tr");
    const head = make("th", label);
    head.scope = "row";
    row.append(head, ...cells.map((cell) => (cell instanceof Node ? cell : make("td", cell || "—"))));
    at("told").append(row);
  };
  const show = () => {
    const told = chosen.map((id) => globalThis.COMPARED?.[id]).filter(Boolean);
    at("beside").hidden = !told.length;
    for (const one of told) {
      const head = make("th", "");
      head.scope = "col";
      const name = make("a", one.name, "name");
      name.href = `../i/${one.id}/index.html`;
      head.append(name);
      at("whose").append(head);
    }
    if (!told.length) return;
    line("名单", told.map((one) => labels[one.status]));
    const said = told.map((one) => new Map(one.rows));
    for (const label of new Set(said.flatMap((one) => [...one.keys()]))) {
      const cells = said.map((one) => one.get(label) || "");
      if (cells.some(Boolean)) line(label, cells);
    }
    line("移去", told.map((one) => {
      const cell = document.createElement("td");
      const away = make("a", "移去", "tap");
      away.href = link(chosen.filter((id) => id !== one.id));
      away.append(make("span", ` ${one.name}`, "vh"));
      cell.append(away);
      return cell;
    }));
  };
  for (const id of chosen) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "id", value: id });
    at("adding").append(field);
  }
  at("adding").hidden = chosen.length >= MOST;
  at("full").hidden = chosen.length < MOST;
  const missing = ids.find((id) => !chosen.includes(id));
  if (missing && chosen.length < MOST) {
    at("missing").textContent = `没有编号“${missing.slice(0, 40)}”的机构。请查编号，或者写名称。`;
    at("missing").hidden = false;
  }
  if (add) {
    at("add").value = add;
    const words = add.split(/\s+/).map(plain).filter(Boolean);
    const hits = !words.length ? [] : rows.filter((row) => row.status !== "gone" && !chosen.includes(row.id)
      && words.every((word) => row.plain.includes(word))).slice(0, 10);
    at("choices").replaceChildren(...hits.map((row) => {
      const hit = make("article", "", "hit");
      const name = make("a", `加上 ${row.name}`, "name");
      name.href = link([...chosen, row.id]);
      hit.append(make("span", labels[row.status], "l"), name, make("span", row.id, "addr code"),
        make("span", `${row.place} ${row.address}`, "addr"));
      return hit;
    }));
    if (!hits.length) at("choices").append(make("p", `没有找到“${add}”。换两三个字，或者输入编号再查。`));
  }
  // A folder opened from a disk can be asked for nothing, but scripts it may load.
  let waiting = chosen.length;
  const arrived = () => { if (!(waiting -= 1)) show(); };
  for (const id of chosen) {
    const script = document.createElement("script");
    script.src = `../i/${encodeURIComponent(id)}/compared.js`;
    script.onload = script.onerror = arrived;
    document.body.append(script);
  }
})();
