
// The list of results: search, sort, choose some, lay them over each other. Names are text throughout.
"use strict";
(async () => {
const KNOWN = [["total_return", "total return", true], ["cagr", "CAGR", true], ["max_drawdown", "worst drawdown", true],
  ["sharpe", "Sharpe", false], ["trades", "trades", false]];
const make = (tag, classes, text) => {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text !== undefined) node.textContent = text;
  return node;
};
// A metric's key as words: "-3x_best_day" is "−3x best day".
const called = key => key.replace(/^-(?=\d)/, "\u2212").replaceAll("_", " ");
const rows = JSON.parse(await letf.unpacked(document.getElementById("rows")));
const table = document.getElementById("results");
if (!table) { document.documentElement.dataset.listed = "yes"; return; }
const filter = document.querySelector(".filter"), more = document.getElementById("more"), button = document.getElementById("overlay");
const error = document.getElementById("error"), chosen = new Set();
const keys = [...new Set(rows.flatMap(row => Object.keys(row.metrics)))].sort();
more.append(new Option("no other metric", ""));
for (const key of keys) if (!KNOWN.some(known => known[0] === key)) more.append(new Option(called(key), key));
let sorted = "started", down = true;
// As reports write it: returns signed, nothing without a sign, of a near-total loss the digits that tell it from another.
const signed = value => {
  if (value > -1 && value < -0.99999) return "below \u221299.999 %";
  const digits = value > -1 && value < -0.9995 ? 3 : value === -1 || Math.abs(value) >= 10 ? 0 : 1;
  return (100 * value).toLocaleString("en-US", {minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "exceptZero"}) + " %";
};
const number = (value, percent) => value === undefined ? "" : (percent ? signed(value)
  : value.toLocaleString("en-US", {maximumSignificantDigits: 5})).replace("-", "\u2212");
const columns = () => [["place", "result"], ["question", "question"], ["index", "index"], ["started", "made (UTC)"],
  ...KNOWN.filter(known => keys.includes(known[0])).map(([key, label, percent]) => [key, label, percent]),
  ...(more.value ? [[more.value, called(more.value), false]] : [])];
const worth = (row, key) => ["place", "question", "index", "started"].includes(key) ? row[key] : row.metrics[key];
function fill() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter(row => words.every(word => `${row.place} ${row.question} ${row.name} ${row.index}`.toLowerCase().includes(word)));
  found.sort((a, b) => {
    const [x, y] = [worth(a, sorted), worth(b, sorted)];
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);   // what has none comes last
    return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
  });
  const shown = columns();
  table.tHead.rows[0].replaceChildren(make("th", "", ""), ...shown.map(([key, label]) => {
    const head = make("th", "sorts", label);
    head.tabIndex = 0;
    head.setAttribute("aria-sort", key === sorted ? (down ? "descending" : "ascending") : "none");
    const sort = () => { down = key === sorted ? !down : !["place", "question", "index"].includes(key); sorted = key; fill(); };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", event => { if (event.key === "Enter") sort(); });
    return head;
  }));
  table.tBodies[0].replaceChildren(...found.map(row => {
    const line = make("tr"), box = make("input"), tick = make("td");
    box.type = "checkbox"; box.checked = chosen.has(row.id); box.disabled = !row.equity;
    box.setAttribute("aria-label", `choose ${row.place}`);
    box.title = row.equity ? "" : "it has no equity curve";
    box.addEventListener("change", () => { box.checked ? chosen.add(row.id) : chosen.delete(row.id); button.disabled = !chosen.size; });
    tick.append(box); line.append(tick);
    for (const [key, , percent] of shown) {
      const cell = make("td");
      if (key === "place") {
        const link = make(row.report ? "a" : "span", "place", row.place);
        if (row.report) { link.href = `/report/${row.id}`; link.target = "_blank"; link.rel = "noopener"; }
        cell.append(link);
        if (row.mark) {
          const mark = make("span", "mark", row.mark);
          mark.title = row.made_up; cell.append(" ", mark);
        }
      } else cell.textContent = ["question", "index", "started"].includes(key) ? row[key] : number(row.metrics[key], percent);
      line.append(cell);
    }
    return line;
  }));
  document.getElementById("count").textContent = `${found.length} of ${rows.length}`;
}
button.addEventListener("click", async () => {
  const ids = rows.filter(row => chosen.has(row.id)).map(row => `id=${row.id}`).join("&");
  const answer = await fetch(`/side-by-side?${ids}`), found = await answer.json();
  const beside = document.getElementById("beside");
  error.hidden = answer.ok; beside.hidden = !answer.ok;
  if (!answer.ok) { error.textContent = found.error; return; }
  await letf.library();
  await letf.draw(beside.querySelector(".closer-view"), found.picture);
  const [head, body] = [beside.querySelector("thead tr"), beside.querySelector("tbody")];
  head.replaceChildren(...["", ...found.names].map(name => make("th", "", name)));
  body.replaceChildren(...found.differences.map(row => { const line = make("tr"); line.append(...row.map(cell => make("td", "", cell))); return line; }));
  if (!found.differences.length) body.append(make("tr", "", "nowhere"));
  beside.dataset.drawn = "yes";
});
filter.addEventListener("input", fill); more.addEventListener("change", () => { if (more.value) { sorted = more.value; down = true; } fill(); });
fill();
document.documentElement.dataset.listed = "yes";
})();
