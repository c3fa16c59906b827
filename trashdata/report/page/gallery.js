// The gallery: which photos are shown, in which order, with which masks.

const SORTS = [
  ["file", "file name", (photo) => photo.name],
  ["objects", "most objects", (photo) => -photo.objects.length],
  ["rare", "rarest class", (photo) => photo.rarest],
  ["high", "highest score", (photo) => -(photo.score ?? -1)],
  ["low", "lowest score", (photo) => photo.score ?? 2],
];

class Gallery {
  constructor(data, pictures) {
    this.classes = data.classes;
    this.photos = data.photos;
    this.others = data.others;
    this.pictures = pictures;
    this.colours = this.classes.map(({ colour }) =>
      [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16)));
    this.off = new Set();
    this.masks = true;
    this.wanted = { class: "", source: "", fold: "", score: 0, sort: "file" };
    this.grid = document.getElementById("grid");
    this.count = document.getElementById("count");
    this.totals = this.countObjects();
    this.cards = this.photos.map((photo, place) => makeCard(photo, place, this.classes));
    this.nearby = new NearbyCards((card) => this.draw(card), (card) => emptyFrame(this.frame(card)));
    this.sheets = new Sheets(this.grid);
    this.sorted = "";
    this.places = [];
    this.order = [];
    this.arrange();
    this.cards.forEach((card) => this.nearby.watch(card));
    this.grid.addEventListener("keydown", (event) => this.move(event));
  }

  // Objects of each class in the gallery; each photo learns how rare its rarest class is.
  countObjects() {
    const totals = this.classes.map(() => 0);
    for (const photo of this.photos) for (const [index] of objectsOf(photo)) totals[index]++;
    for (const photo of this.photos) {
      photo.rarest = Math.min(Infinity, ...objectsOf(photo).map(([index]) => totals[index]));
    }
    return totals;
  }

  // Photos of the gallery come first, then those of other files that donors came from.
  photoAt(place) {
    return this.photos[place] ?? this.others[place - this.photos.length];
  }

  frame(card) {
    return card.querySelector(".frame");
  }

  isShown([index]) {
    return this.masks && !this.off.has(index);
  }

  draw(card) {
    const place = Number(card.dataset.place);
    const isShown = (object) => this.isShown(object);
    fillFrame(this.frame(card), this.photos[place], this.pictures[place], this.colours, isShown);
  }

  fits(photo) {
    const { class: index, source, fold, score } = this.wanted;
    return (index === "" || photo.objects.some((object) => object[0] === Number(index)))
      && (source === "" || photo.source === source)
      && (fold === "" || photo.fold === fold)
      && (score === 0 || (photo.score !== null && photo.score >= score));
  }

  set(change) {
    Object.assign(this.wanted, change);
    this.arrange();
  }

  sort() {
    if (this.sorted === this.wanted.sort) return;
    this.sorted = this.wanted.sort;
    const key = SORTS.find(([name]) => name === this.sorted)[2];
    const keys = this.photos.map(key);
    this.places = this.photos.map((_, place) => place);
    this.places.sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b));
  }

  arrange() {
    this.sort();
    this.order = this.places.filter((place) => this.fits(this.photos[place]));
    this.sheets.fill(this.order.map((place) => this.cards[place]));
    const all = countOf(this.photos.length, "photo", "photos");
    this.count.textContent = this.order.length === this.photos.length
      ? all : `${this.order.length.toLocaleString("en")} of ${all}`;
    this.makeTabStop(this.order[0]);
  }

  // One card can be reached by Tab; from there the arrow keys lead on.
  makeTabStop(place) {
    this.grid.querySelector("button[tabindex='0']")?.setAttribute("tabindex", "-1");
    if (place !== undefined) this.button(place).tabIndex = 0;
  }

  button(place) {
    return this.cards[place].querySelector("button");
  }

  move(event) {
    const { columns } = this.sheets;
    const steps = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -Infinity, End: Infinity,
    };
    const card = event.target.closest("li");
    if (!(event.key in steps) || !card || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const now = this.order.indexOf(Number(card.dataset.place));
    const last = this.order.length - 1;
    this.focus(this.order[Math.max(0, Math.min(last, now + steps[event.key]))]);
  }

  focus(place) {
    this.makeTabStop(place);
    this.button(place).focus();
  }

  toggle(index, on) {
    if (on) this.off.delete(index);
    else this.off.add(index);
  }
}
