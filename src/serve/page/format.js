// Numbers, times and ages as text, in the language of the page. Times are those of Argentina.

const ZONE = "America/Argentina/Buenos_Aires";
const LOCALES = { en: "en-US", es: "es-AR" };
const DECIMALS_MAX = 8;

export function decimalsOf(value) {
  const text = String(value);
  if (text.includes("e")) return 0;
  const point = text.indexOf(".");
  return point < 0 ? 0 : Math.min(text.length - point - 1, DECIMALS_MAX);
}

export function makeFormat(language, texts) {
  const locale = LOCALES[language];
  const byDecimals = Array.from({ length: DECIMALS_MAX + 1 }, (_, decimals) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
  const percent = new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" });
  const tenths = byDecimals[1];
  const size = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 });
  const millions = new Intl.NumberFormat(locale, { notation: "compact", minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const time = new Intl.DateTimeFormat(locale, { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const minute = new Intl.DateTimeFormat(locale, { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return {
    price: (value, decimals) => (value == null ? "" : byDecimals[decimals].format(value)),
    size: (value) => (value == null ? "" : size.format(value)),
    /** From a million on in millions or billions, as a column has room for. */
    shortSize: (value) => (value == null ? "" : Math.abs(value) < 1e6 ? size.format(value) : millions.format(value)),
    percent: (value) => (value == null ? "" : percent.format(value)),
    time: (ms) => (ms == null ? "" : time.format(ms)),
    minute: (ms) => minute.format(ms),
    age(ms) {
      const seconds = Math.max(0, ms / 1000);
      if (seconds < 10) return texts.seconds(tenths.format(seconds));
      if (seconds < 120) return texts.seconds(Math.round(seconds));
      return seconds < 7200 ? texts.minutes(Math.round(seconds / 60)) : texts.hours(Math.round(seconds / 3600));
    },
  };
}
