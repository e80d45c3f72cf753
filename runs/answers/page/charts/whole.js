// Panels one above another that zoom together, with their buttons; on paper, images.
class Whole {
  constructor(box, given) {
    this.box = box; this.given = given; this.dates = given.dates; this.all = false;
    this.narrow = box.clientWidth < 560;
    this.times = doubles(given.x);
    this.even = given.even;   // a place a bar: candles stand side by side, also over a weekend
    this.x = this.even ? this.times.map((_, i) => i) : this.times;
    for (const pane of given.panes) pane.swap ??= pane.log;
    const bars = given.panes.flatMap(pane => pane.parts.filter(part => part.kind === "bars"));
    const edges = bars.flatMap(part => [...this.places(part.left).slice(0, 1), ...this.places(part.right).slice(-1)]);
    const first = Math.min(this.x[0], ...edges), last = Math.max(this.x[this.x.length - 1], ...edges);
    const room = (last - first) * 0.008 || 1;
    this.ends = [first - room, last + room];
    this.past = []; this.future = [];   // what was seen before, and what an undo has left
    this.now = this.ends;
    this.range = new Bokeh.Range1d({start: this.ends[0], end: this.ends[1], bounds: this.ends, min_interval:
      (last - first) / this.x.length * 4 || 1});
    this.panes = given.panes.map((pane, at) => new Pane(this, pane, at === given.panes.length - 1));
  }
  // Where a moment lies on the axis, and which moment lies at a place; between two bars and beyond them in proportion.
  at(time) { return this.even ? along(this.times, this.x, time) : time; }
  time(at) { return this.even ? along(this.x, this.times, at) : at; }
  places(packed) { return doubles(packed).map(time => this.at(time)); }
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
      pane.place.addEventListener("pointerleave", event => { if (event.pointerType !== "touch") this.rest(); });
      pane.place.addEventListener("dblclick", () => this.window(null));
    }
    let waiting = false;
    for (const end of [this.range.properties.start, this.range.properties.end]) end.change.connect(() => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; this.fit(); this.rest(); });
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.settled(), SETTLED);
    });
    this.rest();
    this.box.dataset.drawn = "yes";
  }
  bar() {
    const bar = make("div", "chart-bar");
    const span = this.times[this.times.length - 1] - this.times[0];
    if (this.dates) {
      for (const [name, days] of [["3m", 92], ["1y", 366], ["5y", 1827]])
        if (span > days * DAY) bar.append(this.spanning(name, days * DAY));
      bar.append(this.spanning("all", null));
      for (const [name, way, said] of [["‹", -1, "earlier"], ["›", 1, "later"]]) {
        const move = this.button(name, () => this.move(way));
        move.title = said; move.setAttribute("aria-label", said); bar.append(move);
      }
    } else bar.append(this.spanning("all", null));
    if (this.panes.some(pane => pane.items.some(item => !item.scales && item.kind === "line" && item.name))) {
      const whole = this.button("fit every line", () => {
        this.all = !this.all; whole.setAttribute("aria-pressed", String(this.all)); this.fit();
      });
      whole.setAttribute("aria-pressed", "false");
      bar.append(this.every = whole);
    }
    const swaps = this.panes.find(pane => pane.given.swap);
    if (swaps) {
      const button = this.button("", () => this.swap()), log = swaps.given.log;
      button.classList.add("swap"); button.setAttribute("aria-pressed", String(log));
      button.title = `the axis is ${log ? "log" : "linear"}`;
      button.append(make(log ? "b" : "span", "", "log"), " / ", make(log ? "span" : "b", "", "linear"));
      bar.append(button);
    }
    for (const [name, said, press] of [["↶", "undo zoom", () => this.step(this.past, this.future)],
      ["↷", "redo zoom", () => this.step(this.future, this.past)],
      ["PNG", "save as PNG, as it is seen just now", () => saved(this)]]) {
      const button = this.button(name, press);
      button.title = said; button.setAttribute("aria-label", said);
      if (name !== "PNG") { button.disabled = true; (this.steps ??= []).push(button); }
      bar.append(button);
    }
    bar.append(this.when = make("span", "when"));
    return bar;
  }
  // A zoom counts as one once it has come to rest.
  settled() {
    clearTimeout(this.settling);
    const seen = [this.range.start, this.range.end];
    if (seen.every((end, at) => Math.abs(end - this.now[at]) < 1e-6 * (this.ends[1] - this.ends[0]))) return;
    this.past.push(this.now); this.future.length = 0; this.now = seen;
    this.enable(); this.follow();
  }
  // The other pictures over the same days show the same stretch: trades and prices where the equity is.
  follow() {
    if (!this.dates) return;
    const over = whole => String([whole.times[0], whole.times[whole.times.length - 1]]);
    for (const other of wholes()) {
      if (other === this || !other.dates || over(other) !== over(this)) continue;
      const [start, end] = this.now.map((at, side) => at === this.ends[side] ? other.ends[side] : other.at(this.time(at)));
      if (other.now[0] === start && other.now[1] === end) continue;
      other.range.setv({start, end}); other.fit(); other.rest(); other.settled();
    }
  }
  step(from, to) {
    this.settled();
    if (!from.length) return;
    to.push(this.now); this.now = from.pop();
    this.range.setv({start: this.now[0], end: this.now[1]});
    this.fit(); this.rest(); this.enable(); this.follow();
  }
  enable() { [this.past, this.future].forEach((each, at) => { this.steps[at].disabled = !each.length; }); }
  spanning(name, span) {
    const button = this.button(name, () => this.window(span));
    (this.spans ??= []).push([button, span]);
    return button;
  }
  button(name, press) {
    const button = make("button", "range", name);
    button.type = "button"; button.addEventListener("click", press);
    return button;
  }
  // The other axis shows the same stretch, and of the lines the same.
  async swap() {
    this.settled();
    for (const pane of this.given.panes) if (pane.swap) pane.log = !pane.log;
    await draw(this.box, this.given);
    const next = this.box.whole, [start, end] = this.now;
    Object.assign(next, {past: this.past, future: this.future, now: this.now, all: this.all});
    if (next.every) next.every.setAttribute("aria-pressed", String(next.all));
    next.panes.forEach((pane, at) => pane.items.forEach((item, i) => {
      const shown = this.panes[at].items[i].shown;
      if (item.shown !== shown) { item.shown = shown; pane.show(item); }
    }));
    next.range.setv({start, end}); next.fit(); next.rest(); next.enable();
  }
  remove() { for (const pane of this.panes) if (pane.view) pane.view.remove(); }
  dyed() { for (const pane of this.panes) pane.dyed(); }
  // On paper a picture stands as an image, that is as wide as the sheet.
  print() {
    for (const pane of this.panes) {
      pane.view.invalidate_painters(); pane.view.paint();   // in its new colours at once, not when the screen is next drawn
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
    const [start, end] = this.ending(span);
    this.range.setv({start, end});
    this.fit(); this.rest();
  }
  // So much up to the end of all there is, or all.
  ending(span) {
    const last = this.times[this.times.length - 1];
    return span === null ? this.ends : [this.at(last - span), Math.min(this.ends[1], this.at(last + 0.008 * span))];
  }
  // By half of what is seen, as far as there is something.
  move(way) {
    const {start, end} = this.range, by = way * (end - start) / 2;
    const most = Math.max(this.ends[0] - start, Math.min(this.ends[1] - end, by));
    this.range.setv({start: start + most, end: end + most});
    this.fit(); this.rest();
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
  // Without a pointer the values are those of the last day in sight, or none where no day is; and the buttons tell
  // what is in sight.
  rest() {
    const {start, end} = this.range, room = 1e-6 * (this.ends[1] - this.ends[0]);
    this.readAt(Math.max(place(this.x, end + room) - 1, 0), false);
    for (const [button, span] of this.spans) {
      const wanted = this.ending(span);
      button.setAttribute("aria-pressed", String(Math.abs(start - wanted[0]) < room && Math.abs(end - wanted[1]) < room));
    }
  }
  readAt(i, shown, x) {
    const at = this.x[this.read = i];
    for (const pane of this.panes) {
      pane.read(shown && !this.dates ? x : at, i, shown);
    }
    this.when.textContent = !shown && !this.dates ? "" : this.dates ? this.date(this.times[i]) : this.given.names[Math.round(shown ? x : at)] ?? `${this.given.xLabel} ${said(this.given.xForm, at)}`;
  }
  date(ms) {
    const text = new Date(ms).toISOString();
    return text.slice(11, 16) === "00:00" ? text.slice(0, 10) : text.slice(0, 16).replace("T", " ");
  }
}

