// The table of quotes. Only the visible rows exist in the document, so that 10,000 instruments scroll smoothly.

import { changeOf } from "./quotes.js";

const ROW_PX = 28; // as in page.css
const EXTRA_ROWS = 8; // above and below the visible ones
const FLASH_MS = 900;
const HEAD_EM = 0.6; // the mean width of a letter of a heading

/** "MERV - XMEV - GGAL - 24hs" as "GGAL 24hs", for a phone. */
function shortSymbol(symbol) {
  return symbol.replace(/^MERV - XMEV - /, "").replace(" - ", " ");
}

/** What a column shows: `text` from a row, `of` the value whose change flashes it, `narrow`: also on a phone, `em`: its least width,
    `full`: a longer text, for the pointer. */
function price(name, narrow) {
  return { name, of: name, narrow, text: (row, format) => format.price(row.quote[name], row.decimals) };
}
function size(name) {
  return { name, of: name, text: (row, format) => format.shortSize(row.quote[name]), full: (row, format) => format.size(row.quote[name]) };
}
export const COLUMNS = [
  { name: "symbol", narrow: true, fixed: true, text: (row, format, nowMs, narrow) => (narrow ? shortSymbol(row.symbol) : row.symbol) },
  { name: "source", em: 5.2, text: (row) => row.quote.source ?? "" },
  { name: "age", narrow: true, em: 3.9, text: (row, format, nowMs) => format.age(nowMs - row.seenMs) },
  size("bid_size"), price("bid_price", true), price("offer_price", true), size("offer_size"),
  price("last_price", true), size("last_size"),
  { name: "change", of: "last_price", text: (row, format) => format.percent(changeOf(row.quote)) },
  price("open_price"), price("high_price"), price("low_price"), price("close_price"), price("settlement_price"),
  size("open_interest"), size("trade_volume"), size("nominal_volume"), size("effective_volume"), size("index_value"), price("auction_price"),
  { name: "last_time", of: "ts_last", text: (row, format) => format.time(row.quote.ts_last == null ? null : row.quote.ts_last / 1e6) },
];
export const DEFAULT_COLUMNS = ["symbol", "source", "age", "bid_size", "bid_price", "offer_price", "offer_size", "last_price", "change", "trade_volume", "last_time"];

export class Grid {
  constructor(elements, onOpen) {
    Object.assign(this, elements); // grid, head, body
    this.onOpen = onOpen;
    this.rows = [];
    this.pool = [];
    this.columns = [];
    this.symbolEm = 8;
    this.selected = null;
    this.staleMs = Infinity;
    this.narrow = matchMedia("(max-width: 40rem)");
    this.narrow.addEventListener("change", () => {
      this.setRows(this.rows);
      this.layOut();
    });
    this.grid.addEventListener("scroll", () => this.draw());
    this.grid.addEventListener("keydown", (event) => this.onKey(event));
    this.body.addEventListener("click", (event) => {
      const line = event.target.closest("[data-symbol]");
      if (line) this.open(line.dataset.symbol);
    });
    new ResizeObserver(() => this.draw()).observe(this.grid);
  }

  setLook(texts, format, chosen) {
    Object.assign(this, { texts, format, chosen });
    this.layOut();
  }

  layOut() {
    this.columns = COLUMNS.filter((column) => (this.narrow.matches ? column.narrow : column.fixed || this.chosen.includes(column.name)));
    this.head.replaceChildren(...this.columns.map((column, index) => {
      const cell = document.createElement("div");
      cell.setAttribute("role", "columnheader");
      cell.setAttribute("aria-colindex", index + 1);
      cell.className = `cell ${column.name}`;
      cell.textContent = this.texts[column.name];
      return cell;
    }));
    this.measure();
    this.grid.setAttribute("aria-colcount", this.columns.length);
    this.body.replaceChildren();
    this.pool = [];
    this.draw();
  }

  /** Every line has the same column widths: the symbols' longest, and a width for each heading and kind of value. */
  measure() {
    const em = parseFloat(getComputedStyle(this.grid).fontSize), least = this.narrow.matches ? 4.8 : 6;
    const widths = this.columns.map((column) => em * (column.fixed ? this.symbolEm : Math.max(column.em ?? least, this.texts[column.name].length * HEAD_EM + (this.narrow.matches ? 0.8 : 1.2))));
    this.grid.style.setProperty("--columns", widths.map((px, index) => `minmax(${px}px, ${index ? 1 : 1.5}fr)`).join(" "));
    this.grid.style.setProperty("--least", `${widths.reduce((sum, px) => sum + px, 0)}px`);
  }

  setRows(rows) {
    this.rows = rows;
    const longest = rows.reduce((most, row) => Math.max(most, row.symbol.length), 8);
    if (longest !== this.longest || this.wasNarrow !== this.narrow.matches) {
      Object.assign(this, { longest, wasNarrow: this.narrow.matches });
      this.symbolEm = this.narrow.matches ? 7.4 : Math.min(longest, 40) * 0.62 + 1.4;
      this.measure();
    }
    this.grid.setAttribute("aria-rowcount", rows.length + 1);
    this.body.style.height = `${rows.length * ROW_PX}px`;
    this.draw();
  }

  makeLine() {
    const line = document.createElement("div");
    line.className = "line";
    line.setAttribute("role", "row");
    for (const [index, column] of this.columns.entries()) {
      const cell = document.createElement("div");
      cell.setAttribute("role", column.fixed ? "rowheader" : "gridcell");
      cell.setAttribute("aria-colindex", index + 1);
      cell.className = `cell ${column.name}`;
      line.append(cell);
    }
    this.body.append(line);
    return line;
  }

  /** Draws the visible rows. Called for each frame in which something changed, and four times a second for the ages. */
  draw() {
    if (!this.columns.length) return;
    const nowMs = performance.now();
    const first = Math.max(0, Math.floor(this.grid.scrollTop / ROW_PX) - EXTRA_ROWS);
    const last = Math.min(this.rows.length, Math.ceil((this.grid.scrollTop + this.grid.clientHeight) / ROW_PX) + EXTRA_ROWS);
    while (this.pool.length < last - first) this.pool.push(this.makeLine());
    const size = this.pool.length;
    for (const [slot, line] of this.pool.entries()) {
      const index = first + ((((slot - first) % size) + size) % size); // a row keeps its line while it is visible
      if (line.hidden !== index >= last) line.hidden = index >= last;
      if (index < last) this.fill(line, this.rows[index], index, nowMs);
    }
  }

  place(line, row, index) {
    Object.assign(line, { row, index });
    line.style.transform = `translateY(${index * ROW_PX}px)`;
    line.dataset.symbol = row.symbol;
    line.id = `row-${index}`;
    line.setAttribute("aria-rowindex", index + 2);
  }

  fill(line, row, index, nowMs) {
    if (line.row !== row || line.index !== index) this.place(line, row, index);
    const selected = String(row.symbol === this.selected);
    if (line.getAttribute("aria-selected") !== selected) line.setAttribute("aria-selected", selected);
    line.classList.toggle("old", nowMs - row.seenMs > this.staleMs);
    for (const [at, column] of this.columns.entries()) {
      const cell = line.children[at];
      const text = column.text(row, this.format, nowMs, this.narrow.matches);
      if (cell.textContent !== text) {
        cell.textContent = text;
        cell.title = column.full?.(row, this.format) ?? (column.fixed ? row.symbol : "");
      }
      const change = column.of && row.changed.get(column.of);
      const flash = change && nowMs - change.atMs < FLASH_MS ? `${change.up ? "up" : "down"}${change.turn}` : "";
      if (cell.dataset.flash !== flash) cell.dataset.flash = flash;
    }
  }

  open(symbol) {
    this.select(symbol);
    this.onOpen(symbol);
  }

  select(symbol) {
    this.selected = symbol;
    const index = this.rows.findIndex((row) => row.symbol === symbol);
    if (index >= 0) {
      const top = index * ROW_PX, view = this.grid.clientHeight - this.head.offsetHeight;
      if (top < this.grid.scrollTop) this.grid.scrollTop = top;
      else if (top + ROW_PX > this.grid.scrollTop + view) this.grid.scrollTop = top + ROW_PX - view;
      this.grid.setAttribute("aria-activedescendant", `row-${index}`);
    }
    this.draw();
  }

  onKey(event) {
    const at = this.rows.findIndex((row) => row.symbol === this.selected);
    const page = Math.max(1, Math.floor(this.grid.clientHeight / ROW_PX) - 2);
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: this.rows.length - 1 }[event.key];
    if (event.key === "Enter" && at >= 0) this.onOpen(this.selected);
    else if (to !== undefined && this.rows.length) this.select(this.rows[Math.min(Math.max(to, 0), this.rows.length - 1)].symbol);
    else return;
    event.preventDefault();
  }
}
