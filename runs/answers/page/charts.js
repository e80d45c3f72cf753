// Draws the pictures of a page with BokehJS: panes that zoom together, names that hide their lines, and a
// line of words above each pane that says what stands under the pointer. Nothing is fetched.
"use strict";
(() => {
const DAY = 864e5, EMPTY = [NaN, NaN];
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

class Pane {
  constructor(whole, given, last) {
    this.whole = whole; this.given = given; this.items = [];
    const phone = whole.narrow;
    const y = new Bokeh.Range1d({start: 0, end: 1});
    this.figure = Bokeh.Plotting.figure({
      height: Math.round(Math.max(LOWEST, (phone ? 0.8 : 1) * HEIGHT * given.share)) + (last ? 34 : 0),
      sizing_mode: "stretch_width", x_range: whole.range, y_range: y, toolbar_location: null, tools: [],
      x_axis_type: whole.dates ? "datetime" : "linear", y_axis_type: given.log ? "log" : "linear",
      min_border_left: 62, min_border_right: 14, min_border_top: 6, min_border_bottom: last ? 34 : 6,
    });
    this.figure.left[0].formatter = new Bokeh.NumeralTickFormatter({format: ticks[given.form]});
    this.figure.left[0].ticker.desired_num_ticks = Math.max(2, Math.round(this.figure.height / 55));
    if (phone) this.figure.below[0].ticker.desired_num_ticks = 4;
    if (!whole.dates) {
      this.figure.below[0].formatter = new Bokeh.NumeralTickFormatter({format: ticks[whole.given.xForm]});
      if (last && whole.given.xLabel) this.figure.below[0].axis_label = whole.given.xLabel;
    }
    if (!last) Object.assign(this.figure.below[0], {major_label_text_font_size: "0px", major_tick_line_color: null});
    else if (whole.given.names.length) this.named(this.figure.below[0], whole.given.names, true);
    if (given.names.length) this.named(this.figure.left[0], given.names);
    for (const grid of this.figure.center.filter(each => each.type === "Grid"))
      if ((grid.dimension === 0 ? whole.given : given).names.length) grid.visible = false;
    if (!phone) this.figure.add_tools(...(this.tools = [
      new Bokeh.BoxZoomTool({dimensions: "width"}), new Bokeh.ResetTool(),
      // With a key held: the wheel alone scrolls the page.
      new Bokeh.WheelZoomTool({dimensions: "width", modifiers: {ctrl: true}, maintain_focus: false})]));
    this.span = new Bokeh.Span({dimension: "height", line_color: style("ink"), line_width: 1, line_alpha: 0.5,
      visible: false, location: 0});
    this.figure.add_layout(this.span);
    this.head = make("div", "readout");
    this.head.append(this.title = make("span", "pane-title", given.label));
    for (const part of given.parts) this[part.kind](part);
    this.words = make("div", "mark-words"); this.words.hidden = true;
    dressed(this.figure);
    if (!last) this.figure.below[0].major_label_text_font_size = "0px";
  }
  // An axis whose places 0, 1, … have names; those below stand aslant where there is no room.
  named(axis, names, below) {
    const room_ = below ? this.whole.box.clientWidth - 76 : this.figure.height;
    const step = Math.ceil(names.length * (below ? 13 : 17) / room_);
    axis.ticker = new Bokeh.FixedTicker({ticks: names.map((_, i) => i).filter(i => i % step === 0)});
    axis.major_label_overrides = new Map(names.map((name, i) => [i, name]));
    const longest = Math.max(...names.map(name => name.length)), room = room_ / names.length;
    if (!below || 6.5 * longest < room) return;
    axis.major_label_orientation = 0.9;
    const more = Math.round(4.3 * longest) - (this.whole.given.xLabel ? 0 : 18);
    this.figure.min_border_bottom += more; this.figure.height += more;
  }
  chip(item, name, colour, dashed, square) {
    const chip = make("button", "chip"), swatch = make("i", dashed ? "dashed" : square ? "square" : "");
    chip.type = "button"; chip.title = "press to hide or show";
    swatch.style.setProperty("--own", `var(--c-${colour})`);
    chip.append(swatch, make("span", "", name), item.value = make("b", ""));
    chip.setAttribute("aria-pressed", String(item.shown));
    chip.addEventListener("click", () => {
      const shown = !item.shown;   // a line of one name is shown in every pane, or in none
      for (const pane of this.whole.panes) for (const other of pane.items) {
        if (other === item || (item.kind === "line" && other.kind === "line" && other.name === name)) {
          other.shown = shown; pane.show(other);
        }
      }
      this.whole.fit();
    });
    this.head.append(item.chip = chip);
  }
  show(item) {
    item.chip.setAttribute("aria-pressed", String(item.shown));
    // The name of a hidden line stands in the first pane that has it.
    const others = this.whole.panes ? this.whole.panes.slice(0, this.whole.panes.indexOf(this)) : [];
    item.chip.hidden = !item.shown && others.some(pane => pane.items.some(one => one.kind === "line" && one.name === item.name));
    for (const glyph of item.glyphs) glyph.visible = item.shown;
    if (item.refine) item.refine();
  }
  add(item, name, colour, dashed, square) {
    item.name = name; this.items.push(item); this.chip(item, name, colour, dashed, square);
    if (!item.shown) this.show(item);
  }
  line(part) {
    const x = this.whole.x, y = floats(part.y), colour = style("c-" + part.colour);
    if (this.given.log) for (let i = 0; i < y.length; i++) if (!(y[i] > 0)) y[i] = NaN;
    const source = new Bokeh.ColumnDataSource({data: {x, y, zero: y.map(v => Number.isNaN(v) ? NaN : 0)}});
    const of = {x: {field: "x"}, y: {field: "y"}, source};
    const glyphs = [];
    if (part.area) glyphs.push(this.figure.varea({x: {field: "x"}, y1: {field: "zero"}, y2: {field: "y"}, source,
      fill_color: colour, fill_alpha: 0.22}));
    glyphs.push(this.figure.line({...of, line_color: colour, line_width: part.dashed ? 1.4 : 1.7,
      line_dash: part.dashed ? "dashed" : "solid"}));
    this.add({kind: "line", glyphs, low: y, high: y, shown: part.shown, scales: part.scales,
      at: i => this.given.names[y[i]] ?? said(this.given.form, y[i])}, part.name, part.colour, part.dashed);
  }
  band(part) {
    const x = this.whole.x, low = floats(part.low), high = floats(part.high);
    const source = new Bokeh.ColumnDataSource({data: {x, low, high}});
    const glyph = this.figure.varea({x: {field: "x"}, y1: {field: "low"}, y2: {field: "high"}, source,
      fill_color: style("c-" + part.colour), fill_alpha: 0.18});
    this.add({kind: "band", glyphs: [glyph], low, high, shown: true, scales: true,
      at: i => `${said(this.given.form, low[i])} to ${said(this.given.form, high[i])}`}, part.name, part.colour,
      false, true);
  }
  candles(part) {
    const x = this.whole.x, [open, high, low, close] = ["open", "high", "low", "close"].map(k => floats(part[k]));
    const up = close.map((v, i) => v >= open[i]);
    const steps = x.slice(1).map((v, i) => v - x[i]).sort((a, b) => a - b);
    const width = 0.7 * (steps.length ? steps[steps.length >> 1] : DAY);
    const colour = up.map(v => v ? style("c-gain") : style("c-loss"));
    const source = new Bokeh.ColumnDataSource({data: {x, open, high, low, close, colour}});
    const field = name => ({field: name});
    const wick = this.figure.segment({x0: field("x"), x1: field("x"), y0: field("low"), y1: field("high"), source,
      line_color: field("colour")});
    const body = this.figure.vbar({x: field("x"), width, bottom: field("open"), top: field("close"), source,
      fill_color: field("colour"), line_color: field("colour")});
    const line = this.figure.line({x: field("x"), y: field("close"), source, line_color: style("c-index"),
      line_width: 1.4});
    const item = {kind: "candles", glyphs: [wick, body, line], low, high, shown: true, scales: true,
      at: i => ["open", "high", "low", "close"].map(k => `${k[0]} ${said(this.given.form, source.data[k][i])}`)
        .join("  ")};
    item.refine = () => {
      const {start, end} = this.whole.range;
      const many = place(x, end) - place(x, start) > CANDLES;
      wick.visible = body.visible = item.shown && !many;
      line.visible = item.shown && many;
    };
    this.add(item, part.name, "index", false, false);
  }
  marks(part) {
    const x = doubles(part.x), y = floats(part.y), colour = style("c-" + part.colour);
    const source = new Bokeh.ColumnDataSource({data: {x, y}});
    const marker = {up: "triangle", down: "inverted_triangle", dot: "circle"}[part.shape];
    const glyph = this.figure.scatter({x: {field: "x"}, y: {field: "y"}, source, marker, size: 9,
      fill_color: colour, line_color: style("paper"), line_width: 1});
    const stems = part.stems ? [this.figure.segment({x0: {field: "x"}, x1: {field: "x"}, y0: 0, y1: {field: "y"}, source,
      line_color: colour, line_width: 2})] : [];
    const item = {kind: "marks", glyphs: [glyph, ...stems], x, low: y, high: y, shown: true, scales: false,
      words: part.words, at: () => ""};
    item.refine = () => {
      const {start, end} = this.whole.range;
      const many = place(x, end) - place(x, start) > DENSE;
      Object.assign(glyph.glyph, {size: many ? 4 : 9, line_width: many ? 0 : 1,
        marker: {value: many ? "circle" : marker}});
    };
    this.add(item, part.name, part.colour, false, true);
  }
  // A strip a condition, one below another: filled where it holds.
  flag(part) {
    const row = this.items.length, x = this.whole.x, half = (x[x.length - 1] - x[0]) / (2 * x.length);
    const data = {left: part.spans.map(s => x[s[0]] - half), right: part.spans.map(s => x[s[1]] + half)};
    const source = new Bokeh.ColumnDataSource({data});
    const glyph = this.figure.quad({left: {field: "left"}, right: {field: "right"}, top: -row - 0.15,
      bottom: -row - 0.85, source, fill_color: style("c-" + part.colour), line_color: null});
    const ends = part.spans.map(s => s[1]);
    this.figure.left[0].visible = false;
    this.figure.min_border_left = 62;
    for (const grid of this.figure.center.filter(each => each.type === "Grid")) if (grid.dimension === 1) grid.visible = false;
    this.add({kind: "flag", glyphs: [glyph], shown: true, scales: true, rows: [-row - 1, -row],
      at: i => { const k = place(ends, i); return k < ends.length && part.spans[k][0] <= i ? "yes" : "no"; }},
      part.name, part.colour, false, true);
  }
  bars(part) {
    const [left, right] = [doubles(part.left), doubles(part.right)], [base, top, y] = [part.base, part.top, part.y].map(floats);
    const source = new Bokeh.ColumnDataSource({data: {left, right, base, top}});
    const glyph = this.figure.quad({left: {field: "left"}, right: {field: "right"}, top: {field: "top"},
      bottom: {field: "base"}, source, fill_color: style("c-" + part.colour), fill_alpha: 0.6, line_color: style("paper")});
    this.add({kind: "bars", glyphs: [glyph], x: left, low: top.map((v, i) => Math.min(v, base[i])), high: top.map((v, i) => Math.max(v, base[i])), shown: true, scales: true,
      at: (_, v) => { const i = place(right, v);
        return i < top.length && left[i] <= v ? said(this.given.form, y[i]) : ""; }},
      part.name, part.colour, false, true);
  }
  fit() {
    const {start, end} = this.whole.range;
    let low = Infinity, high = -Infinity;
    const span = item => {
      const x = item.x || this.whole.x, wide = item.x && item.kind !== "marks" ? 1 : 0;
      const first = Math.max(0, place(x, start) - wide), last = place(x, end) - (item.kind === "marks" ? 1 : 0);
      for (let i = first; i <= Math.min(last, x.length - 1); i++) {
        if (item.low[i] < low) low = item.low[i];
        if (item.high[i] > high) high = item.high[i];
      }
    };
    for (const item of this.items) {
      if (item.refine) item.refine();
      if (!item.shown || (!item.scales && !this.whole.all) || item.kind === "marks") continue;
      if (item.rows) { low = Math.min(low, item.rows[0]); high = Math.max(high, item.rows[1]); continue; }
      span(item);
    }
    // Points scale a pane in which nothing else has a height.
    if (!(low < high)) for (const item of this.items) if (item.shown && item.kind === "marks") span(item);
    if (this.given.names.length) [low, high] = [-0.5, this.given.names.length - 0.5];
    if (!(low <= high)) return;
    if (this.given.log) {
      const room = Math.max(Math.log(high / low) * 0.05, 0.01);
      low *= Math.exp(-room); high *= Math.exp(room);
    } else {
      const room = (high - low) * 0.05 || Math.abs(high) * 0.05 || 1, flat = low === high;
      if (flat || low !== 0) low -= room;
      if (flat || high !== 0) high += room;
    }
    this.figure.y_range.setv({start: low, end: high});
  }
  read(x, i) {
    this.span.location = x; this.span.visible = true;
    const found = [];
    for (const item of this.items) {
      item.value.textContent = item.at(i, x);
      if (item.words && item.words.length && item.shown) {
        const at = nearest(item.x, x);
        if (Math.abs(item.x[at] - x) <= this.whole.reach) found.push(item.words[at]);
      }
    }
    this.words.hidden = !found.length;
    this.words.textContent = found.join("\n");
  }
}

class Whole {
  constructor(box, given) {
    this.box = box; this.given = given; this.dates = given.dates; this.all = false;
    this.narrow = box.clientWidth < 560;
    this.x = doubles(given.x);
    for (const pane of given.panes) pane.swap ??= pane.log;
    const bars = given.panes.flatMap(pane => pane.parts.filter(part => part.kind === "bars"));
    const edges = bars.flatMap(part => [...doubles(part.left).slice(0, 1), ...doubles(part.right).slice(-1)]);
    const first = Math.min(this.x[0], ...edges), last = Math.max(this.x[this.x.length - 1], ...edges);
    const room = (last - first) * 0.008 || 1;
    this.ends = [first - room, last + room];
    this.range = new Bokeh.Range1d({start: this.ends[0], end: this.ends[1], bounds: this.ends, min_interval:
      (last - first) / this.x.length * 4 || 1});
    this.panes = given.panes.map((pane, at) => new Pane(this, pane, at === given.panes.length - 1));
  }
  async draw() {
    this.box.replaceChildren(this.bar());
    const document_ = new Bokeh.Document(), places = [];
    for (const pane of this.panes) {
      const place_ = make("div", "pane");
      this.box.append(pane.head, place_, pane.words);
      places.push(place_); document_.add_root(pane.figure);
      pane.place = place_;
    }
    for (const pane of this.panes) for (const item of pane.items) if (!item.shown) pane.show(item);
    if (this.given.note) this.box.append(make("p", "small", this.given.note));
    this.fit();
    await Bokeh.embed.add_document_standalone(document_, this.box, places);
    for (const pane of this.panes) {
      pane.view = Bokeh.index.get_by_id ? Bokeh.index.get_by_id(pane.figure.id) : Bokeh.index[pane.figure.id];
      if (pane.tools) pane.figure.toolbar.active_drag = pane.tools[0];
      for (const kind of ["pointermove", "pointerdown"])
        pane.place.addEventListener(kind, event => this.point(pane, event));
      pane.place.addEventListener("dblclick", () => this.window(null));
    }
    let waiting = false;
    for (const end of [this.range.properties.start, this.range.properties.end]) end.change.connect(() => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; this.fit(); });
    });
    this.readAt(this.x.length - 1, false);
    this.box.dataset.drawn = "yes";
  }
  bar() {
    const bar = make("div", "chart-bar");
    const span = this.x[this.x.length - 1] - this.x[0];
    if (this.dates) {
      for (const [name, days] of [["3m", 92], ["1y", 366], ["5y", 1827]])
        if (span > days * DAY) bar.append(this.button(name, () => this.window(days * DAY)));
      bar.append(this.button("all", () => this.window(null)));
      for (const [name, way, said] of [["‹", -1, "earlier"], ["›", 1, "later"]]) {
        const move = this.button(name, () => this.move(way));
        move.title = said; move.setAttribute("aria-label", said); bar.append(move);
      }
    } else bar.append(this.button("all", () => this.window(null)));
    if (this.panes.some(pane => pane.items.some(item => !item.scales && item.kind === "line"))) {
      const whole = this.button("fit every line", () => {
        this.all = !this.all; whole.setAttribute("aria-pressed", String(this.all)); this.fit();
      });
      whole.setAttribute("aria-pressed", "false");
      bar.append(whole);
    }
    if (this.panes.some(pane => pane.given.swap)) bar.append(this.button("log / linear", () => this.swap()));
    bar.append(this.when = make("span", "when"));
    return bar;
  }
  button(name, press) {
    const button = make("button", "range", name);
    button.type = "button"; button.addEventListener("click", press);
    return button;
  }
  swap() {
    for (const pane of this.given.panes) if (pane.swap) pane.log = !pane.log;
    draw(this.box, this.given);
  }
  remove() { for (const pane of this.panes) if (pane.view) pane.view.remove(); }
  // On paper a picture stands as an image, that is as wide as the sheet.
  print() {
    for (const pane of this.panes) {
      const from = pane.view.export("png", false).canvas, flat = make("canvas", "printed");
      flat.width = from.width; flat.height = from.height;
      const to = flat.getContext("2d");
      to.fillStyle = style("paper"); to.fillRect(0, 0, flat.width, flat.height); to.drawImage(from, 0, 0);
      const image = make("img", "printed"); image.src = flat.toDataURL(); image.alt = pane.given.label;
      pane.place.before(image); pane.place.hidden = true; pane.image = image;
    }
  }
  printed() { for (const pane of this.panes) if (pane.image) { pane.image.remove(); pane.place.hidden = false; } }
  window(span) {
    const last = this.x[this.x.length - 1], [start, end] = this.ends;
    this.range.setv(span === null ? {start, end} : {start: last - span, end: Math.min(end, last + 0.008 * span)});
    this.fit();
  }
  // By half of what is seen, as far as there is something.
  move(way) {
    const {start, end} = this.range, by = way * (end - start) / 2;
    const most = Math.max(this.ends[0] - start, Math.min(this.ends[1] - end, by));
    this.range.setv({start: start + most, end: end + most});
    this.fit();
  }
  fit() { for (const pane of this.panes) pane.fit(); }
  point(pane, event) {
    const view = pane.view;
    if (!view) return;
    const box = (view.canvas_view || view.canvas).el.getBoundingClientRect();
    const {left, right} = view.frame.bbox, at = event.clientX - box.left;
    const x = view.frame.x_scale.invert(Math.min(Math.max(at, left), right));
    this.reach = 12 * (this.range.end - this.range.start) / (right - left);
    this.readAt(nearest(this.x, x), true, x);
  }
  readAt(i, shown, x) {
    const at = this.x[i];
    for (const pane of this.panes) {
      pane.read(shown && !this.dates ? x : at, i);
      pane.span.visible = shown;
    }
    this.when.textContent = this.dates ? this.date(at) : this.given.names[Math.round(shown ? x : at)] ?? `${this.given.xLabel} ${said(this.given.xForm, at)}`;
  }
  date(ms) {
    const text = new Date(ms).toISOString();
    return text.slice(11, 16) === "00:00" ? text.slice(0, 10) : text.slice(0, 16).replace("T", " ");
  }
}

const between = (from, to, part) => "#" + [1, 3, 5].map(i => {
  const a = parseInt(from.slice(i, i + 2), 16), b = parseInt(to.slice(i, i + 2), 16);
  return Math.round(a + (b - a) * part).toString(16).padStart(2, "0");
}).join("");
const scale = (stops, part) => {
  const at = Math.min(Math.max(part, 0), 1) * (stops.length - 1), low = Math.min(Math.floor(at), stops.length - 2);
  return between(stops[low], stops[low + 1], at - low);
};
const TWO_SIDES = ["#a63603", "#e6843a", "#f4f1ea", "#5b9fd0", "#08519c"];
// A value in as few signs as a cell has room for.
const brief = (form, value) => form === "number" ? minus(value.toLocaleString("en-US", Math.abs(value) < 10
  ? {maximumFractionDigits: 2} : {maximumSignificantDigits: 3})) : said(form, value).replace(" %", "");
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
  const readout = make("p", "cell-words", `${given.valueLabel}; point at a cell`);
  const grid = make("div", "heat");
  grid.style.setProperty("--columns", wide);
  grid.setAttribute("role", "img");
  grid.setAttribute("aria-label", `${given.valueLabel} by ${given.rowLabel} and ${given.columnLabel}`);
  const step = Math.max(1, Math.ceil(wide / 12));
  given.rows.forEach((row, r) => {
    grid.append(make("span", "heat-row", row));
    for (let c = 0; c < wide; c++) {
      const value = values[r * wide + c], cell = make("i", "heat-cell");
      const known_ = Number.isFinite(value);
      if (known_) cell.style.background = scale(stops, high > low ? (value - low) / (high - low) : 0.5);
      else cell.classList.add("none");
      if (known_ && wide <= 14) cell.append(make("b", "", brief(given.form, value)));
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
    const name = make("span", "heat-column", given.columns[c]);
    name.style.gridColumn = `span ${Math.min(step, wide - c)}`;   // it has the room of those that are left out
    grid.append(name);
  }
  const key = make("div", "heat-key");
  const bar = make("i", "");
  bar.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  key.append(make("span", "", said(given.form, low)), bar, make("span", "", said(given.form, high)));
  box.replaceChildren(readout, grid, make("p", "small heat-label",
    `down: ${given.rowLabel}; across: ${given.columnLabel}`), key);
  box.dataset.drawn = "yes";
}

async function draw(box, given) {
  if (given.kind === "heatmap") return heatmap(box, given);
  if (given.kind === "choice") {
    const names = Object.keys(given.of), pick = make("select", "pick"), inside = make("div", "");
    pick.setAttribute("aria-label", given.label);
    for (const name of names) { const option = make("option", "", name); option.value = name; pick.append(option); }
    const label = make("label", "small", given.label + " "); label.append(pick);
    box.replaceChildren(label, inside);
    pick.addEventListener("change", () => draw(inside, given.of[pick.value]));
    await draw(inside, given.of[names[0]]);
    box.dataset.drawn = "yes";
    return;
  }
  if (box.whole) box.whole.remove();
  box.whole = new Whole(box, given);
  return box.whole.draw();
}

async function library() {
  const packed = document.getElementById("library");
  if (!packed || window.Bokeh) return;
  const script = make("script"); script.textContent = await letf.unpacked(packed); document.head.append(script);
}

async function every() {
  await library();
  for (const box of document.querySelectorAll(".closer")) {
    try {
      box.given = JSON.parse(await letf.unpacked(box.querySelector("script")));
      await draw(box, box.given);
    }
    catch (error) {
      box.replaceChildren(make("p", "small", `This picture could not be drawn here (${error.message}).`));
      console.error(error);
    }
    await new Promise(done => setTimeout(done));   // the page stays alive between pictures
  }
  document.documentElement.dataset.drawn = "yes";
}
Object.assign(letf, {draw, every, library});
const again = () => { for (const box of document.querySelectorAll(".closer")) if (box.given) draw(box, box.given); };
const wholes = () => [...document.querySelectorAll(".closer, .closer div")].map(box => box.whole).filter(Boolean);
window.addEventListener("beforeprint", () => { for (const whole of wholes()) whole.print(); });
window.addEventListener("afterprint", () => { for (const whole of wholes()) whole.printed(); });
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", every);
else every();
})();
