// Masks: read from text, painted on a canvas. trashdata/report/runs.py writes the text.

const PASTED = 1, PSEUDO = 2;
const IGNORED = -1;
const FILL = 105;
const HATCH_DARK = (150 << 24) | 0x464646, HATCH_LIGHT = (150 << 24) | 0xbebebe;

const digitOf = new Uint8Array(128);
[..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].forEach((letter, digit) => {
  digitOf[letter.charCodeAt(0)] = digit;
});

function readNumbers(text) {
  const numbers = [];
  let value = 0, shift = 0;
  for (let k = 0; k < text.length; k++) {
    const digit = digitOf[text.charCodeAt(k)];
    value += (digit & 31) * 2 ** shift;
    if (digit & 32) {
      shift += 5;
    } else {
      numbers.push(value);
      value = shift = 0;
    }
  }
  return numbers;
}

// Writes `number` wherever the mask is set, in a map of photos `width` pixels wide.
function fillMask(owners, width, text, number) {
  const numbers = readNumbers(text);
  const wide = numbers[2];
  const corner = numbers[1] * width + numbers[0];
  let row = 0, column = 0;
  for (let k = 4; k < numbers.length; k++) {
    let left = numbers[k];
    while (left > 0) {
      const span = Math.min(left, wide - column);
      if (k % 2) {
        const start = corner + row * width + column;
        owners.fill(number, start, start + span);
      }
      left -= span;
      column += span;
      if (column === wide) {
        column = 0;
        row++;
      }
    }
  }
}

// Which object is seen at each pixel: 0 for none, else 1 + its place.
function ownersOf(photo, isShown) {
  const [width, height] = photo.small;
  const owners = new Uint16Array(width * height);
  photo.objects.forEach((object, place) => {
    if (isShown(object, place)) fillMask(owners, width, object[3], place + 1);
  });
  return owners;
}

// What an object's inner pixels and its edge look like, as one number each: alpha, blue, green, red.
function shadesOf([index, flags], colours) {
  const [red, green, blue] = colours[index];
  const colour = (blue << 16) | (green << 8) | red;
  return [(FILL << 24) | colour, (255 << 24) | (flags & PASTED ? 0xffffff : colour)];
}

// The edge of an object is opaque, that of a pasted one white; ignored regions are hatched.
function drawMasks(canvas, photo, colours, isShown) {
  const [width, height] = photo.small;
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(width, height);
  const out = new Int32Array(picture.data.buffer);
  const owners = ownersOf(photo, isShown);
  const shades = photo.objects.map((object) =>
    (object[0] === IGNORED ? null : shadesOf(object, colours)));
  const reach = Math.max(width, height) > 280 ? 2 : 1;
  for (let y = 0, p = 0; y < height; y++) {
    const inside = y >= reach && y < height - reach;
    for (let x = 0; x < width; x++, p++) {
      const owner = owners[p];
      if (owner === 0) continue;
      const shade = shades[owner - 1];
      if (shade === null) {
        out[p] = (x + y) & 4 ? HATCH_DARK : HATCH_LIGHT;
        continue;
      }
      const edge = !inside || x < reach || x >= width - reach
        || owners[p - reach] !== owner || owners[p + reach] !== owner
        || owners[p - reach * width] !== owner || owners[p + reach * width] !== owner;
      out[p] = shade[edge ? 1 : 0];
    }
  }
  context.putImageData(picture, 0, 0);
}
