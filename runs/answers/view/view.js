
// The list of results: search, sort, choose some, lay them over each other. Names are text throughout.
"use strict";
(async () => {
const make = (tag, classes, text) => {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text !== undefined) node.textContent = text;
  return node;
};
// A name may go on below its underscore.
const broken = node => node.replaceChildren(...node.textContent.split(/(?<=_)/).flatMap((part, at) => at ? [make("wbr"), part] : [part]));
const {rows, headings} = JSON.parse(await letf.unpacked(document.getElementById("rows")));
const table = document.getElementById("results");
if (!table) { document.documentElement.dataset.listed = "yes"; return; }
const filter = document.querySelector(".filter"), more = document.getElementById("more"), button = document.getElementById("overlay");
const error = document.getElementById("error"), chosen = new Set();
const WORDS = [["place", "result"], ["rule", "rule"], ["question", "question"], ["index", "index"], ["started", "made"]]
  .map(([key, name]) => ({key, name, words: true}));
let shown = headings.filter(heading => heading.first), sorted = "started", down = true;
document.getElementById("metrics").append(...headings.filter(heading => !heading.first).map(heading => new Option("", heading.name)));
// As reports write it: returns signed, nothing without a sign, of a near-total loss the digits that tell it from another.
const plain = (value, digits, sign) => value.toLocaleString("en-US",
  {minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: sign ? "exceptZero" : "negative"}).replace("-", "\u2212");
const percent = (value, sign) => {
  if (value >= 1e4) return `\u00d7 ${value < 1e6 ? plain(1 + value, 0) : (1 + value).toExponential(1).replace("e+", "e")}`;
  if (value > -1 && value < -0.99999) return "below \u221299.999 %";
  return plain(100 * value, value > -1 && value < -0.9995 ? 3 : value === -1 || Math.abs(value) >= 10 ? 0 : 1, sign) + " %";
};
const written = {return: v => percent(v, true), share: v => percent(v, false), number: v => plain(v, 2), count: v => plain(v, 0)};
// Of what has no form of its own a column has as many decimals throughout as its largest number needs.
const form = ({key, form: own}, found) => {
  if (written[own]) return written[own];
  const known = found.map(row => row.metrics[key]).filter(value => value !== undefined), most = Math.max(0, ...known.map(Math.abs));
  if (known.every(Number.isInteger)) return written.count;
  return value => plain(value, most ? Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(most)))) : 0);
};
const columns = () => [...WORDS, ...shown];
const worth = (row, heading) => heading.words ? row[heading.key] : row.metrics[heading.key];
// One more column, by which the list is sorted, and away with it again.
function add() {
  const asked = headings.find(heading => heading.name.toLowerCase() === more.value.trim().toLowerCase());
  if (!asked) return;
  if (!shown.includes(asked)) shown.push(asked);
  sorted = asked.key; down = true; more.value = ""; fill();
}
function away(heading) {
  shown = shown.filter(other => other !== heading);
  if (sorted === heading.key) { sorted = "started"; down = true; }
  fill();
}
function fill() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter(row => words.every(word => `${row.place} ${row.rule} ${row.question} ${row.name} ${row.index}`.toLowerCase().includes(word)));
  const by = columns().find(heading => heading.key === sorted);
  found.sort((a, b) => {
    const [x, y] = [worth(a, by), worth(b, by)];
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);   // what has none comes last
    return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
  });
  const now = columns().map(heading => ({...heading, own: heading, write: heading.words ? String : form(heading, found)}));
  table.tHead.rows[0].replaceChildren(make("th"), ...now.map(({key, name, words, first, means, own}) => {
    const head = make("th", words ? `sorts ${key}` : "sorts number", name);
    head.tabIndex = 0; head.title = means || "";
    head.setAttribute("aria-sort", key === sorted ? (down ? "descending" : "ascending") : "none");
    const sort = () => { down = key === sorted ? !down : !words || key === "started"; sorted = key; fill(); };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", event => { if (event.key === "Enter" && event.target === head) sort(); });
    if (!words && !first) {
      const cross = make("button", "away", "\u00d7");
      cross.type = "button"; cross.title = "take this column away"; cross.setAttribute("aria-label", `take ${name} away`);
      cross.addEventListener("click", event => { event.stopPropagation(); away(own); });
      head.append(cross);
    }
    return head;
  }));
  table.tBodies[0].replaceChildren(...found.map(row => {
    const line = make("tr"), box = make("input"), tick = make("td");
    box.type = "checkbox"; box.checked = chosen.has(row.id); box.disabled = !row.equity;
    box.setAttribute("aria-label", `choose ${row.place}`);
    box.title = row.equity ? "" : "it has no equity curve";
    box.addEventListener("change", () => { box.checked ? chosen.add(row.id) : chosen.delete(row.id); button.disabled = !chosen.size; });
    tick.append(box); line.append(tick);
    for (const {key, words, write} of now) {
      const cell = make("td", words ? key : "number");
      if (key === "place") {
        const link = make(row.report ? "a" : "span", "", row.place);
        if (row.report) { link.href = `/report/${row.id}`; link.target = "_blank"; link.rel = "noopener"; }
        cell.append(link); broken(link);
        if (row.mark) {
          const mark = make("span", "mark", row.mark);
          mark.title = row.made_up; cell.append(" ", mark);
        }
        if (row.whose) cell.append(make("small", "whose", row.whose));   // whose numbers these are
        cell.append(make("small", "about", [row.rule || row.question, row.index].filter(Boolean).join(" on ")));   // on a phone
      } else if (key === "started") { cell.textContent = row.started.slice(0, 10); cell.title = `${row.started} UTC`; }
      else if (words) { cell.textContent = row[key]; broken(cell); }
      else if (row.metrics[key] !== undefined) cell.textContent = write(row.metrics[key]);
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
filter.addEventListener("input", fill);
more.addEventListener("change", add);
more.addEventListener("input", event => { if (!event.inputType || event.inputType === "insertReplacementText") add(); });   // chosen from the list
fill();
document.documentElement.dataset.listed = "yes";
})();
