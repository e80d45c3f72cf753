// Long tables: sort by a heading, filter by a word, so many rows at a time. And a button that copies a text.
"use strict";
// Data stands in the page compressed, at a third of its size.
window.letf = {
  async unpacked(script) {
    const raw = atob(script.textContent.trim()), bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  },
};
(() => {
const ROWS = 25;
const make = (tag, classes, text) => {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text !== undefined) node.textContent = text;
  return node;
};
// What a text is worth when rows are sorted: a number where it is one, else the text.
const worth = text => {
  const plain = text.replace(/\u2212/g, "-").replace(/[,\u00a0 $%]/g, "").replace(/^\+/, "");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : text.toLowerCase();
};
const compare = (a, b) => typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1;

async function long(box) {
  const {rows, more: [extra, called]} = JSON.parse(await letf.unpacked(box.querySelector("script")));
  const filter = make("input", "filter"), count = make("span", "small"), more = make("button", "range", "more rows");
  filter.type = "search"; filter.placeholder = rows.some(row => row.some(cell => /^\d{4}-\d\d/.test(cell))) ? "filter: a date, a word" : "filter: a word"; filter.setAttribute("aria-label", "filter");
  more.type = "button";
  const table = box.querySelector("table"), head = table.tHead.rows[0], body = table.tBodies[0];
  let column = -1, down = false, shown = ROWS;
  function fill() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = rows.filter(row => words.every(word => row.some(cell => cell.toLowerCase().includes(word))));
    if (column >= 0) {
      const keyed = found.map(row => [worth(row[column]), row]);
      keyed.sort((a, b) => compare(a[0], b[0]));
      found = keyed.map(pair => pair[1]);
      if (down) found.reverse();
    }
    body.replaceChildren(...found.slice(0, shown).map(row => {
      const line = make("tr");
      line.append(...row.map((cell, at) => make("td", at < head.cells.length - extra ? "" : "more", cell)));
      return line;
    }));
    count.textContent = `${Math.min(shown, found.length).toLocaleString("en-US")} of ` +
      `${found.length.toLocaleString("en-US")}` + (found.length < rows.length ? `, from ${rows.length.toLocaleString("en-US")}` : "");
    more.hidden = found.length <= shown;
  }
  [...head.cells].forEach((cell, at) => {
    cell.tabIndex = 0; cell.classList.add("sorts"); cell.setAttribute("aria-sort", "none");
    const sort = () => {
      down = column === at ? !down : false; column = at;
      for (const other of head.cells) other.setAttribute("aria-sort", "none");
      cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      fill();
    };
    cell.addEventListener("click", sort);
    cell.addEventListener("keydown", event => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); } });
  });
  filter.addEventListener("input", () => { shown = ROWS; fill(); });
  more.addEventListener("click", () => { shown *= 4; fill(); });
  const tools = make("div", "table-tools");
  tools.append(filter, count);
  // Columns that are asked for stand beside the first one, where the table is as wide as it may be.
  if (extra) {
    const wide = make("button", "range", called), frame = box.querySelector(".wide");
    wide.type = "button"; wide.setAttribute("aria-pressed", "false");
    [...head.cells].slice(-extra).forEach(cell => cell.classList.add("more"));
    wide.addEventListener("click", () => {
      const on = box.classList.toggle("all-columns");
      wide.setAttribute("aria-pressed", String(on));
      const asked = head.cells[head.cells.length - extra];
      frame.scrollLeft += on ? asked.getBoundingClientRect().left - head.cells[0].getBoundingClientRect().right : -frame.scrollLeft;
    });
    tools.append(wide);
  }
  box.prepend(tools); box.append(more);
  window.addEventListener("beforeprint", () => { shown = rows.length; fill(); });
  fill();
}

// A date is not parted at the end of a line.
function dated(cell) {
  const parts = cell.textContent.split(/(\d{4}-\d\d-\d\d)/);
  if (parts.length > 1 && !cell.children.length)
    cell.replaceChildren(...parts.filter(Boolean).map(part => /^\d{4}-/.test(part) ? make("span", "date", part) : part));
}

// A table that is wider than its frame is set tighter on a phone; what then still lies beyond is counted in its
// caption, and goes as it comes in sight.
function framed(frame) {
  const table = frame.querySelector("table"), said = make("span", "beyond");
  // The columns at 25 % and 75 %, of a table that has the ends and the median too: without them a phone has room.
  const named = [...table.rows[0]?.cells ?? []].map(cell => cell.textContent.replaceAll("\u00a0", " ").trim());
  const quartiles = named.includes("median") && named.includes("5 %");
  if (quartiles) named.forEach((name, at) => {
    if (name === "25 %" || name === "75 %") for (const row of table.rows) row.cells[at]?.classList.add("quartile");
  });
  let asked = false;
  const button = make("button", "range", "25 % and 75 % too");
  button.type = "button";
  button.addEventListener("click", () => { asked = true; fit(); });
  const tell = () => {
    const edge = frame.getBoundingClientRect().right + 1;
    const heads = table.rows.length ? [...table.rows[0].cells] : [];
    const beyond = heads.filter(cell => cell.offsetWidth && cell.getBoundingClientRect().right > edge).length;
    frame.classList.toggle("goes-on", beyond > 0);
    said.textContent = `${beyond} more column${beyond === 1 ? "" : "s"} \u203a`;
    if (beyond && !said.isConnected) (table.caption ?? table.createCaption()).append(said);
    said.hidden = !beyond;
  };
  const over = () => frame.scrollWidth > frame.clientWidth;
  const fit = () => {
    frame.classList.remove("tight", "fewer", "tighter");
    if (window.innerWidth <= 600) for (const step of ["tight", ...(quartiles && !asked ? ["fewer"] : []), "tighter"])
      if (over()) frame.classList.add(step);
    if (over()) frame.classList.remove("tighter");   // it does not help
    const fewer = frame.classList.contains("fewer");
    if (fewer && !button.isConnected) (table.caption ?? table.createCaption()).append(button);
    button.hidden = !fewer;
    tell();
  };
  frame.addEventListener("scroll", tell);
  new ResizeObserver(tell).observe(table);
  window.addEventListener("resize", fit);
  fit();
}

// A parameter's name may go on below its underscore.
function broken(head) {
  const texts = document.createTreeWalker(head, NodeFilter.SHOW_TEXT), names = [];
  while (texts.nextNode()) if (texts.currentNode.data.includes("_")) names.push(texts.currentNode);
  for (const name of names) name.replaceWith(...name.data.split(/(?<=_)/).flatMap((part, at) => at ? [make("wbr"), part] : [part]));
}

function start() {
  document.querySelectorAll("th").forEach(broken);
  document.querySelectorAll("td").forEach(dated);
  const ready = Promise.all([...document.querySelectorAll(".long")].map(long));
  ready.then(() => {
    document.querySelectorAll(".wide:has(table)").forEach(framed);
    document.documentElement.dataset.tables = "yes";
  });
  for (const button of document.querySelectorAll("button.copy")) button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.of).textContent;
    try { await navigator.clipboard.writeText(text); }
    catch {
      const area = make("textarea"); area.value = text; document.body.append(area); area.select();
      document.execCommand("copy"); area.remove();
    }
    button.textContent = "copied"; setTimeout(() => { button.textContent = "copy"; }, 1500);
  });
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
