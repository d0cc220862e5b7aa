// The page: connects the table, the chosen instrument and the connection, and keeps the user's choices.

import { Chart } from "./chart.js";
import { load, save } from "./choices.js";
import { Connection } from "./connection.js";
import { drawBook, drawFacts } from "./detail.js";
import { makeFormat } from "./format.js";
import { COLUMNS, DEFAULT_COLUMNS, Grid, PHONE_COLUMNS } from "./grid.js";
import { Quotes } from "./quotes.js";
import { feedReason } from "./reasons.js";
import { chooseLanguage, fillTexts, textsOf } from "./texts.js";

const AGES_MS = 250;
const HIDDEN_MS = 60000; // a page that is hidden for so long gets no quotes until it is visible
const CHART_MS = 30000; // the chart is read again
const THEMES = ["auto", "light", "dark"];
const GOOD_MODES = ["streaming", "polling", "connecting", "subscribing", "starting", "replica"];
const $ = (id) => document.getElementById(id);

const query = new URLSearchParams(location.search);
const quotes = new Quotes();
const grid = new Grid({ grid: $("grid"), head: $("head"), body: $("body") }, openDetail, useWidth);
const chart = new Chart({ chart: $("chart"), note: $("chart-note"), gaps: $("gaps") });
let language = chooseLanguage(query.get("lang") ?? load("language", ""));
let texts, format;
let feed = null, state = "connecting", total = null; // of the instruments, when all quotes have arrived
let chosenSymbol = null, chosenRow = null, wantedSymbol = symbolOfAddress();
let listChanged = true, detailChanged = false, drawAsked = false;

const connection = new Connection({
  onQuote(event) {
    if (quotes.take(event, performance.now())) listChanged = true;
    if (event.symbol === chosenSymbol) {
      detailChanged = true;
      chart.add(event);
    }
    askDraw();
  },
  onGone(event) {
    quotes.gone(event.symbol);
    listChanged = detailChanged = true;
    askDraw();
  },
  onComplete(event) {
    quotes.completed();
    total = event;
    listChanged = detailChanged = true;
    askDraw();
  },
  onSeen(event) {
    quotes.seen(event.symbols, performance.now());
  },
  onFeed(event) {
    if (feed && (feed.mode !== event.mode || feed.outage !== event.outage)) reloadChart();
    feed = event;
    grid.staleMs = event.staleMs ?? Infinity;
    grid.trades = (row) => event.segments?.[row.quote.calendar ?? 0]?.phase === "open"; // at night old quotes are no fault
    showFeed();
  },
  onState(now) {
    state = now;
    if (now === "open") {
      quotes.connected();
      total = null;
      listChanged = true;
      reloadChart();
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
    showCount(shown.length);
    openWanted();
  } else {
    grid.draw();
  }
  if (detailChanged) {
    detailChanged = false;
    drawDetail();
  }
}

function emptyText() {
  if (quotes.count) return texts.noMatch($("search").value);
  if (!total) return state === "open" ? texts.loading : "";
  return total.instruments ? texts.noQuotes : texts.noInstruments;
}

function showCount(shown) {
  const unquoted = total ? total.instruments - quotes.count : 0;
  $("count").textContent = [texts.count(shown, quotes.count), unquoted > 0 && texts.unquoted(unquoted)].filter(Boolean).join(" · ");
  $("empty").hidden = shown > 0;
  $("empty").textContent = emptyText();
}

/* --- the state of the feed -------------------------------------------------------------------- */

function modeOf() {
  if (state === "token") return "token";
  if (state !== "open") return "offline";
  return feed?.outage && feed.mode !== "streaming" ? "outage" : feed?.mode ?? "starting";
}

function reasonOf() {
  if (state !== "open") return { connecting: texts.connecting, token: texts.tokenWanted }[state] ?? texts.disconnected;
  return [feed?.reason, feed?.outage].filter(Boolean).map((text) => feedReason(language, text)).concat(texts.phases[feed?.phase] ?? []).join("; ");
}

function showFeed() {
  const mode = modeOf(), reason = reasonOf();
  document.documentElement.dataset.mode = mode;
  $("mode").textContent = texts.modes[mode] ?? mode;
  $("reason").textContent = $("feed").title = reason;
  showTitle();
}

/** For the tab: what is wrong, and the chosen instrument. */
function showTitle() {
  const mode = modeOf();
  const price = chosenRow && format.priceOf(chosenRow, chosenRow.quote.last_price);
  document.title = [!GOOD_MODES.includes(mode) && `⚠ ${texts.modes[mode] ?? mode}`, chosenSymbol && `${chosenSymbol} ${price ?? ""}`.trim(), "cinta"].filter(Boolean).join(" · ");
}

/* --- the chosen instrument -------------------------------------------------------------------- */

/** The day of an instrument that is not recorded any more cannot be read. */
function reloadChart() {
  if (quotes.bySymbol.has(chosenSymbol)) chart.reload();
}

/** The symbol after the # of the page's address; "" when there is none. */
function symbolOfAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

/** The symbol of the address is opened when its quote has arrived, or when all have. */
function openWanted() {
  if (!wantedSymbol || (!quotes.bySymbol.has(wantedSymbol) && !total)) return;
  const symbol = wantedSymbol;
  wantedSymbol = "";
  grid.open(symbol);
}

function showDetail(shown) {
  $("detail").hidden = !shown;
  $("list").inert = document.querySelector("header").inert = shown && grid.narrow.matches; // it covers them
}

function openDetail(symbol) {
  chosenSymbol = symbol;
  chosenRow = null;
  showDetail(true);
  $("detail-title").textContent = symbol;
  if (symbolOfAddress() !== symbol) location.hash = encodeURIComponent(symbol);
  chart.close();
  drawDetail();
  if (grid.narrow.matches) $("close").focus();
}

function drawDetail() {
  const present = quotes.bySymbol.get(chosenSymbol), isNew = present && !chosenRow;
  chosenRow = present ?? chosenRow;
  $("detail-note").textContent = present || !total || !chosenSymbol ? "" : chosenRow ? texts.notRecorded : texts.noQuote;
  $("facts").hidden = $("book").hidden = !chosenRow;
  if (chosenRow) {
    drawFacts($("facts"), chosenRow, texts, format);
    drawBook($("book"), chosenRow, texts, format);
  }
  if (isNew) chart.show(chosenRow, (wanted) => connection.load(`chart?symbol=${encodeURIComponent(wanted)}`), texts, format);
  showTitle();
}

function closeDetail() {
  chosenSymbol = chosenRow = null;
  showDetail(false);
  chart.close();
  history.replaceState(null, "", location.pathname + location.search);
  $("grid").focus();
  showTitle();
}

/* --- choices ---------------------------------------------------------------------------------- */

function useLanguage(wanted) {
  language = wanted;
  texts = textsOf(language);
  format = makeFormat(language, texts);
  document.documentElement.lang = language;
  fillTexts(texts);
  $("language").textContent = texts.language;
  $("language").lang = language === "en" ? "es" : "en";
  showTheme();
  useColumns();
  listChanged = true;
  draw();
  showFeed();
  if (chosenSymbol) openDetail(chosenSymbol);
}

function theme() {
  return load("theme", "auto", (value) => THEMES.includes(value));
}

function showTheme() {
  const chosen = theme();
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  $("theme").textContent = { auto: texts.themeAuto, light: texts.themeLight, dark: texts.themeDark }[chosen];
}

function changeTheme() {
  save("theme", THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
  showTheme();
  reloadChart();
}

/** A phone has other columns than a wide screen. */
function columns() {
  return grid.narrow.matches ? load("columns-phone", PHONE_COLUMNS, Array.isArray) : load("columns", DEFAULT_COLUMNS, Array.isArray);
}

function useColumns() {
  grid.setLook(texts, format, columns());
}

function saveColumns(chosen) {
  save(grid.narrow.matches ? "columns-phone" : "columns", chosen);
  useColumns();
}

function useWidth() {
  useColumns();
  showDetail(chosenSymbol !== null);
}

function showColumns() {
  const chosen = columns();
  $("column-list").replaceChildren(...COLUMNS.filter((column) => !column.fixed).map((column) => {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", name: column.name, checked: chosen.includes(column.name) });
    label.append(box, ` ${texts[column.name]}`);
    return label;
  }));
}

function takeColumns() {
  saveColumns(["symbol", ...[...$("column-list").querySelectorAll("input:checked")].map((box) => box.name)]);
}

function resetColumns() {
  saveColumns(grid.narrow.matches ? PHONE_COLUMNS : DEFAULT_COLUMNS);
  showColumns();
}

function askToken() {
  $("token-error").textContent = connection.token ? texts.tokenWrong : "";
  if (!$("token").open) $("token").showModal();
}

function takeToken(event) {
  event.preventDefault();
  connection.useToken($("token-value").value.trim());
  $("token").close();
}

/* --- keys ------------------------------------------------------------------------------------- */

function search() {
  listChanged = true;
  $("grid").scrollTop = 0;
  draw();
}

function onSearchKey(event) {
  if (event.key === "ArrowDown" || event.key === "Enter") {
    $("grid").focus();
    grid.onKey(new KeyboardEvent("keydown", { key: "Home" }));
  } else if (event.key === "Escape" && $("search").value) {
    $("search").value = "";
    search();
  } else if (event.key === "Escape") {
    $("grid").focus();
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation(); // Escape closes no instrument here
}

function onKey(event) {
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Escape" && chosenSymbol) {
    closeDetail();
  } else if (event.key === "/" && event.target !== $("search")) {
    if (grid.narrow.matches && chosenSymbol) closeDetail();
    $("search").select();
    event.preventDefault();
  }
}

/* --- start ------------------------------------------------------------------------------------ */

document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); $("grid").focus(); }); // # is for symbols
$("search").addEventListener("input", search);
$("search").addEventListener("keydown", onSearchKey);
document.addEventListener("keydown", onKey);
$("language").addEventListener("click", () => { const next = language === "en" ? "es" : "en"; save("language", next); useLanguage(next); });
$("theme").addEventListener("click", changeTheme);
$("columns-button").addEventListener("click", () => { showColumns(); $("columns").showModal(); });
$("column-list").addEventListener("change", takeColumns);
$("columns-reset").addEventListener("click", resetColumns);
$("token").querySelector("form").addEventListener("submit", takeToken);
$("token").addEventListener("close", () => { if (state === "token") askToken(); }); // without it there is nothing to show
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
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => reloadChart());

useLanguage(language);
connection.open();
setInterval(draw, AGES_MS);
setInterval(() => { if (!document.hidden) reloadChart(); }, CHART_MS);
