// The present quotes, as the page knows them, and the choice of those to show.
//
// Filled from the events of cinta. The first events come in the order of symbols (product, then maturity); a quote that
// appears later gets its place from its neighbour in `order`.

import { decimalsOf } from "./format.js";

const PRICES = ["bid_price", "offer_price", "last_price", "open_price", "high_price", "low_price", "close_price", "settlement_price", "auction_price", "index_value"];

/** Whether the pieces occur in the text, one after the other. */
function hasPieces(text, pieces) {
  let at = 0;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return true;
}

/** "dlr dic" and "DLR/D*" match DLR/DIC26: each word must be found, * stands for any text. */
export function makeFilter(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean).map((word) => word.split("*"));
  return (symbol) => words.every((pieces) => hasPieces(symbol.toLowerCase(), pieces));
}

/** Futures of one product have the same decimals, its options too, and a bond or share at each settlement date. */
function productName(symbol) {
  const slash = symbol.indexOf("/"), date = symbol.lastIndexOf(" - ");
  if (slash < 0) return date < 0 ? symbol : symbol.slice(0, date);
  return symbol.slice(0, slash) + (symbol.includes(" ", slash) ? " option" : "");
}

/** `turn` is 0 and 1 in turn, so that each change can be told from the one before. */
function note(changed, name, up, atMs) {
  changed.set(name, { up, atMs, turn: 1 - (changed.get(name)?.turn ?? 1) });
}

export class Quotes {
  constructor() {
    this.bySymbol = new Map();
    this.products = new Map(); // by name: { decimals }, for instruments whose own are not known
    this.sorted = [];
    this.isSorted = true;
    this.connections = 0;
  }

  /** A new connection sends all quotes again. The present ones are kept until it has. */
  connected() {
    this.connections++;
  }

  /** It has sent all quotes: the others are not recorded any more. */
  completed() {
    for (const row of this.sorted) if (row.connection !== this.connections) this.bySymbol.delete(row.symbol);
    this.sorted = this.sorted.filter((row) => row.connection === this.connections);
  }

  gone(symbol) {
    this.bySymbol.delete(symbol);
    this.sorted = this.sorted.filter((row) => row.symbol !== symbol);
  }

  makeRow(symbol) {
    const name = productName(symbol), product = this.products.get(name) ?? { decimals: 0 };
    const row = { symbol, product, quote: {}, changed: new Map() };
    this.products.set(name, product);
    this.bySymbol.set(symbol, row);
    this.sorted.push(row);
    return row;
  }

  /** Takes a quote event; the values that changed are in row.changed. Returns whether the list of rows is another one. */
  take(event, nowMs) {
    const known = this.bySymbol.get(event.symbol), row = known ?? this.makeRow(event.symbol);
    for (const name of known ? Object.keys(event) : []) {
      const before = row.quote[name], after = event[name];
      if (typeof after === "number" && typeof before === "number" && before !== after) note(row.changed, name, after > before, nowMs);
      else if (before !== after && (before === null || after === null)) note(row.changed, name, after !== null, nowMs);
    }
    const moved = row.order !== event.order;
    if (moved) this.isSorted = false;
    Object.assign(row, { quote: event, order: event.order, decimals: event.decimals, seenMs: nowMs - event.ageMs, connection: this.connections });
    row.product.decimals = Math.max(row.product.decimals, event.decimals ?? Math.max(...PRICES.map((name) => decimalsOf(event[name]))));
    return moved;
  }

  /** The broker confirmed these instruments: their values are as they were. */
  seen(symbols, nowMs) {
    for (const symbol of symbols) {
      const row = this.bySymbol.get(symbol);
      if (row) row.seenMs = nowMs;
    }
  }

  matching(text) {
    if (!this.isSorted) {
      this.sorted.sort((a, b) => a.order - b.order || (a.symbol < b.symbol ? -1 : 1));
      this.isSorted = true;
    }
    const matches = makeFilter(text);
    return text.trim() ? this.sorted.filter((row) => matches(row.symbol)) : this.sorted;
  }

  get count() {
    return this.sorted.length;
  }
}

/** Change of the last price against the settlement of the day before, or the close where there is none. */
export function changeOf(quote) {
  const before = quote.settlement_price ?? quote.close_price;
  return quote.last_price == null || !before ? null : quote.last_price / before - 1;
}
