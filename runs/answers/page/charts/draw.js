// Draws every picture of the page, one after another; where the page turns dark or light they take its colours.
const PROMISES = 100;   // more than the library makes of a change of colour, one upon another
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
const dyed = () => { for (const whole of wholes()) whole.dyed(); };
const wholes = () => [...document.querySelectorAll(".closer, .closer div, .closer-view")].map(box => box.whole).filter(Boolean);
// A finger has no place to leave from: what it asked for goes where it presses elsewhere.
document.addEventListener("pointerdown", event => {
  for (const whole of wholes()) if (!whole.panes.some(pane => pane.place && pane.place.contains(event.target))) whole.rest();
});
// Paper is light, whatever the screen is. Pictures take their new colours by promises, which are kept as soon as
// this has returned and before the sheet is laid out.
window.addEventListener("beforeprint", async () => {
  document.documentElement.classList.add("paper");
  dyed();
  for (let kept = 0; kept < PROMISES; kept++) await null;
  for (const whole of wholes()) whole.print();
});
window.addEventListener("afterprint", () => {
  document.documentElement.classList.remove("paper");
  dyed();
  for (const whole of wholes()) whole.printed();
});
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dyed);
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", every);
else every();
