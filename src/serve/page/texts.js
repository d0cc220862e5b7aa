// The texts of the page, in English and Spanish.

import { GAP_REASONS } from "./reasons.js";

const TEXTS = {
  en: {
    language: "Español", skip: "Skip to the quotes", search: "Search: DLR, GGAL, AL30…", columns: "Columns", reset: "Reset", done: "Done",
    close: "Close", quotes: "Quotes", token: "Token", tokenTitle: "Token required",
    tokenHelp: "This cinta asks for the token of its configuration (serve.token).", tokenWrong: "The token was not accepted.", connect: "Connect",
    themeAuto: "Theme: system", themeLight: "Theme: light", themeDark: "Theme: dark",
    count: (shown, all) => (shown === all ? `${all} instruments` : `${shown} of ${all} instruments`), unquoted: (n) => `${n} without a quote yet`,
    noMatch: (text) => `No instrument matches “${text}”.`, noQuotes: "No quotes yet. cinta shows each instrument when its first quote arrives.",
    noInstruments: "No instruments are recorded yet.", loading: "Loading the quotes…",
    notRecorded: "Not recorded any more.", noQuote: "There is no quote of this instrument.",
    connecting: "Connecting to cinta…", disconnected: "cinta does not answer. Trying again…", tokenWanted: "Enter the token of cinta.",
    modes: { token: "Token required", starting: "Starting", standby: "Standby", replica: "Replica", no_token: "No token", polling: "Polling", connecting: "Polling", subscribing: "Polling", streaming: "Streaming", stale: "Stale", outage: "No answer", offline: "Not connected" }, phases: { closed: "outside the session", pre_open: "pre-open", closing_auction: "closing auction" },
    symbol: "Symbol", bid_size: "Bid size", bid_price: "Bid", offer_price: "Offer", offer_size: "Offer size", last_price: "Last", last_size: "Last size",
    change: "Change", open_price: "Open", high_price: "High", low_price: "Low", close_price: "Close", settlement_price: "Settlement", open_interest: "Open interest",
    trade_volume: "Volume", nominal_volume: "Nominal", effective_volume: "Effective", index_value: "Index", auction_price: "Auction", last_time: "Last trade", age: "Age", source: "Source",
    size: "Size", price: "Price", bids: "Bids", offers: "Offers", book: "Order book", emptyBook: "No bids and no offers",
    volume: "Volume", chartOf: (symbol) => `Price and volume of ${symbol} today`, noTrades: "No trades today", chartFailed: "The chart is not available",
    gapLine: (from, to, reason) => `${from} – ${to}: ${reason}`, stillOpen: "now", gaps: "Not observed", moreGaps: (n) => `and ${n} earlier`,
    seconds: (n) => `${n} s`, minutes: (n) => `${n} min`, hours: (n) => `${n} h`, days: (n) => `${n} d`, gapReasons: GAP_REASONS.en,
  },
  es: {
    language: "English", skip: "Ir a los precios", search: "Buscar: DLR, GGAL, AL30…", columns: "Columnas", reset: "Restablecer", done: "Listo",
    close: "Cerrar", quotes: "Precios", token: "Token", tokenTitle: "Hace falta el token",
    tokenHelp: "Este cinta pide el token de su configuración (serve.token).", tokenWrong: "El token no fue aceptado.", connect: "Conectar",
    themeAuto: "Tema: sistema", themeLight: "Tema: claro", themeDark: "Tema: oscuro",
    count: (shown, all) => (shown === all ? `${all} instrumentos` : `${shown} de ${all} instrumentos`), unquoted: (n) => `${n} todavía sin precio`,
    noMatch: (text) => `Ningún instrumento coincide con “${text}”.`, noQuotes: "Todavía no hay precios. Cada instrumento aparece cuando llega su primer precio.",
    noInstruments: "Todavía no se registra ningún instrumento.", loading: "Cargando los precios…",
    notRecorded: "Ya no se registra.", noQuote: "No hay precio de este instrumento.",
    connecting: "Conectando con cinta…", disconnected: "cinta no responde. Reintentando…", tokenWanted: "Ingresá el token de cinta.",
    modes: { token: "Falta el token", starting: "Iniciando", standby: "En espera", replica: "Réplica", no_token: "Sin token", polling: "Consultas REST", connecting: "Consultas REST", subscribing: "Consultas REST", streaming: "En tiempo real", stale: "Sin datos", outage: "Sin respuesta", offline: "Sin conexión" }, phases: { closed: "fuera de la rueda", pre_open: "preapertura", closing_auction: "subasta de cierre" },
    symbol: "Símbolo", bid_size: "Cant. compra", bid_price: "Compra", offer_price: "Venta", offer_size: "Cant. venta", last_price: "Último", last_size: "Cant. último",
    change: "Variación", open_price: "Apertura", high_price: "Máximo", low_price: "Mínimo", close_price: "Cierre", settlement_price: "Ajuste", open_interest: "Interés abierto",
    trade_volume: "Volumen", nominal_volume: "Nominal", effective_volume: "Efectivo", index_value: "Índice", auction_price: "Subasta", last_time: "Última op.", age: "Edad", source: "Fuente",
    size: "Cantidad", price: "Precio", bids: "Compra", offers: "Venta", book: "Puntas", emptyBook: "Sin puntas de compra ni de venta",
    volume: "Volumen", chartOf: (symbol) => `Precio y volumen de ${symbol} de hoy`, noTrades: "Sin operaciones hoy", chartFailed: "El gráfico no está disponible",
    gapLine: (from, to, reason) => `${from} – ${to}: ${reason}`, stillOpen: "ahora", gaps: "Sin observar", moreGaps: (n) => `y ${n} anteriores`,
    seconds: (n) => `${n} s`, minutes: (n) => `${n} min`, hours: (n) => `${n} h`, days: (n) => `${n} d`, gapReasons: GAP_REASONS.es,
  },
};

export function chooseLanguage(wanted) {
  return TEXTS[wanted] ? wanted : (navigator.language || "en").toLowerCase().startsWith("es") ? "es" : "en";
}

export function textsOf(language) {
  return TEXTS[language];
}

/** Fills every element that names a text: data-text its content, data-label its label for screen readers. */
export function fillTexts(texts, root = document) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = texts[element.dataset.text];
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", texts[element.dataset.label]);
    if (element.tagName === "INPUT") element.placeholder = texts[element.dataset.label];
  }
}
