// Numbers, times and ages as text, in the language of the page. Times are those of Argentina.

const ZONE = "America/Argentina/Buenos_Aires";
const ZONE_MS = -3 * 3600 * 1000; // without summer time since 2009
const DAY_MS = 24 * 3600 * 1000;
const LOCALES = { en: "en-US", es: "es-AR" };
const DECIMALS_MAX = 8;
const DECIMALS_USUAL = 4; // of prices from 1 on: more are noise
export const DECIMALS_KNOWN_MAX = 12; // of the broker's reference data

export function decimalsOf(value) {
  const text = String(value), point = text.indexOf(".");
  if (text.includes("e")) return Math.abs(value) < 1 ? DECIMALS_MAX : 0;
  return point < 0 ? 0 : Math.min(text.length - point - 1, Math.abs(value) < 1 ? DECIMALS_MAX : DECIMALS_USUAL);
}

function dayOf(ms) {
  return Math.floor((ms + ZONE_MS) / DAY_MS);
}

export function makeFormat(language, texts) {
  const locale = LOCALES[language];
  const number = (options) => new Intl.NumberFormat(locale, options);
  const date = (options) => new Intl.DateTimeFormat(locale, { timeZone: ZONE, hourCycle: "h23", ...options });
  const byDecimals = Array.from({ length: DECIMALS_KNOWN_MAX + 1 }, (_, decimals) => number({ minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
  const percent = number({ style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" });
  const size = number({ maximumFractionDigits: 4 });
  const millions = number({ notation: "compact", minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const time = date({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const minute = date({ hour: "2-digit", minute: "2-digit" });
  const day = date({ day: "numeric", month: "short" });
  const full = date({ year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const isToday = (ms) => dayOf(ms) === dayOf(Date.now());
  const price = (value, decimals) => (value == null ? "" : byDecimals[decimals].format(value));
  return {
    price,
    /** With the decimals of the instrument, if they are known, else of its product's prices; a price that has more keeps them. */
    priceOf: (row, value) => price(value, Math.max(row.decimals ?? row.product.decimals, decimalsOf(value))),
    size: (value) => (value == null ? "" : size.format(value)),
    /** Whole from a thousand on, and in millions or billions from a million on, as a column has room for. */
    shortSize(value) {
      if (value == null) return "";
      const least = Math.abs(value);
      return (least < 1e3 ? size : least < 999999.5 ? byDecimals[0] : millions).format(value);
    },
    percent: (value) => (value == null ? "" : percent.format(value)),
    time: (ms) => time.format(ms),
    minute: (ms) => minute.format(ms),
    /** A time of today, or a day. */
    moment: (ms) => (ms == null ? "" : (isToday(ms) ? time : day).format(ms)),
    /** A time of today, or day and time. */
    longMoment: (ms) => (ms == null ? "" : (isToday(ms) ? time : full).format(ms)),
    age(ms) {
      const seconds = Math.max(0, ms / 1000);
      if (seconds < 9.95) return texts.seconds(byDecimals[1].format(seconds));
      if (seconds < 120) return texts.seconds(Math.round(seconds));
      if (seconds < 7200) return texts.minutes(Math.round(seconds / 60));
      return seconds < 2 * 86400 ? texts.hours(Math.round(seconds / 3600)) : texts.days(Math.round(seconds / 86400));
    },
  };
}
