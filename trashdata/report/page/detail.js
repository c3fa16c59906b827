// One photo in a dialog: large, with its objects, and for a synthetic one what it was made of.

class Detail {
  constructor(gallery) {
    this.gallery = gallery;
    this.dialog = document.getElementById("detail");
    this.place = 0;
    const step = (id, by) => document.getElementById(id).addEventListener("click", () => this.step(by));
    step("previous", -1);
    step("next", 1);
    document.getElementById("close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => {
      if (this.gallery.order.includes(this.place)) this.gallery.focus(this.place);
    });
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") this.step(-1);
      if (event.key === "ArrowRight") this.step(1);
    });
  }

  open(place) {
    this.show(place);
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.scrollTop = 0;
  }

  step(by) {
    const { order } = this.gallery;
    const next = order[order.indexOf(this.place) + by];
    if (next !== undefined) this.open(next);
  }

  show(place) {
    this.place = place;
    const photo = this.gallery.photos[place];
    document.getElementById("detail-name").textContent = photo.name;
    document.getElementById("detail-note").textContent = this.note(photo);
    const frame = document.getElementById("detail-frame");
    frame.replaceChildren(...this.filled(place, (object) => this.gallery.isShown(object)).childNodes);
    frame.classList.toggle("missing", photo.fault !== null);
    const ratio = photo.small[0] / photo.small[1];
    frame.style.aspectRatio = ratio;
    frame.style.setProperty("--ratio", ratio);
    this.showObjects(photo);
    this.showParts(photo);
    const at = this.gallery.order.indexOf(place);
    this.enable("previous", at > 0);
    this.enable("next", at < this.gallery.order.length - 1);
  }

  // A button that is disabled would take the focus out of the dialog.
  enable(id, on) {
    const button = document.getElementById(id);
    if (!on && document.activeElement === button) document.getElementById("close").focus();
    button.disabled = !on;
  }

  filled(place, isShown) {
    const { pictures, colours } = this.gallery;
    const photo = this.gallery.photoAt(place);
    const frame = frameOf(photo);
    fillFrame(frame, photo, pictures[place], colours, isShown);
    return frame;
  }

  note(photo) {
    const words = [`${photo.size[0]} × ${photo.size[1]} pixels`, `image ${photo.id}`, photo.source];
    if (photo.score !== null) words.push(`mean score ${photo.score.toFixed(2)}`);
    if (photo.unshown) words.push(`${photo.unshown} small objects without a mask`);
    return words.join(" · ");
  }

  showObjects(photo) {
    const table = document.getElementById("detail-objects");
    const rows = [...classCounts(photo)].map(([index, count]) => {
      const row = element("tr");
      const name = element("th");
      name.scope = "row";
      const { colour, name: text } = this.gallery.classes[index];
      name.append(swatch(colour), text);
      row.append(name, element("td", count, "num"), element("td", this.origin(photo, index)));
      return row;
    });
    table.hidden = !rows.length;
    table.tBodies[0].replaceChildren(...rows);
  }

  origin(photo, wanted) {
    const own = photo.objects.filter(([index]) => index === wanted);
    const pasted = own.filter(([, flags]) => flags & PASTED).length;
    const guessed = own.filter(([, flags]) => flags & PSEUDO).length;
    const scores = own.map((object) => object[2]).filter((score) => score !== null);
    const words = [];
    if (pasted) words.push(`${pasted} pasted`);
    if (guessed) words.push(`${guessed} pseudo`);
    if (scores.length) {
      const ends = [Math.min(...scores), Math.max(...scores)].map((score) => score.toFixed(2));
      words.push(`score ${ends[0] === ends[1] ? ends[0] : ends.join("–")}`);
    }
    return words.join(", ") || "–";
  }

  showParts(photo) {
    const block = document.getElementById("detail-parts");
    block.hidden = !photo.parts.length;
    block.querySelector("ul").replaceChildren(...photo.parts.map((part) => this.part(part)));
  }

  part(part) {
    const item = element("li");
    if (part.photo !== null) {
      const only = part.role === "donor" ? new Set(part.objects) : null;
      const isShown = (object, place) => (only ? only.has(place) : false);
      item.append(this.filled(part.photo, isShown));
    }
    const names = part.classes.map((index) => this.gallery.classes[index].name).join(", ");
    const text = element("p");
    text.append(element("b", part.role === "donor" ? `Donor of ${names}` : "Background"));
    text.append(element("br"), element("span", part.name, "dim"));
    if (part.photo === null) text.append(element("span", ", not shown here", "dim"));
    item.append(text);
    return item;
  }
}
