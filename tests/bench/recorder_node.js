// What a recorder in Node keeps, as users would write it: better-sqlite3, a transaction per batch.
const COLUMNS = ["seq", "instrument_id", "changed", "source", "ts_recv", "ts_event", "bid_price", "bid_size",
  "offer_price", "offer_size", "last_price", "last_size", "ts_last", "open_price", "high_price", "low_price",
  "close_price", "close_day", "settlement_price", "settlement_day", "open_interest", "trade_volume",
  "nominal_volume", "effective_volume", "index_value", "auction_price", "bids", "offers"];

const day = cell => cell && cell.date ? Math.floor(cell.date / 86400000) : null;
const levels = side => side && side.length > 1 ? JSON.stringify(side.map(l => [l.price, l.size])) : null;

exports.open = (modules, path) => {
  const Database = require(modules + "/better-sqlite3");
  const db = new Database(path);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = NORMAL");
  db.exec(`create table instrument (id integer primary key, symbol text unique);
           create table snapshot (${COLUMNS.map((c, i) => i ? c : c + " integer primary key").join(", ")});
           create table quote (${COLUMNS.map(c => c === "instrument_id" ? c + " integer primary key" : c).join(", ")})`);
  const marks = COLUMNS.map(() => "?").join(", ");
  const insert = db.prepare(`insert into snapshot values (${marks})`);
  const upsert = db.prepare(`insert or replace into quote values (${marks})`);
  const addInstrument = db.prepare("insert into instrument (symbol) values (?)");

  const ids = new Map(), last = new Map();
  let rows = [], seq = 0, timer = null;

  const write = db.transaction(batch => {
    const newest = new Map();
    for (const row of batch) {
      insert.run(row);
      newest.set(row[1], row);
    }
    for (const row of newest.values()) upsert.run(row);
  });

  function flush() {
    clearTimeout(timer);
    timer = null;
    const batch = rows;
    rows = [];
    write(batch);
  }

  // `m`: market data in the form of the Primary API; `time`: of the message, ms.
  return function record(symbol, m, time) {
    const text = JSON.stringify(m);
    if (last.get(symbol) === text) return;
    last.set(symbol, text);
    let id = ids.get(symbol);
    if (!id) ids.set(symbol, id = addInstrument.run(symbol).lastInsertRowid);
    const bid = m.BI && m.BI[0] || {}, offer = m.OF && m.OF[0] || {}, la = m.LA || {};
    rows.push([++seq, id, 0, 2, Date.now() * 1000000, time ? time * 1000000 : null, bid.price ?? null, bid.size ?? null,
      offer.price ?? null, offer.size ?? null, la.price ?? null, la.size ?? null, la.date ? la.date * 1000000 : null,
      m.OP ?? null, m.HI ?? null, m.LO ?? null, m.CL ? m.CL.price : null, day(m.CL), m.SE ? m.SE.price : null, day(m.SE),
      m.OI ? m.OI.size : null, m.TV ?? null, m.NV ?? null, m.EV ?? null, m.IV ? m.IV.price ?? null : null,
      m.ACP ? m.ACP.price ?? null : null, levels(m.BI), levels(m.OF)]);
    if (rows.length >= 1000) flush();
    else if (!timer) timer = setTimeout(flush, 250);
  };
};

exports.ENTRIES = ["BI", "OF", "LA", "OP", "CL", "SE", "HI", "LO", "TV", "OI", "EV", "NV", "IV", "ACP"];

exports.login = async url => {
  const answer = await fetch(url + "auth/getToken", { method: "POST", headers: { "X-Username": "demo", "X-Password": "demo" } });
  const token = answer.headers.get("X-Auth-Token");
  const list = await (await fetch(url + "rest/instruments/all", { headers: { "X-Auth-Token": token } })).json();
  return { token, products: list.instruments.map(i => i.instrumentId) };
};
