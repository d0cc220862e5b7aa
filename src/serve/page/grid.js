// The table of quotes. Only the visible rows exist in the document, so that 10,000 instruments scroll smoothly.

import { changeOf } from "./quotes.js";

const ROW_PX = 28; // as in page.css
const EXTRA_ROWS = 8; // above and below the visible ones
const FLASH_MS = 900;
const HEAD_SCALE = 0.94; // of the font of the headings, as in page.css

/** "MERV - XMEV - GGAL - 24hs" as "GGAL 24hs", for a phone. */
function shortSymbol(symbol) {
  return symbol.replace(/^MERV - XMEV - /, "").replace(" - ", " ");
}

function lastMs(row) {
  return row.quote.ts_last == null ? null : row.quote.ts_last / 1e6;
}

/** What a column shows: `text` from a row, `of` the value whose change flashes it, `em`: its least width,
    `full`: a longer text, for the pointer. */
function price(name) {
  const text = (row, format) => format.priceOf(row, row.quote[name]);
  return { name, of: name, text, full: text };
}
function size(name) {
  return { name, of: name, text: (row, format) => format.shortSize(row.quote[name]), full: (row, format) => format.size(row.quote[name]) };
}
export const COLUMNS = [
  { name: "symbol", fixed: true, text: (row, format, nowMs, narrow) => (narrow ? shortSymbol(row.symbol) : row.symbol) },
  { name: "source", em: 3.4, text: (row) => row.quote.source ?? "" },
  { name: "age", em: 3.2, text: (row, format, nowMs) => format.age(nowMs - row.seenMs) },
  size("bid_size"), price("bid_price"), price("offer_price"), size("offer_size"),
  price("last_price"), size("last_size"),
  { name: "change", of: "last_price", text: (row, format) => format.percent(changeOf(row.quote)) },
  price("open_price"), price("high_price"), price("low_price"), price("close_price"), price("settlement_price"),
  size("open_interest"), size("trade_volume"), size("nominal_volume"), size("effective_volume"), price("index_value"), price("auction_price"),
  { name: "last_time", of: "ts_last", text: (row, format) => format.moment(lastMs(row)), full: (row, format) => format.longMoment(lastMs(row)) },
];
export const PHONE_COLUMNS = ["symbol", "age", "bid_price", "offer_price", "last_price"];
export const DEFAULT_COLUMNS = ["symbol", "source", "age", "bid_size", "bid_price", "offer_price", "offer_size", "last_price", "change", "trade_volume", "last_time"];

export class Grid {
  /** onOpen(symbol); onNarrow(): the screen became narrow or wide */
  constructor(elements, onOpen, onNarrow) {
    Object.assign(this, elements); // grid, head, body
    this.onOpen = onOpen;
    this.rows = [];
    this.pool = [];
    this.columns = [];
    this.selected = null;
    this.staleMs = Infinity;
    this.trades = () => true; // whether a row is expected to change now
    this.pen = document.createElement("canvas").getContext("2d");
    this.narrow = matchMedia("(max-width: 40rem)");
    this.narrow.addEventListener("change", onNarrow);
    this.grid.addEventListener("scroll", () => this.draw());
    this.grid.addEventListener("keydown", (event) => this.onKey(event));
    this.body.addEventListener("click", (event) => {
      const line = event.target.closest("[data-symbol]");
      if (line) this.open(line.dataset.symbol);
    });
    new ResizeObserver(() => this.draw()).observe(this.grid);
  }

  setLook(texts, format, chosen) {
    Object.assign(this, { texts, format });
    this.columns = COLUMNS.filter((column) => column.fixed || chosen.includes(column.name));
    this.widths = new Map(); // by name of the column: length and width of the longest text so far
    this.mustMeasure = true;
    const { fontSize, fontFamily } = getComputedStyle(this.grid);
    this.font = { em: parseFloat(fontSize), family: fontFamily };
    this.layOut();
    this.setRows(this.rows);
  }

  layOut() {
    this.head.replaceChildren(...this.columns.map((column, index) => {
      const cell = document.createElement("div");
      cell.setAttribute("role", "columnheader");
      cell.setAttribute("aria-colindex", index + 1);
      cell.className = `cell ${column.name}`;
      cell.textContent = this.texts[column.name];
      return cell;
    }));
    this.grid.setAttribute("aria-colcount", this.columns.length);
    this.body.replaceChildren();
    this.pool = [];
  }

  /** Notes a text of a column, which becomes wide enough for it; columns grow and do not shrink. */
  noteWidth(column, text) {
    const known = this.widths.get(column.name) ?? { length: 0, px: 0 };
    if (text.length < known.length) return;
    const px = Math.max(known.px, this.textWidth(text, column.fixed ? 600 : 400, 1));
    this.widths.set(column.name, { length: text.length, px });
    if (px > known.px) this.mustMeasure = true;
  }

  textWidth(text, weight, scale) {
    this.pen.font = `${weight} ${scale * this.font.em}px ${this.font.family}`;
    return this.pen.measureText(text).width;
  }

  /** Every line has the same widths: of the longest text of each column, and of its heading. */
  measure() {
    const em = this.font.em, most = (this.narrow.matches ? 8.4 : 25) * em;
    const widths = this.columns.map((column) => {
      const text = this.widths.get(column.name)?.px ?? 0;
      const heading = this.textWidth(this.texts[column.name], 600, HEAD_SCALE);
      return Math.ceil(Math.max(em * (column.em ?? 0), heading, Math.min(text, most))) + (this.narrow.matches ? 10 : 17);
    });
    this.mustMeasure = false;
    this.grid.style.setProperty("--columns", widths.map((px, index) => `minmax(${px}px, ${index ? 1 : 1.5}fr)`).join(" "));
    this.grid.style.setProperty("--least", `${widths.reduce((sum, px) => sum + px, 0)}px`);
  }

  setRows(rows) {
    this.rows = rows;
    const longest = rows.reduce((most, row) => (row.symbol.length > most.length ? row.symbol : most), "");
    this.noteWidth(COLUMNS[0], this.narrow.matches ? shortSymbol(longest) : longest);
    this.grid.setAttribute("aria-rowcount", rows.length + 1);
    this.body.style.height = `${rows.length * ROW_PX}px`;
    this.pointAtSelected();
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
    if (this.mustMeasure) this.measure();
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
    line.classList.toggle("old", nowMs - row.seenMs > this.staleMs && this.trades(row));
    for (const [at, column] of this.columns.entries()) {
      const cell = line.children[at];
      const text = column.text(row, this.format, nowMs, this.narrow.matches);
      if (cell.textContent !== text) {
        cell.textContent = text;
        cell.title = column.full?.(row, this.format) ?? (column.fixed ? row.symbol : "");
        this.noteWidth(column, text);
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

  /** For screen readers; returns the place of the selected row, -1 when it is not among the rows. */
  pointAtSelected() {
    const index = this.rows.findIndex((row) => row.symbol === this.selected);
    if (index >= 0) this.grid.setAttribute("aria-activedescendant", `row-${index}`);
    else this.grid.removeAttribute("aria-activedescendant");
    return index;
  }

  select(symbol) {
    this.selected = symbol;
    const index = this.pointAtSelected();
    if (index >= 0) {
      const top = index * ROW_PX, view = this.grid.clientHeight - this.head.offsetHeight;
      if (top < this.grid.scrollTop) this.grid.scrollTop = top;
      else if (top + ROW_PX > this.grid.scrollTop + view) this.grid.scrollTop = top + ROW_PX - view;
    }
    this.draw();
  }

  onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const at = this.rows.findIndex((row) => row.symbol === this.selected);
    const page = Math.max(1, Math.floor(this.grid.clientHeight / ROW_PX) - 2);
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: this.rows.length - 1 }[event.key];
    if (event.key === "Enter" && at >= 0) this.onOpen(this.selected);
    else if (to !== undefined && this.rows.length) this.select(this.rows[Math.min(Math.max(to, 0), this.rows.length - 1)].symbol);
    else return;
    event.preventDefault();
  }
}
