// The ingest of a stream, written as users would in Node: ws, JSON.parse or split(), better-sqlite3.
//   stream_node.js MODULES URL DB primary|matriz
const { open, login, ENTRIES } = require("./recorder_node.js");
const [modules, url, path, dialect] = process.argv.slice(2);
const WebSocket = require(modules + "/ws");
const record = open(modules, path);

async function primary() {
  const { token, products } = await login(url);
  const socket = new WebSocket(url.replace("http", "ws"), { headers: { "X-Auth-Token": token }, perMessageDeflate: false });
  socket.on("message", data => {
    const message = JSON.parse(data);
    if (message.type === "Md") record(message.instrumentId.symbol, message.marketData, message.timestamp);
  });
  socket.on("open", () => socket.send(JSON.stringify({ type: "smd", level: 1, depth: 5, entries: ENTRIES, products })));
}

// -- the browser terminal: "M:id|field|..." and "B:id!number!level!...", each a message or in a list

const last = new Map();
const number = text => text ? Number(text) : null;
const dated = (price, day) => price ? { price: Number(price), date: day ? Date.parse(day) : null } : undefined;

function onQuote(f) {
  const id = f[0].slice(2), old = last.get(id) || {};
  const best = (price, size, side) => price ? [{ price: Number(price), size: number(size) }, ...(side || []).slice(1)] : [];
  const m = { BI: best(f[3], f[2], old.BI), OF: best(f[4], f[5], old.OF),
    LA: f[6] ? { price: Number(f[6]), size: null, date: Date.parse(f[7]) } : undefined, TV: number(f[8]), EV: number(f[9]),
    NV: number(f[10]), LO: number(f[11]), HI: number(f[12]), OP: number(f[13]), OI: { size: number(f[14]) },
    SE: dated(f[17], f[18]), CL: dated(f[19], f[20]) };
  last.set(id, m);
  record(id, m, null);
}

function onBook(f) {
  const id = f[0].slice(2), BI = [], OF = [];
  for (const level of f.slice(2)) {
    const [bidSize, bid, offer, offerSize] = level.split("|");
    if (bid) BI.push({ price: Number(bid), size: number(bidSize) });
    if (offer) OF.push({ price: Number(offer), size: number(offerSize) });
  }
  const m = { ...last.get(id), BI, OF };
  last.set(id, m);
  record(id, m, null);
}

function onLine(line) {
  if (line.startsWith("M:")) onQuote(line.split("|"));
  else if (line.startsWith("B:")) onBook(line.split("!"));
}

async function matriz() {
  const profile = await (await fetch(url + "api/v2/profile")).json();
  const list = await (await fetch(url + "api/v2/ref-data")).json();
  const socket = new WebSocket(url.replace("http", "ws") + `ws?session_id=${profile.sessionId}&conn_id=${profile.connectionId}`,
    { perMessageDeflate: false });
  socket.on("message", data => {
    const text = data.toString();
    if (text[0] === "[") JSON.parse(text).forEach(onLine);
    else onLine(text);
  });
  socket.on("open", () => socket.send(JSON.stringify({ _req: "S", topicType: "md",
    topics: list.securities.map(s => "md." + s.id), replace: false })));
}

if (dialect === "matriz") matriz();
else primary();
