// A heatmap.
const between = (from, to, part) => "#" + [1, 3, 5].map(i => {
  const a = parseInt(from.slice(i, i + 2), 16), b = parseInt(to.slice(i, i + 2), 16);
  return Math.round(a + (b - a) * part).toString(16).padStart(2, "0");
}).join("");
const scale = (stops, part) => {
  const at = Math.min(Math.max(part, 0), 1) * (stops.length - 1), low = Math.min(Math.floor(at), stops.length - 2);
  return between(stops[low], stops[low + 1], at - low);
};
const TWO_SIDES = ["#a63603", "#e6843a", "#f4f1ea", "#5b9fd0", "#08519c"];
// Values in as few signs as a cell has room for, all of one map with as many decimals: of percentages one, as in
// tables, of numbers three digits of what is usual there, and none where all are whole.
function brief(form, values) {
  const times = form === "percent" ? 100 : 1, known = values.map(v => times * v);
  const sizes = known.map(Math.abs).sort((a, b) => a - b), usual = sizes[sizes.length >> 1] ?? 0;
  const whole = form === "year" || known.every(v => Math.abs(v - Math.round(v)) <= 1e-6 * Math.abs(v));
  const digits = whole || usual >= 1e3 ? 0 : form === "percent" ? 1 : usual < 10 ? 2 : usual < 100 ? 1 : 0;
  const how = {minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: form !== "year"};
  return value => minus((times * value).toLocaleString("en-US", how)).replace(/^\u2212(?=[0.]+$)/, "");   // nothing has no sign
}
const ONE_WAY = ["#440154", "#3b528b", "#21908c", "#5dc863", "#fde725"];

// A table of coloured cells: no library is needed for it, and a phone, a screen reader and a printer know it.
function heatmap(box, given) {
  const values = floats(given.values), wide = given.columns.length;
  const known = values.filter(Number.isFinite);
  let [low, high] = given.limits || [Math.min(...known), Math.max(...known)], stops = ONE_WAY;
  if (given.middle !== null) {
    const reach = Math.max(high - given.middle, given.middle - low) || 1;
    [low, high, stops] = [given.middle - reach, given.middle + reach, TWO_SIDES];
  }
  const short = brief(given.form, known);
  const readout = make("p", "cell-words", `${given.valueLabel}; point at a cell`);
  const grid = make("div", "heat");
  grid.style.setProperty("--columns", wide);
  if (wide < 5) grid.style.maxWidth = `${14 * wide + 8}rem`;   // few cells are no wide bars
  grid.setAttribute("role", "img");
  grid.setAttribute("aria-label", `${given.valueLabel} by ${given.rowLabel} and ${given.columnLabel}`);
  const step = Math.max(1, Math.ceil(wide / (box.clientWidth < 560 ? 5 : 12)));
  given.rows.forEach((row, r) => {
    grid.append(make("span", "heat-row", row));
    for (let c = 0; c < wide; c++) {
      const value = values[r * wide + c], cell = make("i", "heat-cell");
      const known_ = Number.isFinite(value);
      if (known_) cell.style.background = scale(stops, high > low ? (value - low) / (high - low) : 0.5);
      else cell.classList.add("none");
      if (known_ && wide <= 14) cell.append(make("b", "", short(value)));
      const own = given.words.length ? given.words[r][c] : "";
      const text = `${given.rowLabel} ${row}, ${given.columnLabel} ${given.columns[c]}: ${given.valueLabel} `
        + said(given.form, value) + (own ? ` \u00b7 ${own}` : "");
      const tell = () => { readout.textContent = text; };
      cell.addEventListener("pointerenter", tell); cell.addEventListener("pointerdown", tell);
      cell.dataset.words = text;
      if (given.marked ? given.marked[0] === r && given.marked[1] === c : own) cell.classList.add("noted");
      grid.append(cell);
    }
  });
  grid.append(make("span", "heat-row", ""));
  for (let c = 0; c < wide; c += step) {
    const room = Math.min(step, wide - c), name = make("span", "heat-column"), own = make("span", "", given.columns[c]);
    name.style.gridColumn = `span ${room}`;   // it has the room of those that are left out
    if (room > 1) { own.style.width = `${100 / room}%`; own.classList.add("narrow"); }   // and stands under its own
    name.append(own); grid.append(name);
  }
  const key = make("div", "heat-key");
  const bar = make("i", "");
  bar.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  const end = value => short(value) + (given.form === "percent" ? " %" : "");
  key.append(make("span", "", end(low)), bar, make("span", "", end(high)));
  if (known.length < values.length) key.append(make("i", "heat-cell none"), make("span", "", "no value"));
  box.replaceChildren(readout, grid, make("p", "small heat-label",
    `down: ${given.rowLabel}; across: ${given.columnLabel}`), key);
  box.dataset.drawn = "yes";
}

