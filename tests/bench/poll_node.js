// Polling, written as users would in Node: undici with kept-alive connections, JSON.parse, better-sqlite3.
//   poll_node.js MODULES URL DB RATE IN_FLIGHT
const { open, login, ENTRIES } = require("./recorder_node.js");
const [modules, url, path, rate, inFlight] = process.argv.slice(2);
const { Pool } = require(modules + "/undici");

async function main() {
  const record = open(modules, path);
  const { token, products } = await login(url);
  const pool = new Pool(url, { connections: Number(inFlight) });
  const headers = { "X-Auth-Token": token, Accept: "application/json" };
  const paths = products.map(p => "/rest/marketdata/get?" + new URLSearchParams({ marketId: "ROFX", symbol: p.symbol,
    entries: ENTRIES.join(","), depth: 5 }));
  let next = 0, waiting = 0, sent = 0;

  async function poll(n) {
    waiting++;
    const { body } = await pool.request({ path: paths[n], method: "GET", headers });
    const message = await body.json();
    waiting--;
    if (message.status === "OK") record(products[n].symbol, message.marketData, null);
  }

  const began = Date.now();
  setInterval(() => {
    const due = Math.floor((Date.now() - began) * rate / 1000);
    for (; sent < due && waiting < inFlight; sent++, next = (next + 1) % paths.length) poll(next);
    sent = Math.max(sent, due - rate); // more than a second late is lost
  }, 1);
}
main();
