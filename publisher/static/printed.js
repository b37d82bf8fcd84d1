// The server's rule for what is printed, as the page carries it: no resident number (GB 11643-1999) stands in it.

/** The sentence for each text among the values that will be printed and holds a resident number. */
export function unprintable(values, rule) {
  const found = Object.entries(values).filter(([name, text]) => rule.fields.includes(name.split("-")[0]) && holds(text, rule));
  return found.map(([name]) => `${name.split("-").slice(1).join("-")}：${rule.said}。`);
}

function holds(text, rule) {
  try {
    const numbers = plainOf(text, rule).match(new RegExp(rule.number, "gu")) ?? [];
    return numbers.some((one) => isResidentNumber(one.replace(/[^0-9A-Za-z]/g, ""), rule));
  } catch {
    return false; // an old browser that cannot read the pattern leaves it to the server
  }
}

/** The text without what hides: signs of other widths, unseen signs, digits written as words. */
function plainOf(text, rule) {
  const unseen = new RegExp(rule.unseen, "gu");
  const plain = text.replace(unseen, "").normalize("NFKC").replace(unseen, "");
  const words = Object.keys(rule.spoken).join("");
  return plain.replace(new RegExp(`[${words}]{11,}`, "gu"), (run) => [...run].map((one) => rule.spoken[one]).join(""));
}

function isResidentNumber(number, rule) {
  const born = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  const day = new Date(`${born}T00:00:00Z`);
  if (number.length !== 18 || !rule.provinces.includes(number.slice(0, 2))) return false;
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== born || born < "1900" || born >= "2100") return false;
  const total = rule.weights.reduce((sum, weight, at) => sum + weight * Number(number[at]), 0);
  return rule.signs[total % 11] === number[17].toUpperCase();
}
