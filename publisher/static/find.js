// Search in the exported site, which has no server: the words are looked for in names.json.
"use strict";
const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
const query = new URLSearchParams(location.search).get("q") || "";
const words = query.split(/\s+/).map(plain).filter(Boolean);
const list = document.getElementById("found");
document.getElementById("q").value = query;
const line = (row, labels) => {
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
  return article;
};
const show = ({ labels, rows }) => {
  const near = (row) => words.filter((word) => plain(row.name).includes(word)).length;
  const hits = rows
    .filter((row) => words.length && words.every((word) => row.plain.includes(word)))
    .sort((one, two) => near(two) - near(one) || one.name.length - two.name.length);
  document.getElementById("count").textContent = words.length
    ? hits.length ? `找到 ${hits.length} 家` : `登记库里没有“${query}”` : "请输入要查的机构";
  list.replaceChildren(...hits.slice(0, 50).map((row) => line(row, labels)));
  document.getElementById("more").hidden = hits.length <= 50;
};
fetch("../names.json").then((answer) => answer.json()).then(show);
