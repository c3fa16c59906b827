// The grid in sheets of 60 cards. One grid of 2,000 cards would take a second to lay out; of sheets,
// the browser lays out only those near the window, and still finds text in all of them.

// Divides by every number of columns that there can be.
const PER_SHEET = 60;
const NEAR_SHEETS = "900px";

class Sheets {
  constructor(grid) {
    this.grid = grid;
    this.columns = 1;
    this.observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) target.classList.toggle("near", isIntersecting);
    }, { rootMargin: NEAR_SHEETS });
    this.width = 0;
    new ResizeObserver(() => this.resize()).observe(grid);
  }

  fill(cards) {
    this.observer.disconnect();
    const sheets = [];
    for (let start = 0; start < cards.length; start += PER_SHEET) {
      const sheet = element("ul", undefined, start ? "" : "near");
      sheet.append(...cards.slice(start, start + PER_SHEET));
      sheets.push(sheet);
    }
    this.grid.replaceChildren(...sheets);
    this.measure();
    sheets.forEach((sheet) => this.observer.observe(sheet));
  }

  // Heights change all the time, as sheets are laid out; widths only with the window.
  resize() {
    if (this.width === this.grid.offsetWidth) return;
    this.width = this.grid.offsetWidth;
    this.measure();
  }

  // Tells the browser how tall the sheets are that it has not laid out.
  measure() {
    const first = this.grid.querySelector("li");
    if (!first) return;
    const style = getComputedStyle(first.parentElement);
    this.columns = style.gridTemplateColumns.split(" ").length;
    const row = first.offsetHeight + parseFloat(style.rowGap);
    for (const sheet of this.grid.children) {
      const rows = Math.ceil(sheet.children.length / this.columns);
      sheet.style.containIntrinsicBlockSize = `${rows * row}px`;
    }
  }
}
