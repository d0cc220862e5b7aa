// The present quotes, as the page knows them, and the choice of those to show.
//
// Filled from the events of cinta. The first events come in the order of symbols (product, then maturity); a quote that
// appears later gets its place from its neighbour in `order`.

import { decimalsOf } from "./format.js";

const PRICES = ["bid_price", "offer_price", "last_price", "open_price", "high_price", "low_price", "close_price", "settlement_price"];

/** "dlr dic" and "DLR/D*" match DLR/DIC26: each word must be found, * stands for any text. */
export function makeFilter(text) {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const patterns = words.map((word) => new RegExp(word.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")));
  return (symbol) => patterns.every((pattern) => pattern.test(symbol.toLowerCase()));
}

/** `turn` is 0 and 1 in turn, so that each change can be told from the one before. */
function note(changed, name, up, atMs) {
  changed.set(name, { up, atMs, turn: 1 - (changed.get(name)?.turn ?? 1) });
}

export class Quotes {
  constructor() {
    this.bySymbol = new Map();
    this.sorted = [];
    this.isSorted = true;
  }

  /** A new connection sends all quotes again; instruments that are not recorded any more are not among them. */
  clear() {
    this.bySymbol.clear();
    this.sorted = [];
  }

  /** Takes a quote event; returns the row, with the names of the values that changed in row.changed. */
  take(event, nowMs) {
    let row = this.bySymbol.get(event.symbol);
    if (!row) {
      row = { symbol: event.symbol, quote: {}, decimals: 0, changed: new Map() };
      this.bySymbol.set(event.symbol, row);
      this.sorted.push(row);
      this.isSorted = false;
    } else {
      for (const name of Object.keys(event)) {
        const before = row.quote[name], after = event[name];
        if (typeof after === "number" && typeof before === "number" && before !== after) note(row.changed, name, after > before, nowMs);
        else if (before !== after && (before === null || after === null)) note(row.changed, name, after !== null, nowMs);
      }
    }
    row.quote = event;
    row.order = event.order ?? row.order ?? Number.MAX_SAFE_INTEGER;
    row.seenMs = nowMs - event.ageMs;
    for (const name of PRICES) if (event[name] != null) row.decimals = Math.max(row.decimals, decimalsOf(event[name]));
    return row;
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
