// Signing on the screen: a pad for each signer, drawn with finger, pen or mouse, kept as a PNG file.

/** Puts a pad into every place for one; `changed(name, file)` is told of each stroke, null when wiped. */
export function pads(form, changed) {
  for (const place of form.querySelectorAll("[data-sign]")) {
    place.hidden = false;
    place.replaceChildren(...pad(place.dataset.sign, place.dataset.word, changed));
  }
}

function pad(name, word, changed) {
  const label = element("p", { className: "lab", textContent: `${word}签字` });
  const canvas = element("canvas", { width: 640, height: 280 });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${word}签字框，尚未签字`);
  const box = element("div", { className: "sign" });
  box.append(canvas);
  const again = element("button", { type: "button", className: "btn", textContent: "重签" });
  again.append(element("span", { className: "vh", textContent: `：${word}` }));
  const pen = canvas.getContext("2d");
  pen.lineWidth = 5;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#15191d";
  wipe(canvas, pen);
  let down = false;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * canvas.width) / box.width,
      ((event.clientY - box.top) * canvas.height) / box.height,
    ];
  };
  canvas.addEventListener("pointerdown", (event) => {
    down = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!down) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  const up = () => {
    if (!down) return;
    down = false;
    canvas.setAttribute("aria-label", `${word}已签字`);
    changed(name, picture(canvas, `${word}签字.png`));
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  again.addEventListener("click", () => {
    wipe(canvas, pen);
    canvas.setAttribute("aria-label", `${word}签字框，尚未签字`);
    changed(name, null);
  });
  const row = element("p", { className: "btns" });
  row.append(again);
  return [label, box, row];
}

/** The pad as a PNG file, at once, so that whoever saves right after the last stroke has it. */
function picture(canvas, name) {
  const text = atob(canvas.toDataURL("image/png").split(",")[1]);
  const bytes = Uint8Array.from(text, (one) => one.charCodeAt(0));
  return new File([bytes], name, { type: "image/png" });
}

function wipe(canvas, pen) {
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
}

/** An element with these properties. */
export function element(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}
