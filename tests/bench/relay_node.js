// A relay as users would write it in Node: ws, JSON.parse, JSON.stringify for each client. It records nothing.
//   relay_node.js MODULES URL READY_FILE
const fs = require("fs");
const [modules, url, ready] = process.argv.slice(2);
const WebSocket = require(modules + "/ws");

const clients = new Set(), last = new Map();

function pick(message, client) {
  const marketData = {};
  for (const entry of client.entries) {
    const value = message.marketData[entry];
    marketData[entry] = Array.isArray(value) ? value.slice(0, client.depth) : value;
  }
  return { type: "Md", timestamp: Date.now(), instrumentId: message.instrumentId, marketData };
}

function onBroker(data) {
  const message = JSON.parse(data);
  if (message.type !== "Md") return;
  const symbol = message.instrumentId.symbol;
  last.set(symbol, message);
  for (const client of clients)
    if (client.symbols.has(symbol)) client.send(JSON.stringify(pick(message, client)));
}

function onClient(client) {
  client.symbols = new Set();
  clients.add(client);
  client.on("close", () => clients.delete(client));
  client.on("message", data => {
    const request = JSON.parse(data);
    client.entries = request.entries;
    client.depth = request.depth;
    for (const { symbol } of request.products) {
      client.symbols.add(symbol);
      if (last.has(symbol)) client.send(JSON.stringify(pick(last.get(symbol), client)));
    }
  });
}

function listen() {
  const server = new WebSocket.Server({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  server.on("connection", onClient);
  server.on("listening", () => {
    fs.writeFileSync(ready + ".new", String(server.address().port));
    fs.renameSync(ready + ".new", ready);
  });
}

async function main() {
  const login = await fetch(url + "auth/getToken", { method: "POST", headers: { "X-Username": "demo", "X-Password": "demo" } });
  const token = login.headers.get("X-Auth-Token");
  const list = await (await fetch(url + "rest/instruments/all", { headers: { "X-Auth-Token": token } })).json();
  const socket = new WebSocket(url.replace("http", "ws"), { headers: { "X-Auth-Token": token }, perMessageDeflate: false });
  socket.on("message", data => {
    onBroker(data);
    if (last.size === list.instruments.length && !listen.done) listen(listen.done = true);
  });
  socket.on("open", () => socket.send(JSON.stringify({
    type: "smd", level: 1, depth: 5,
    entries: ["BI", "OF", "LA", "OP", "CL", "SE", "HI", "LO", "TV", "OI", "EV", "NV", "IV", "ACP"],
    products: list.instruments.map(i => i.instrumentId)
  })));
}
main();
