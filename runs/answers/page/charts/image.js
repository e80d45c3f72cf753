// The picture as it is seen just now, as a PNG: its words, and each pane under its name and those of its lines.
function pictured(whole) {
  const views = whole.panes.map(pane => pane.view.export("png", false).canvas);
  const wide = Math.max(...views.map(view => view.width)), unit = wide / whole.panes[0].place.clientWidth;
  const row = 20 * unit, room = 14 * unit, brush = make("canvas").getContext("2d");
  const font = `${13 * unit}px system-ui, sans-serif`;
  brush.font = font;
  // Words and names in lines that are no longer than the picture is wide.
  const lines = entries => {
    const out = [[]];
    let at = 0;
    for (const entry of entries) {
      const need = brush.measureText(entry.text + (entry.word ? " " : "")).width + (entry.word ? 0 : entry.colour ? 2.6 * room : room);
      if (at && at + need > wide) { out.push([]); at = 0; }
      out[out.length - 1].push({...entry, at}); at += need;
    }
    return out;
  };
  const box = whole.box.closest(".closer") || whole.box;
  const words = (box.getAttribute("aria-label") || document.title).split(" ").map(text => ({text, colour: "", word: true}));
  const heads = [lines(words), ...whole.panes.map(pane => lines([{text: pane.given.label, colour: ""},
    ...pane.items.filter(item => item.shown && item.name).map(item => ({text: item.name, colour: item.colour}))]))];
  const high = heads.reduce((sum, each) => sum + each.length * row, 2 * room) + views.reduce((sum, view) => sum + view.height, 0);
  const canvas = make("canvas"), to = canvas.getContext("2d");
  canvas.width = wide + 2 * room; canvas.height = high;
  to.fillStyle = style("paper"); to.fillRect(0, 0, canvas.width, high);
  let top = room;
  const write = each => {
    to.font = font; to.textBaseline = "middle";
    for (const line of each) {
      for (const {text, colour, at} of line) {
        if (colour) { to.fillStyle = style("c-" + colour); to.fillRect(room + at, top + 0.4 * row, room, 0.2 * row); }
        to.fillStyle = style("ink"); to.fillText(text, room + at + (colour ? 1.4 * room : 0), top + row / 2);
      }
      top += row;
    }
  };
  heads.forEach((each, at) => {
    write(each);
    if (at) { to.drawImage(views[at - 1], room, top); top += views[at - 1].height; }
  });
  return canvas;
}
function saved(whole) {
  const name = `${document.title} ${(whole.box.closest(".picture") || {}).id || ""}`.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  pictured(whole).toBlob(blob => {
    const link = make("a");
    link.href = URL.createObjectURL(blob); link.download = `${name}.png`;
    document.body.append(link); link.click(); link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}
