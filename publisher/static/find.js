// Search in the exported site, which has no server: the words are looked for in names.js, as they are
// spelt, in simplified and traditional characters, by pinyin and initials, and by what sounds like them.
"use strict";
const query = new URLSearchParams(location.search).get("q") || "";
const list = document.getElementById("found");
const count = document.getElementById("count");
// The page says these in its own language; without them they are in Chinese.
const said = {
  ask: "请输入要查的机构", some: "找到 {n} 家", none: "登记库里没有“{q}”", why: "匹配原因：",
  reasons: "||拼音|拼音首字母|同音字", ...count.dataset,
};
const own = Object.fromEntries((list.dataset.labels || "").split("|").map((one) => one.split("=")));
document.getElementById("q").value = query;
const line = (hit, labels) => {
  const { row, why } = hit;
  const article = document.createElement("article");
  article.className = "hit";
  const add = (tag, name, text) => {
    const part = document.createElement(tag);
    part.className = name;
    part.textContent = text;
    article.append(part);
    return part;
  };
  add("span", "l", own[row.status] || labels[row.status]);
  const name = add("a", "name", row.name);
  name.href = `${list.dataset.pages || "../i/"}${row.id}/index.html`;
  name.lang = "zh-Hans";
  add("span", "addr code", row.id);
  add("span", "addr", `${row.place} ${row.address}`);
  if (why) add("span", "why quiet", `${said.why}${why}`);
  return article;
};
// Sounds that are confused are one: 心 and 星, 思 and 诗.
const confused = (sound) => sound.replace(/([zcs])h/g, "$1").replace(/ng(?![a-z])/g, "n");
const show = ({ labels, simple, sounds, rows }) => {
  const plain = (text) => [...text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "")]
    .map((sign) => simple[sign] || sign).join("");
  const heard = new Map();
  for (const [sound, signs] of Object.entries(sounds)) for (const sign of signs) heard.set(sign, sound);
  const words = query.slice(0, 100).split(/\s+/).map(plain).filter(Boolean).slice(0, 8).map((text) => {
    const letters = /^[a-z]{2,}$/.test(text);
    const sound = [...text].map((sign) => ` ${heard.get(sign) || sign}`).join("");
    return { text, letters, sound: !letters && [...text].length > 1 ? confused(sound) : "" };
  });
  // What a word is found in, the most telling first; -1 where it is not.
  const near = (word, row) => {
    if (plain(row.name).includes(word.text)) return 0;
    if (row.plain.includes(word.text)) return 1;
    if (word.letters && row.sound.replace(/ /g, "").includes(word.text)) return 2;
    if (word.letters && row.initials.includes(word.text)) return 3;
    if (word.sound && confused(row.sound).includes(word.sound)) return 4;
    return -1;
  };
  const reasons = said.reasons.split("|");
  const hits = [];
  for (const row of words.length ? rows : []) {
    const costs = words.map((word) => near(word, row));
    if (costs.includes(-1)) continue;
    const worst = Math.max(...costs);
    hits.push({ row, cost: costs.reduce((sum, one) => sum + one, 0), why: reasons[worst] });
  }
  hits.sort((one, two) => one.cost - two.cost || one.row.name.length - two.row.name.length
    || (one.row.id < two.row.id ? -1 : 1));
  count.textContent = words.length
    ? (hits.length ? said.some : said.none).replace("{n}", hits.length).replace("{q}", () => query) : said.ask;
  list.replaceChildren(...hits.slice(0, 50).map((hit) => line(hit, labels)));
  document.getElementById("none").hidden = !words.length || hits.length > 0;
  document.getElementById("more").hidden = hits.length <= 50;
};
show(globalThis.NAMES);
