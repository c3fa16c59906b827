// Cards of the gallery. Pictures and masks exist only near the window, and are drawn a few at a
// time, so that 2,000 photos scroll as 20 do.

const MARGIN = "500px";
const FRAME_MS = 7;

function element(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function countOf(number, one, many) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

function frameOf(photo) {
  const frame = element("span", undefined, photo.fault === null ? "frame" : "frame missing");
  const image = element("img");
  image.alt = "";
  image.decoding = "async";
  const canvas = element("canvas");
  canvas.width = canvas.height = 0;
  frame.append(image, canvas);
  if (photo.fault !== null) frame.append(element("span", `photo: ${photo.fault}`, "fault"));
  return frame;
}

function fillFrame(frame, photo, picture, colours, isShown) {
  const [image, canvas] = frame.children;
  if (picture && !image.hasAttribute("src")) image.src = `data:image/webp;base64,${picture}`;
  drawMasks(canvas, photo, colours, isShown);
}

function emptyFrame(frame) {
  const [image, canvas] = frame.children;
  image.removeAttribute("src");
  canvas.width = canvas.height = 0;
}

function objectsOf(photo) {
  return photo.objects.filter(([index]) => index !== IGNORED);
}

// How many objects of each class, in the order of classes.
function classCounts(photo) {
  const counts = new Map();
  for (const [index] of objectsOf(photo)) counts.set(index, (counts.get(index) ?? 0) + 1);
  return new Map([...counts].sort((a, b) => a[0] - b[0]));
}

function makeCard(photo, place, classes) {
  const card = element("li");
  card.dataset.place = place;
  const button = element("button");
  button.type = "button";
  button.tabIndex = -1;
  const words = countOf(objectsOf(photo).length + photo.unshown, "object", "objects");
  const named = [...classCounts(photo)].map(([index, count]) => `${count} ${classes[index].name}`);
  const score = photo.score === null ? [] : [`score ${photo.score.toFixed(2)}`];
  const source = photo.source === "real" ? [] : [photo.source];
  button.setAttribute("aria-label", [photo.name, ...source, words, ...named, ...score].join(", "));
  button.append(frameOf(photo));
  const caption = element("p", undefined, "caption");
  const file = element("span", photo.name, "file");
  file.title = photo.name;
  const note = element("span", undefined, "note");
  note.append(element("span", words));
  if (photo.source !== "real") note.append(element("span", photo.source, `badge ${photo.source}`));
  if (score.length) note.append(element("span", score[0]));
  caption.append(file, note);
  card.append(button, caption);
  return card;
}

// Calls `draw` for the cards near the window, never for longer than a part of a frame at a time.
class NearbyCards {
  constructor(draw, empty) {
    this.near = new Set();
    this.waiting = new Set();
    this.draw = draw;
    this.empty = empty;
    this.planned = false;
    this.observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) {
          this.near.add(target);
          this.waiting.add(target);
        } else if (this.near.delete(target)) {
          this.waiting.delete(target);
          this.empty(target);
        }
      }
      this.plan();
    }, { rootMargin: MARGIN });
  }

  watch(card) {
    this.observer.observe(card);
  }

  redraw() {
    this.waiting = new Set(this.near);
    this.plan();
  }

  plan() {
    if (this.planned || !this.waiting.size) return;
    this.planned = true;
    requestAnimationFrame(() => {
      this.planned = false;
      const end = performance.now() + FRAME_MS;
      for (const card of this.waiting) {
        this.waiting.delete(card);
        this.draw(card);
        if (performance.now() > end) break;
      }
      this.plan();
    });
  }
}
