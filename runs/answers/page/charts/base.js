// What the pictures of a page share: numbers that were packed, how they are written, colours. The files of this
// folder are one script, in the order base, pane, whole, heatmap, draw. Nothing is fetched.
const DAY = 864e5;
const HEIGHT = 300, LOWEST = 90;
const DENSE = 160;      // marks in view: beyond it they are dots
const CANDLES = 400;    // bars in view: beyond it their closes are a line
const unpack = (text, Kind) => {
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return new Kind(bytes.buffer);
};
const floats = text => Array.from(unpack(text, Float32Array));
const doubles = text => Array.from(unpack(text, Float64Array));
const style = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const make = (tag, classes, text) => {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text !== undefined) node.textContent = text;
  return node;
};
const minus = text => text.replace("-", "\u2212");
const written = {
  money: v => Math.abs(v) >= 1e15 ? v.toExponential(2)
    : minus(v.toLocaleString("en-US", Math.abs(v) < 100 ? {maximumSignificantDigits: 4} : {maximumFractionDigits: 0})),
  price: v => minus(v.toLocaleString("en-US", Math.abs(v) < 1 ? {maximumSignificantDigits: 3}
    : {maximumFractionDigits: 2})),
  percent: v => minus((100 * v).toLocaleString("en-US", Math.abs(v) < 0.0995 ? {maximumFractionDigits: 2}
    : {maximumFractionDigits: 1})) + " %",
  year: v => String(Math.round(v)),
  number: v => minus(v.toLocaleString("en-US", {maximumSignificantDigits: 4})),
};
const said = (form, value) => Number.isFinite(value) ? written[form](value) : "n/a";
const ticks = {money: "0,0.[00]a", price: "0,0.[000000]", percent: "0.[000]%", number: "0,0.[000]a", year: "0"};
// The first place on a rising axis that is not below a value.
const place = (axis, value) => {
  let low = 0, high = axis.length;
  while (low < high) { const mid = (low + high) >> 1; if (axis[mid] < value) low = mid + 1; else high = mid; }
  return low;
};
const nearest = (axis, value) => {
  const at = Math.min(place(axis, value), axis.length - 1);
  return at > 0 && value - axis[at - 1] < axis[at] - value ? at - 1 : at;
};

function dressed(figure) {
  const ink = style("ink"), faint = style("line");
  figure.background_fill_color = figure.border_fill_color = null;
  figure.outline_line_color = null;
  for (const axis of [...figure.below, ...figure.left]) {
    Object.assign(axis, {major_label_text_color: ink, axis_label_text_color: ink, axis_line_color: faint,
      major_tick_line_color: faint, minor_tick_line_color: null, major_label_text_font_size: "11px",
      axis_label_text_font_size: "12px", axis_label_text_font_style: "normal", axis_label_standoff: 4,
      major_label_text_font: "system-ui, sans-serif", axis_label_text_font: "system-ui, sans-serif"});
  }
  for (const grid of figure.center.filter(each => each.type === "Grid")) grid.grid_line_color = faint;
}
