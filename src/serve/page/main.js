// The page: connects the table, the chosen instrument and the connection, and keeps the user's choices.

import { Chart } from "./chart.js";
import { Connection } from "./connection.js";
import { drawBook, drawFacts } from "./detail.js";
import { makeFormat } from "./format.js";
import { COLUMNS, DEFAULT_COLUMNS, Grid } from "./grid.js";
import { Quotes } from "./quotes.js";
import { chooseLanguage, fillTexts, textsOf } from "./texts.js";

const AGES_MS = 250;
const $ = (id) => document.getElementById(id);
const saved = (name, fallback) => JSON.parse(localStorage.getItem(`cinta-${name}`) ?? "null") ?? fallback;
const save = (name, value) => localStorage.setItem(`cinta-${name}`, JSON.stringify(value));

const query = new URLSearchParams(location.search);
const quotes = new Quotes();
const grid = new Grid({ grid: $("grid"), head: $("head"), body: $("body") }, openDetail);
const chart = new Chart({ chart: $("chart"), note: $("chart-note"), gaps: $("gaps") });
let language = chooseLanguage(query.get("lang") ?? saved("language", null));
let texts, format;
let feed = null, state = "connecting";
let chosenSymbol = null;
let listChanged = true, detailChanged = false, drawAsked = false;

const connection = new Connection({
  onQuote(event) {
    const known = quotes.count;
    const row = quotes.take(event, performance.now());
    if (quotes.count !== known) listChanged = true;
    if (event.symbol === chosenSymbol) {
      detailChanged = true;
      if (row.changed.has("ts_last") || row.changed.has("last_price")) chart.add(event);
    }
    askDraw();
  },
  onSeen(event) {
    quotes.seen(event.symbols, performance.now());
  },
  onFeed(event) {
    feed = event;
    grid.staleMs = event.staleMs ?? Infinity;
    showFeed();
  },
  onState(now) {
    state = now;
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
  } else {
    grid.draw();
  }
  if (detailChanged) {
    detailChanged = false;
    drawDetail();
  }
}

function showFeed() {
  const offline = state !== "open";
  const mode = offline ? "offline" : feed?.mode ?? "connecting";
  document.documentElement.dataset.mode = mode;
  $("mode").textContent = texts.modes[mode] ?? mode;
  $("reason").textContent = state === "connecting" ? texts.connecting : offline ? texts.disconnected : feed?.reason ?? "";
}

/* --- the chosen instrument -------------------------------------------------------------------- */

function openDetail(symbol) {
  chosenSymbol = symbol;
  const row = quotes.bySymbol.get(symbol);
  $("detail").hidden = false;
  $("detail-title").textContent = symbol;
  location.hash = encodeURIComponent(symbol);
  drawDetail();
  chart.show(symbol, row.decimals, (wanted) => connection.load(`chart?symbol=${encodeURIComponent(wanted)}`), texts, format);
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
  chart.clear();
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
  useTheme(saved("theme", "auto"));
  grid.setLook(texts, format, saved("columns", DEFAULT_COLUMNS));
  listChanged = true;
  draw();
  showFeed();
  if (chosenSymbol) openDetail(chosenSymbol);
}

function useTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  $("theme").textContent = { auto: texts.themeAuto, light: texts.themeLight, dark: texts.themeDark }[theme];
  save("theme", theme);
}

function showColumns() {
  const chosen = saved("columns", DEFAULT_COLUMNS);
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
$("theme").addEventListener("click", () => { useTheme({ auto: "light", light: "dark", dark: "auto" }[saved("theme", "auto")]); if (chosenSymbol) openDetail(chosenSymbol); });
$("columns-button").addEventListener("click", () => { showColumns(); $("columns").showModal(); });
$("column-list").addEventListener("change", takeColumns);
$("columns-reset").addEventListener("click", () => { save("columns", DEFAULT_COLUMNS); showColumns(); takeColumns(); });
$("token").querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); $("token").close(); connection.useToken($("token-value").value); });
$("close").addEventListener("click", closeDetail);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && chosenSymbol && !document.querySelector("dialog[open]")) closeDetail();
  else if (event.key === "/" && event.target.tagName !== "INPUT") { $("search").focus(); event.preventDefault(); }
});

useLanguage(language);
connection.open();
setInterval(draw, AGES_MS);
const wanted = decodeURIComponent(location.hash.slice(1));
if (wanted) {
  const waiting = setInterval(() => { if (quotes.bySymbol.has(wanted)) { clearInterval(waiting); grid.open(wanted); } }, 100);
  setTimeout(() => clearInterval(waiting), 10000);
}
