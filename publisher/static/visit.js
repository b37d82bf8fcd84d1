// The visit form with a network: what the faults would cost is shown as they are marked, and signing on the
// screen. The form does everything but that without this file.
import { element, pads } from "./sign.js";

const form = document.querySelector("form.entry");
const shown = document.getElementById("preview");
let waiting = 0;
let asked = 0;

/** The typed fields without the files, which a preview needs not. */
function typed() {
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  return new URLSearchParams(fields);
}

async function preview() {
  const mine = ++asked;
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: typed() });
    if (answer.ok && mine === asked) {
      const part = new DOMParser().parseFromString(await answer.text(), "text/html");
      shown.replaceChildren(...part.body.childNodes);
    }
  } catch {
    shown.replaceChildren(element("p", { className: "quiet small", textContent: "现在没有网络，送出后再算分。" }));
  }
}

form.addEventListener("change", (event) => {
  if (event.target.type === "file") return;
  clearTimeout(waiting);
  waiting = setTimeout(preview, 400);
});

pads(form, (name, file) => {
  let input = form.querySelector(`input[name="files-${name}"]`);
  if (!input) {
    input = element("input", { type: "file", name: `files-${name}`, hidden: true });
    form.append(input);
  }
  const files = new DataTransfer();
  if (file) files.items.add(file);
  input.files = files.files;
});
