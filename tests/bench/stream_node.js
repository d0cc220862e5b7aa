// The same task, written as users would in Node: ws, JSON.parse, better-sqlite3, a transaction per batch.
//   stream_node.js MODULES URL DB
const [modules, url, path] = process.argv.slice(2);
const WebSocket = require(modules + "/ws");
const Database = require(modules + "/better-sqlite3");

const COLUMNS = ["seq", "instrument_id", "changed", "source", "ts_recv", "ts_event", "bid_price", "bid_size",
  "offer_price", "offer_size", "last_price", "last_size", "ts_last", "open_price", "high_price", "low_price",
  "close_price", "close_day", "settlement_price", "settlement_day", "open_interest", "trade_volume",
  "nominal_volume", "effective_volume", "index_value", "auction_price", "bids", "offers"];
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

const day = cell => cell && cell.date ? Math.floor(cell.date / 86400000) : null;
const levels = side => side && side.length > 1 ? JSON.stringify(side.map(l => [l.price, l.size])) : null;

function onMessage(data) {
  const message = JSON.parse(data);
  if (message.type !== "Md") return;
  const symbol = message.instrumentId.symbol, m = message.marketData;
  const text = JSON.stringify(m);
  if (last.get(symbol) === text) return;
  last.set(symbol, text);
  let id = ids.get(symbol);
  if (!id) ids.set(symbol, id = addInstrument.run(symbol).lastInsertRowid);
  const bid = m.BI && m.BI[0] || {}, offer = m.OF && m.OF[0] || {}, la = m.LA || {};
  rows.push([++seq, id, 0, 2, Date.now() * 1000000, message.timestamp * 1000000, bid.price ?? null, bid.size ?? null,
    offer.price ?? null, offer.size ?? null, la.price ?? null, la.size ?? null, la.date ? la.date * 1000000 : null,
    m.OP ?? null, m.HI ?? null, m.LO ?? null, m.CL ? m.CL.price : null, day(m.CL), m.SE ? m.SE.price : null, day(m.SE),
    m.OI ? m.OI.size : null, m.TV ?? null, m.NV ?? null, m.EV ?? null, m.IV ?? null, m.ACP ?? null, levels(m.BI),
    levels(m.OF)]);
  if (rows.length >= 1000) flush();
  else if (!timer) timer = setTimeout(flush, 250);
}

async function main() {
  const login = await fetch(url + "auth/getToken", { method: "POST", headers: { "X-Username": "demo", "X-Password": "demo" } });
  const token = login.headers.get("X-Auth-Token");
  const list = await (await fetch(url + "rest/instruments/all", { headers: { "X-Auth-Token": token } })).json();
  const socket = new WebSocket(url.replace("http", "ws"), { headers: { "X-Auth-Token": token }, perMessageDeflate: false });
  socket.on("message", onMessage);
  socket.on("open", () => socket.send(JSON.stringify({
    type: "smd", level: 1, depth: 5,
    entries: ["BI", "OF", "LA", "OP", "CL", "SE", "HI", "LO", "TV", "OI", "EV", "NV", "IV", "ACP"],
    products: list.instruments.map(i => i.instrumentId)
  })));
}
main();
