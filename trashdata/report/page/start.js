// Reads the data, fills the controls, and starts the gallery.

const SOURCES = { real: "real photos", "copy-paste": "copy-paste", pseudo: "pseudo-labels" };

const FOLDS = { holdout: "held out", synthetic: "no fold: synthetic" };

function json(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function swatch(colour) {
  const made = element("span", undefined, "swatch");
  made.style.background = colour;
  return made;
}

function addOptions(select, options) {
  for (const [value, text] of options) select.append(new Option(text, value));
}

// The folds that photos are in, with how many: numbers first, then what is in no fold.
function foldsOf(photos) {
  const counts = new Map();
  for (const { fold } of photos) if (fold !== null) counts.set(fold, (counts.get(fold) ?? 0) + 1);
  const rank = (fold) => (/^\d+$/.test(fold) ? Number(fold) : Infinity);
  return [...counts].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([fold, count]) => [fold, `${FOLDS[fold] ?? `fold ${fold}`} (${count})`]);
}

function fillSelects(gallery) {
  const { photos, classes, totals } = gallery;
  const byId = (id) => document.getElementById(id);
  addOptions(byId("class"), classes.map(({ name }, index) => [index, `${name} (${totals[index]})`])
    .filter(([index]) => totals[index]));
  const sources = Object.keys(SOURCES).filter((source) => photos.some((p) => p.source === source));
  addOptions(byId("source"), sources.map((source) => [source, SOURCES[source]]));
  byId("source-field").hidden = sources.length < 2;
  const folds = foldsOf(photos);
  addOptions(byId("fold"), folds);
  byId("fold-field").hidden = folds.length < 2;
  const scored = photos.some(({ score }) => score !== null);
  byId("score-field").hidden = !scored;
  addOptions(byId("sort"), SORTS.filter(([name]) => scored || !["high", "low"].includes(name)));
  for (const name of ["class", "source", "fold", "sort"]) {
    byId(name).addEventListener("change", (event) => gallery.set({ [name]: event.target.value }));
  }
  byId("score").addEventListener("input", (event) => {
    const score = Number(event.target.value);
    byId("score-text").value = score.toFixed(2);
    gallery.set({ score });
  });
  byId("masks").addEventListener("change", (event) => {
    gallery.masks = event.target.checked;
    gallery.nearby.redraw();
  });
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
}

function fillChips(gallery) {
  const present = gallery.classes.map((_, index) => index).filter((index) => gallery.totals[index]);
  const chips = new Map();
  const press = (index, on) => {
    gallery.toggle(index, on);
    chips.get(index).setAttribute("aria-pressed", on);
  };
  for (const index of present) {
    const { name, colour } = gallery.classes[index];
    const chip = element("button");
    chip.type = "button";
    chip.title = name;
    chip.append(swatch(colour), element("span", name));
    chip.addEventListener("click", () => {
      press(index, gallery.off.has(index));
      gallery.nearby.redraw();
    });
    chips.set(index, chip);
    press(index, true);
  }
  document.getElementById("chips").append(...chips.values());
  for (const [id, on] of [["all", true], ["none", false]]) {
    document.getElementById(id).addEventListener("click", () => {
      present.forEach((index) => press(index, on));
      gallery.nearby.redraw();
    });
  }
  document.getElementById("toggles").hidden = !present.length;
}

function start() {
  const gallery = new Gallery(json("gallery-data"), json("gallery-pictures"));
  const detail = new Detail(gallery);
  fillSelects(gallery);
  fillChips(gallery);
  gallery.grid.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) detail.open(Number(button.closest("li").dataset.place));
  });
  for (const link of document.querySelectorAll("a[data-class]")) {
    link.addEventListener("click", () => {
      const select = document.getElementById("class");
      select.value = link.dataset.class;
      if (select.selectedIndex < 0) select.value = "";
      gallery.set({ class: select.value });
    });
  }
  document.getElementById("controls").hidden = false;
}

start();
