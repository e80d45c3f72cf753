// What the pictures of a page share: numbers that were packed, how they are written, colours. The files of this
// folder are one script, in the order base, dates, pane, image, whole, heatmap, draw. Nothing is fetched.
const DAY = 864e5;
const HEIGHT = 300, LOWEST = 90;
const APART = 55;       // pixels from one mark of an axis of values to the next, at the least
const SETTLED = 400;    // milliseconds after which a zoom is over
const TOLD = 4;         // lines of words on the points under the pointer
const DENSE = 160;      // marks in view: beyond it they are dots
const CANDLES = 400;    // bars in view: beyond it they are candles of a longer time
const unpack = (text, Kind) => {
  // The first byte of all numbers, then the second.
  const raw = atob(text), bytes = new Uint8Array(raw.length), wide = Kind.BYTES_PER_ELEMENT, n = raw.length / wide;
  for (let k = 0, at = 0; k < wide; k++) for (let i = 0; i < n; i++) bytes[i * wide + k] = raw.charCodeAt(at++);
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
// Of a near-total loss the digits that tell it from another.
const lost = v => v < -0.99999 ? "below \u221299.999 %" : minus((100 * v).toFixed(3)) + " %";
const written = {
  money: v => Math.abs(v) >= 1e15 ? v.toExponential(2)
    : minus(v.toLocaleString("en-US", Math.abs(v) < 100 ? {maximumSignificantDigits: 4} : {maximumFractionDigits: 0})),
  price: v => minus(v.toLocaleString("en-US", Math.abs(v) < 1 ? {maximumSignificantDigits: 3}
    : {maximumFractionDigits: 2})),
  percent: v => v > -1 && v < -0.9995 ? lost(v) : minus((100 * v).toLocaleString("en-US", Math.abs(v) < 0.0995 ? {maximumFractionDigits: 2}
    : {maximumFractionDigits: 1})) + " %",
  year: v => String(Math.round(v)),
  number: v => minus(v.toLocaleString("en-US", {maximumSignificantDigits: 4})),
};
const said = (form, value) => Number.isFinite(value) ? written[form](value) : "n/a";
const ticks = {money: "0,0.[00]a", price: "0,0.[000000]", percent: "0.[000]%", number: "0,0.[00000]a", year: "0"};
// The first place on a rising axis that is not below a value.
const place = (axis, value) => {
  let low = 0, high = axis.length;
  while (low < high) { const mid = (low + high) >> 1; if (axis[mid] < value) low = mid + 1; else high = mid; }
  return low;
};
// The last place on a rising axis that is not above a value; −1 where all are.
const upTo = (axis, value) => { const at = place(axis, value); return axis[at] === value ? at : at - 1; };
const nearest = (axis, value) => {
  const at = Math.min(place(axis, value), axis.length - 1);
  return at > 0 && value - axis[at - 1] < axis[at] - value ? at - 1 : at;
};
// Longer candles: in which of them a moment lies, and how long one is.
const month = v => { const at = new Date(v); return 12 * at.getUTCFullYear() + at.getUTCMonth(); };
const PERIODS = {
  week: [v => Math.floor((v / DAY + 3) / 7), 7 * DAY],   // from Monday
  month: [month, 30.4 * DAY],
  quarter: [v => Math.floor(month(v) / 3), 91.3 * DAY],
  year: [v => Math.floor(month(v) / 12), 365.2 * DAY],
};
// Candles put together by one of these periods; bars without a price are left out. On an axis of bars one is as
// wide as its bars.
function gathered(own, name, times, even) {
  const [which, step] = PERIODS[name], out = {x: [], from: [], open: [], high: [], low: [], close: [], step};
  let last = null, first = 0;
  own.x.forEach((v, i) => {
    if (Number.isNaN(own.close[i])) return;
    const now = which(times[i]), at = out.x.length - 1;
    if (now !== last) {
      last = now; first = v; out.from.push(v);
      for (const key of ["x", "open", "high", "low", "close"]) out[key].push(own[key][i]);
      return;
    }
    out.x[at] = (first + v) / 2; out.close[at] = own.close[i];
    out.high[at] = Math.max(out.high[at], own.high[i]); out.low[at] = Math.min(out.low[at], own.low[i]);
  });
  if (even) out.step = own.x.length / Math.max(out.x.length, 1);
  return out;
}
const drawn = ({x, open, high, low, close, colour, width}) => ({x, open, high, low, close, colour, width});
// Round places on a log axis: as few for each power of ten as give so many; within less, steps that grow with the
// values, so that they do not crowd at the top.
function logTicks(low, high, most) {
  const inside = ticks => ticks.filter(v => v >= low && v <= high);
  for (const of of [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]]) {
    const ticks = [], [from, to] = [low, high].map(v => Math.floor(Math.log10(v)));
    const skip = of.length === 1 ? Math.max(1, Math.ceil((to - from) / (2 * most))) : 1;
    for (let power = from; power <= to; power++)
      if (power % skip === 0) for (const one of of) ticks.push(one * 10 ** power);
    if (inside(ticks).length >= most) return inside(ticks);
  }
  const ticks = [], apart = Math.log(high / low) / most, even = high < 1.5 * low ? Math.sqrt(low * high) : 0;
  const stepAt = v => {
    const least = 0.7 * (even || v) * Math.expm1(apart), size = 10 ** Math.floor(Math.log10(least));
    return size * ([1, 2, 5].find(one => one * size >= least) ?? 10);
  };
  const above = (v, step) => Math.ceil(v / step) * step;
  for (let v = above(low, stepAt(low)); v <= high; v = above(v * Math.exp(0.6 * apart), stepAt(v))) ticks.push(v);
  return ticks;
}

function dressed(figure) {
  const ink = style("ink"), faint = style("line");
  const size = document.documentElement.classList.contains("paper") ? "17px" : "11px";   // on a sheet it is set smaller
  figure.background_fill_color = figure.border_fill_color = null;
  figure.outline_line_color = null;
  figure.min_border_right = size === "11px" ? 14 : 28;
  for (const axis of [...figure.below, ...figure.left]) {
    Object.assign(axis, {major_label_text_color: ink, axis_label_text_color: ink, axis_line_color: faint,
      major_tick_line_color: faint, minor_tick_line_color: null, major_label_text_font_size: size,
      axis_label_text_font_size: size, axis_label_text_font_style: "normal", axis_label_standoff: 4,
      major_label_text_font: "system-ui, sans-serif", axis_label_text_font: "system-ui, sans-serif"});
  }
  for (const grid of figure.center.filter(each => each.type === "Grid")) grid.grid_line_color = faint;
}
