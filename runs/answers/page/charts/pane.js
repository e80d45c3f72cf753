// One panel, drawn with BokehJS: its lines, bands, candles, points and strips; a name for each, that hides it;
// and the words on what stands under the pointer.
class Pane {
  constructor(whole, given, last) {
    this.whole = whole; this.given = given; this.items = []; this.dyes = [];
    const phone = whole.narrow;
    const y = new Bokeh.Range1d({start: 0, end: 1});
    this.figure = Bokeh.Plotting.figure({
      height: Math.round(Math.max(LOWEST, (phone ? 0.8 : 1) * HEIGHT * given.share)) + (last ? 34 : 0),
      sizing_mode: "stretch_width", x_range: whole.range, y_range: y, toolbar_location: null, tools: [],
      x_axis_type: whole.dates && !whole.even ? "datetime" : "linear", y_axis_type: given.log ? "log" : "linear",
      min_border_left: 62, min_border_top: 6, min_border_bottom: last ? 34 : 6,
    });
    this.figure.left[0].formatter = new Bokeh.NumeralTickFormatter({format: ticks[given.form]});
    this.most = Math.max(3, Math.round(this.figure.height / APART));   // marks on the axis of values
    this.figure.left[0].ticker.desired_num_ticks = this.most;
    if (given.log) this.figure.left[0].ticker = this.ticker = new Bokeh.FixedTicker({ticks: []});
    for (const grid of this.figure.center.filter(each => each.type === "Grid"))
      if (given.log && grid.dimension === 1) grid.ticker = this.ticker;
    if (phone) this.figure.below[0].ticker.desired_num_ticks = 4;
    if (whole.even) {
      this.figure.below[0].ticker = this.days = new Bokeh.FixedTicker({ticks: []});
      for (const grid of this.figure.center.filter(each => each.type === "Grid")) if (grid.dimension === 0) grid.ticker = this.days;
    }
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
    this.span = new Bokeh.Span({dimension: "height", line_width: 1, line_alpha: 0.5, visible: false, location: 0});
    this.dye(this.span, {line_color: "ink"});
    this.figure.add_layout(this.span);
    this.head = make("div", "readout");
    this.head.append(this.title = make("span", "pane-title", given.label));
    for (const part of given.parts) this[part.kind](part);
    this.words = make("div", "mark-words"); this.words.hidden = true;
    this.last = last;
    this.dyed();
  }
  // The colours of a model, by their names in the page's palette: set again where that turns dark, light or to paper.
  dye(model, names) {
    this.dyes.push([model, names]);
    for (const [property, name] of Object.entries(names)) model[property] = style(name);
  }
  dyed() {
    for (const [model, names] of this.dyes) for (const [property, name] of Object.entries(names)) model[property] = style(name);
    for (const item of this.items) if (item.dyed) item.dyed();
    dressed(this.figure);
    if (!this.last) this.figure.below[0].major_label_text_font_size = "0px";
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
    if (!name) { item.value = make("b"); return; }   // a line to measure by
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
    if (!item.chip) return;
    item.chip.setAttribute("aria-pressed", String(item.shown));
    // The name of a hidden line stands in the first pane that has it.
    const others = this.whole.panes ? this.whole.panes.slice(0, this.whole.panes.indexOf(this)) : [];
    item.chip.hidden = !item.shown && others.some(pane => pane.items.some(one => one.kind === "line" && one.name === item.name));
    for (const glyph of item.glyphs) glyph.visible = item.shown;
    if (item.refine) item.refine();
  }
  add(item, name, colour, dashed, square) {
    item.name = name; item.colour = colour; this.items.push(item); this.chip(item, name, colour, dashed, square);
    if (!item.shown) this.show(item);
  }
  line(part) {
    const x = this.whole.x, y = floats(part.y), colour = "c-" + part.colour;
    if (this.given.log) for (let i = 0; i < y.length; i++) if (!(y[i] > 0)) y[i] = NaN;
    const source = new Bokeh.ColumnDataSource({data: {x, y, zero: y.map(v => Number.isNaN(v) ? NaN : 0)}});
    const of = {x: {field: "x"}, y: {field: "y"}, source};
    const glyphs = [];
    if (part.area) {
      glyphs.push(this.figure.varea({x: {field: "x"}, y1: {field: "zero"}, y2: {field: "y"}, source, fill_alpha: 0.22}));
      this.dye(glyphs[0].glyph, {fill_color: colour});
    }
    const line = this.figure.line({...of, line_width: part.dashed ? 1.4 : 1.7, line_dash: part.dashed ? "dashed" : "solid"});
    this.dye(line.glyph, {line_color: colour}); glyphs.push(line);
    this.add({kind: "line", glyphs, area: part.area, low: y, high: y, shown: part.shown, scales: part.scales,
      at: i => this.given.names[y[i]] ?? said(this.given.form, y[i])}, part.name, part.colour, part.dashed);
  }
  band(part) {
    const x = this.whole.x, low = floats(part.low), high = floats(part.high);
    const source = new Bokeh.ColumnDataSource({data: {x, low, high}});
    const glyph = this.figure.varea({x: {field: "x"}, y1: {field: "low"}, y2: {field: "high"}, source, fill_alpha: 0.18});
    this.dye(glyph.glyph, {fill_color: "c-" + part.colour});
    this.add({kind: "band", glyphs: [glyph], low, high, shown: true, scales: true,
      at: i => `${said(this.given.form, low[i])} to ${said(this.given.form, high[i])}`}, part.name, part.colour,
      false, true);
  }
  candles(part) {
    const x = this.whole.x, [open, high, low, close] = ["open", "high", "low", "close"].map(k => floats(part[k]));
    const steps = x.slice(1).map((v, i) => v - x[i]).sort((a, b) => a - b);
    const dressed_ = data => {
      const [gain, loss] = [style("c-gain"), style("c-loss")];
      return Object.assign(data, {colour: data.close.map((v, i) => v >= data.open[i] ? gain : loss), width: data.x.map(() => 0.7 * data.step)});
    };
    const own = dressed_({x, from: x, open, high, low, close, step: steps.length ? steps[steps.length >> 1] : DAY});
    const source = new Bokeh.ColumnDataSource({data: drawn(own)});
    const of = {"": own};   // and the candles of a week, a month, a quarter, a year
    const field = name => ({field: name});
    const wick = this.figure.segment({x0: field("x"), x1: field("x"), y0: field("low"), y1: field("high"), source,
      line_color: field("colour")});
    const body = this.figure.vbar({x: field("x"), width: field("width"), bottom: field("open"), top: field("close"), source,
      fill_color: field("colour"), line_color: field("colour")});
    const line = this.figure.line({x: field("x"), y: field("close"), source: new Bokeh.ColumnDataSource({data: {x, close}}), line_width: 1.4});
    this.dye(line.glyph, {line_color: "c-index"});
    const item = {kind: "candles", glyphs: [wick, body, line], low, high, shown: true, scales: true,
      at: i => {
        const data = of[item.period ?? ""], at = Number.isNaN(close[i]) ? -1 : upTo(data.from, x[i]);
        return ["open", "high", "low", "close"].map(k => `${k[0]} ${said(this.given.form, data[k][at])}`).join("  ");
      }};
    item.dyed = () => { Object.values(of).forEach(dressed_); source.data = drawn(of[item.period ?? ""]); };
    // From afar longer ones: no more than the eye can tell apart.
    item.refine = () => {
      const {start, end} = this.whole.range, most = Math.min(CANDLES, this.whole.box.clientWidth / 3);
      const few = name => {
        const from = (of[name] ??= dressed_(gathered(own, name, this.whole.times, this.whole.even))).x;
        return place(from, end) - place(from, start) <= most;
      };
      const name = ["", ...(this.whole.dates ? Object.keys(PERIODS) : [])].find(few);
      if (name !== undefined && item.period !== name) source.data = drawn(of[name]);
      item.period = name;
      wick.visible = body.visible = item.shown && name !== undefined;
      line.visible = item.shown && name === undefined;
      if (!item.chip) return;
      item.chip.querySelector("span").textContent = name ? `${part.name} by ${name}` : part.name;
      item.value.textContent = item.at(this.whole.read ?? x.length - 1);
    };
    this.add(item, part.name, "index", false, false);
  }
  marks(part) {
    const x = this.whole.places(part.x), y = floats(part.y), colour = "c-" + part.colour;
    const source = new Bokeh.ColumnDataSource({data: {x, y}});
    const marker = {up: "triangle", down: "inverted_triangle", dot: "circle"}[part.shape];
    const glyph = this.figure.scatter({x: {field: "x"}, y: {field: "y"}, source, marker, size: 9, line_width: 1});
    this.dye(glyph.glyph, {fill_color: colour, line_color: "paper"});
    const stems = part.stems ? [this.figure.segment({x0: {field: "x"}, x1: {field: "x"}, y0: 0, y1: {field: "y"}, source,
      line_width: 2})] : [];
    if (part.x0) {
      Object.assign(source.data, {x0: this.whole.places(part.x0), y0: floats(part.y0)});
      stems.push(this.figure.segment({x0: {field: "x0"}, x1: {field: "x"}, y0: {field: "y0"}, y1: {field: "y"}, source,
        line_width: 2}));
    }
    for (const stem of stems) this.dye(stem.glyph, {line_color: colour});
    const item = {kind: "marks", glyphs: [glyph, ...stems], x, low: y, high: y, shown: true, scales: part.scales,
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
      bottom: -row - 0.85, source, line_color: null});
    this.dye(glyph.glyph, {fill_color: "c-" + part.colour});
    const ends = part.spans.map(s => s[1]);
    this.figure.left[0].visible = false;
    this.figure.min_border_left = 62;
    for (const grid of this.figure.center.filter(each => each.type === "Grid")) if (grid.dimension === 1) grid.visible = false;
    this.add({kind: "flag", glyphs: [glyph], shown: true, scales: true, rows: [-row - 1, -row],
      at: i => { const k = place(ends, i); return k < ends.length && part.spans[k][0] <= i ? "yes" : "no"; }},
      part.name, part.colour, false, true);
  }
  bars(part) {
    const [left, right] = [part.left, part.right].map(each => this.whole.places(each)), [base, top, y] = [part.base, part.top, part.y].map(floats);
    const source = new Bokeh.ColumnDataSource({data: {left, right, base, top}});
    const glyph = this.figure.quad({left: {field: "left"}, right: {field: "right"}, top: {field: "top"},
      bottom: {field: "base"}, source, fill_alpha: 0.6});
    this.dye(glyph.glyph, {fill_color: "c-" + part.colour, line_color: "paper"});
    this.add({kind: "bars", glyphs: [glyph], x: left, low: top.map((v, i) => Math.min(v, base[i])), high: top.map((v, i) => Math.max(v, base[i])), shown: true, scales: true,
      at: (_, v) => { const i = place(right, v);
        return i < top.length && left[i] <= v ? said(this.given.form, y[i]) : ""; }},
      part.name, part.colour, false, true);
  }
  fit() {
    const {start, end} = this.whole.range;
    if (this.days) {
      const [ticks, names] = dateTicks(this.whole.times, start, end, this.whole.box.clientWidth - 76);
      this.figure.below[0].major_label_overrides = new Map(ticks.map((at, i) => [at, names[i]]));
      this.days.ticks = ticks;
    }
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
      if (!item.shown || (!item.scales && !this.whole.all) || (item.kind === "marks" && !item.scales)) continue;
      if (item.rows) { low = Math.min(low, item.rows[0]); high = Math.max(high, item.rows[1]); continue; }
      span(item);
    }
    // Points scale a pane in which nothing else has a height.
    if (!(low < high)) for (const item of this.items) if (item.shown && item.kind === "marks") span(item);
    // What is filled is filled from 0.
    if (low <= high && !this.given.log && this.items.some(item => item.shown && item.area))
      [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    if (this.given.names.length) [low, high] = [-0.5, this.given.names.length - 0.5];
    if (!(low <= high)) return;
    if (this.given.log) {
      const room = Math.max(Math.log(high / low) * 0.05, 0.01);
      low *= Math.exp(-room); high *= Math.exp(room);
      this.ticker.ticks = logTicks(low, high, this.most);
    } else {
      const room = (high - low) * 0.05 || Math.abs(high) * 0.05 || (this.given.form === "percent" ? 0.01 : 1), flat = low === high;
      if (flat || low !== 0) low -= room;
      if (flat || high !== 0) high += room;
    }
    this.figure.y_range.setv({start: low, end: high});
  }
  // What every name is worth there; the words of points near it only while the pointer rests there.
  read(x, i, pointed) {
    this.span.location = x; this.span.visible = pointed;
    const found = [], resting = !pointed && !this.whole.dates;
    for (const item of this.items) {
      // The last day is where all of it has led to; the right end of another axis is only where the picture ends.
      item.value.textContent = resting ? "" : item.at(i, x);
      if (pointed && item.words && item.words.length && item.shown) {
        const at = nearest(item.x, x), far = Math.abs(item.x[at] - x);
        if (far <= this.whole.reach) found.push([far, item.words[at]]);
      }
    }
    // The nearest first. A trade is said once, though its entry and its exit are both near.
    const said_ = [...new Set(found.sort((a, b) => a[0] - b[0]).map(one => one[1]))];
    let lines = 0;
    const few = said_.filter((words, at) => (lines += words.split("\n").length) <= TOLD || !at);
    if (few.length < said_.length) few.push(`and ${said_.length - few.length} more here`);
    this.words.hidden = !few.length;
    this.words.textContent = few.join("\n");
  }
}

