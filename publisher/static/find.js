// Search in the exported site, which has no server: the words are looked for in names.js, as they are
// spelt, in simplified and traditional characters, by pinyin and initials, and by what sounds like them.
"use strict";
const query = new URLSearchParams(location.search).get("q") || "";
const list = document.getElementById("found");
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
  add("span", "l", labels[row.status]);
  add("a", "name", row.name).href = `../i/${row.id}/`;
  add("span", "addr code", row.id);
  add("span", "addr", `${row.place} ${row.address}`);
  if (why) add("span", "why quiet", `匹配原因：${why}`);
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
  const reasons = ["", "", "拼音", "拼音首字母", "同音字"];
  const hits = [];
  for (const row of words.length ? rows : []) {
    const costs = words.map((word) => near(word, row));
    if (costs.includes(-1)) continue;
    const worst = Math.max(...costs);
    hits.push({ row, cost: costs.reduce((sum, one) => sum + one, 0), why: reasons[worst] });
  }
  hits.sort((one, two) => one.cost - two.cost || one.row.name.length - two.row.name.length
    || (one.row.id < two.row.id ? -1 : 1));
  document.getElementById("count").textContent = words.length
    ? hits.length ? `找到 ${hits.length} 家` : `登记库里没有“${query}”` : "请输入要查的机构";
  list.replaceChildren(...hits.slice(0, 50).map((hit) => line(hit, labels)));
  document.getElementById("none").hidden = !words.length || hits.length > 0;
  document.getElementById("more").hidden = hits.length <= 50;
};
show(globalThis.NAMES);
