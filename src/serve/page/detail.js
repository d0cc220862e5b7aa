// The chosen instrument: its book, its values and its chart.

const FACTS = ["last_price", "last_size", "last_time", "open_price", "high_price", "low_price", "close_price", "settlement_price", "open_interest",
  "trade_volume", "nominal_volume", "effective_volume", "index_value", "auction_price"];
const PRICE = /_price$|^index_value$/;

function cell(tag, text, className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = className;
  return element;
}

function line(tag, ...cells) {
  const row = document.createElement("tr");
  row.append(...cells.map(([text, className]) => cell(tag, text, className)));
  return row;
}

function factText(name, row, format) {
  const quote = row.quote;
  if (name === "last_time") return format.longMoment(quote.ts_last == null ? null : quote.ts_last / 1e6);
  return PRICE.test(name) ? format.priceOf(row, quote[name]) : format.size(quote[name]);
}

export function drawFacts(list, row, texts, format) {
  list.replaceChildren(...FACTS.filter((name) => factText(name, row, format)).flatMap((name) => [cell("dt", texts[name]), cell("dd", factText(name, row, format))]));
}

export function drawBook(table, row, texts, format) {
  const bids = row.quote.bids ?? [], offers = row.quote.offers ?? [];
  table.setAttribute("aria-label", texts.book);
  table.tHead.replaceChildren(line("th", [texts.size], [texts.bids], [texts.offers], [texts.size]));
  if (!bids.length && !offers.length) {
    const empty = cell("td", texts.emptyBook, "none");
    empty.colSpan = 4;
    const emptyLine = document.createElement("tr");
    emptyLine.append(empty);
    table.tBodies[0].replaceChildren(emptyLine);
    return;
  }
  const largest = Math.max(...[...bids, ...offers].map((level) => level[1] ?? 0), 1);
  const levels = Array.from({ length: Math.max(bids.length, offers.length) }, (_, index) => {
    const bid = bids[index] ?? [], offer = offers[index] ?? [];
    const tr = line("td", [format.size(bid[1]), "size bid"], [format.priceOf(row, bid[0]), "bid"], [format.priceOf(row, offer[0]), "offer"], [format.size(offer[1]), "size offer"]);
    tr.firstChild.style.setProperty("--part", `${(100 * (bid[1] ?? 0)) / largest}%`);
    tr.lastChild.style.setProperty("--part", `${(100 * (offer[1] ?? 0)) / largest}%`);
    return tr;
  });
  table.tBodies[0].replaceChildren(...levels);
}
