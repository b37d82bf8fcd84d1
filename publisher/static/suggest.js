// While a name is typed, the nearest institutions are shown below the box, each with district and address.
// Without this script the search works by its button.
"use strict";
(() => {
  const box = document.getElementById("q");
  if (!box || !box.form) return;
  const list = document.createElement("ul");
  const root = new URL("../", box.form.action);
  const known = new Map();
  let asked = "", active = -1, timer = 0, asking = null;
  list.id = "q-list";
  list.className = "suggest";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "可能要找的机构");
  list.hidden = true;
  box.closest(".row").after(list);
  const set = (name, value) => box.setAttribute(name, value);
  set("role", "combobox");
  set("aria-autocomplete", "list");
  set("aria-controls", list.id);
  set("aria-expanded", "false");
  const close = () => {
    list.hidden = true;
    active = -1;
    set("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const mark = (to) => {
    const all = [...list.children];
    active = (to + all.length) % all.length;
    all.forEach((one, at) => one.setAttribute("aria-selected", String(at === active)));
    set("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  };
  const line = (hit, at) => {
    const item = document.createElement("li");
    const add = (tag, text) => {
      const part = document.createElement(tag);
      part.textContent = text;
      item.append(part);
    };
    item.id = `q-${at}`;
    item.dataset.id = hit.id;
    item.setAttribute("role", "option");
    add("b", hit.name);
    add("span", [hit.place, hit.address, hit.why].filter(Boolean).join("　"));
    return item;
  };
  const show = (hits) => {
    list.replaceChildren(...hits.map(line));
    active = -1;
    list.hidden = !hits.length;
    set("aria-expanded", String(!!hits.length));
  };
  const ask = async () => {
    const query = box.value.trim();
    if (query === asked) return;
    asked = query;
    if (asking) asking.abort();
    if (query.length < 2) return close();
    if (known.has(query)) return show(known.get(query));
    asking = new AbortController();
    try {
      const url = new URL(`suggest?q=${encodeURIComponent(query)}`, root);
      const answer = await fetch(url, { signal: asking.signal });
      if (!answer.ok) return close();
      const { hits } = await answer.json();
      known.set(query, hits);
      if (query === asked) show(hits);
    } catch {
      close(); // offline, or asked again: the button still searches
    }
  };
  const later = (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, 150);
  };
  const go = (item) => { location.href = new URL(`i/${item.dataset.id}/`, root); };
  box.addEventListener("input", later);
  box.addEventListener("compositionend", () => later({ isComposing: false }));
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active < 0 ? -1 : active - 1);
    else if (event.key === "Enter" && active >= 0) go(list.children[active]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the box
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) go(item);
  });
})();
