// The page: connects the table, the chosen instrument and the connection, and keeps the user's choices.

import { Chart } from "./chart.js";
import { load, save } from "./choices.js";
import { Connection } from "./connection.js";
import { drawBook, drawFacts } from "./detail.js";
import { makeFormat } from "./format.js";
import { COLUMNS, DEFAULT_COLUMNS, Grid } from "./grid.js";
import { Quotes } from "./quotes.js";
import { chooseLanguage, fillTexts, textsOf } from "./texts.js";

const AGES_MS = 250;
const HIDDEN_MS = 60000; // a page that is hidden for so long gets no quotes until it is visible
const CHART_MS = 30000; // the chart is read again
const $ = (id) => document.getElementById(id);

const query = new URLSearchParams(location.search);
const quotes = new Quotes();
const grid = new Grid({ grid: $("grid"), head: $("head"), body: $("body") }, openDetail);
const chart = new Chart({ chart: $("chart"), note: $("chart-note"), gaps: $("gaps") });
let language = chooseLanguage(query.get("lang") ?? load("language", null));
let texts, format;
let feed = null, state = "connecting";
let chosenSymbol = null, wantedSymbol = symbolOfAddress();
let listChanged = true, detailChanged = false, drawAsked = false;

const connection = new Connection({
  onQuote(event) {
    const known = quotes.count;
    quotes.take(event, performance.now());
    if (quotes.count !== known) listChanged = true;
    if (event.symbol === chosenSymbol) {
      detailChanged = true;
      chart.add(event);
    }
    askDraw();
  },
  onSeen(event) {
    quotes.seen(event.symbols, performance.now());
  },
  onFeed(event) {
    if (feed && (feed.mode !== event.mode || feed.outage !== event.outage)) chart.reload();
    feed = event;
    grid.staleMs = event.staleMs ?? Infinity;
    showFeed();
  },
  onState(now) {
    state = now;
    if (now === "open") {
      quotes.clear();
      listChanged = true;
    }
    showFeed();
    if (now === "token") askToken();
  },
});

function askDraw() {
  if (drawAsked) return;
  drawAsked = true;
  requestAnimationFrame(() => {
    drawAsked = false;
    draw();
  });
}

function draw() {
  if (listChanged) {
    listChanged = false;
    const shown = quotes.matching($("search").value);
    grid.setRows(shown);
    $("count").textContent = texts.count(shown.length, quotes.count);
    $("empty").hidden = shown.length > 0;
    $("empty").textContent = quotes.count ? texts.noMatch($("search").value) : texts.noQuotes;
    openWanted();
  } else {
    grid.draw();
  }
  if (detailChanged) {
    detailChanged = false;
    drawDetail();
  }
}

function reasonOf(event) {
  return [event?.reason, event?.outage, event?.session === false && texts.closed].filter(Boolean).join("; ");
}

function showFeed() {
  const offline = state !== "open";
  const mode = offline ? "offline" : feed?.outage && feed.mode !== "streaming" ? "outage" : feed?.mode ?? "starting";
  document.documentElement.dataset.mode = mode;
  $("mode").textContent = texts.modes[mode] ?? mode;
  $("reason").textContent = state === "connecting" ? texts.connecting : offline ? texts.disconnected : reasonOf(feed);
}

/* --- the chosen instrument -------------------------------------------------------------------- */

/** The symbol after the # of the page's address; "" when there is none. */
function symbolOfAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

/** The symbol of the address is opened when its quote has arrived. */
function openWanted() {
  if (!wantedSymbol || !quotes.bySymbol.has(wantedSymbol)) return;
  const symbol = wantedSymbol;
  wantedSymbol = "";
  grid.open(symbol);
}

function openDetail(symbol) {
  const row = quotes.bySymbol.get(symbol);
  chosenSymbol = symbol;
  $("detail").hidden = false;
  $("detail-title").textContent = symbol;
  if (symbolOfAddress() !== symbol) location.hash = encodeURIComponent(symbol);
  drawDetail();
  chart.show(row, (wanted) => connection.load(`chart?symbol=${encodeURIComponent(wanted)}`), texts, format);
  if (grid.narrow.matches) $("close").focus(); // it covers the table
}

function drawDetail() {
  const row = quotes.bySymbol.get(chosenSymbol);
  if (!row) return;
  drawFacts($("facts"), row, texts, format);
  drawBook($("book"), row, texts, format);
}

function closeDetail() {
  chosenSymbol = null;
  $("detail").hidden = true;
  chart.close();
  history.replaceState(null, "", location.pathname + location.search);
  grid.select(null);
  $("grid").focus();
}

/* --- choices ---------------------------------------------------------------------------------- */

function useLanguage(wanted) {
  language = wanted;
  texts = textsOf(language);
  format = makeFormat(language, texts);
  document.documentElement.lang = language;
  fillTexts(texts);
  $("language").textContent = texts.language;
  useTheme(load("theme", "auto"));
  grid.setLook(texts, format, load("columns", DEFAULT_COLUMNS));
  listChanged = true;
  draw();
  showFeed();
  if (quotes.bySymbol.has(chosenSymbol)) openDetail(chosenSymbol);
}

function useTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  $("theme").textContent = { auto: texts.themeAuto, light: texts.themeLight, dark: texts.themeDark }[theme];
  save("theme", theme);
}

function showColumns() {
  const chosen = load("columns", DEFAULT_COLUMNS);
  $("column-list").replaceChildren(...COLUMNS.filter((column) => !column.fixed).map((column) => {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", name: column.name, checked: chosen.includes(column.name) });
    label.append(box, ` ${texts[column.name]}`);
    return label;
  }));
}

function takeColumns() {
  const chosen = [...$("column-list").querySelectorAll("input:checked")].map((box) => box.name);
  save("columns", ["symbol", ...chosen]);
  grid.setLook(texts, format, ["symbol", ...chosen]);
}

function askToken() {
  $("token-error").textContent = connection.token ? texts.tokenWrong : "";
  $("token").showModal();
}

/* --- start ------------------------------------------------------------------------------------ */

$("search").addEventListener("input", () => { listChanged = true; $("grid").scrollTop = 0; draw(); });
$("search").addEventListener("keydown", (event) => { if (event.key === "ArrowDown" || event.key === "Enter") { $("grid").focus(); grid.onKey(new KeyboardEvent("keydown", { key: "Home" })); event.preventDefault(); } });
$("language").addEventListener("click", () => { const next = language === "en" ? "es" : "en"; save("language", next); useLanguage(next); });
$("theme").addEventListener("click", () => { useTheme({ auto: "light", light: "dark", dark: "auto" }[load("theme", "auto")]); chart.reload(); });
$("columns-button").addEventListener("click", () => { showColumns(); $("columns").showModal(); });
$("column-list").addEventListener("change", takeColumns);
$("columns-reset").addEventListener("click", () => { save("columns", DEFAULT_COLUMNS); showColumns(); takeColumns(); });
$("token").querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); $("token").close(); connection.useToken($("token-value").value); });
$("close").addEventListener("click", closeDetail);
window.addEventListener("hashchange", () => {
  const symbol = symbolOfAddress();
  if (symbol === (chosenSymbol ?? "")) return;
  wantedSymbol = symbol;
  if (symbol) openWanted();
  else closeDetail();
});
let pausing;
document.addEventListener("visibilitychange", () => {
  clearTimeout(pausing);
  if (document.hidden) pausing = setTimeout(() => connection.pause(), HIDDEN_MS);
  else if (!connection.source) connection.open();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.reload());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && chosenSymbol && !document.querySelector("dialog[open]")) closeDetail();
  else if (event.key === "/" && event.target.tagName !== "INPUT") { $("search").focus(); event.preventDefault(); }
});

useLanguage(language);
connection.open();
setInterval(draw, AGES_MS);
setInterval(() => { if (!document.hidden) chart.reload(); }, CHART_MS);
