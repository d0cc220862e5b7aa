// The chart of one instrument's day: price as a line, volume as bars, gaps shaded. Drawn by dygraphs.

import { DECIMALS_KNOWN_MAX } from "./format.js";

const MINUTE_MS = 60000;
const BEFORE_MS = 10 * MINUTE_MS; // shown before the first data
const GAPS_LISTED = 12;
const SHORTEST_GAP_MS = 1000; // shorter ones are not shown
const OPEN_GAP_MS = 6000; // so much later an observation is in the database; an open gap that is shorter may be none

function colorOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function plotVolume(e) {
  const context = e.drawingContext, bottom = e.dygraph.toDomYCoord(0, 1);
  const width = Math.max(1, Math.min(8, e.plotArea.w / Math.max(e.points.length, 60) - 1));
  context.fillStyle = colorOf("--volume");
  for (const point of e.points) if (point.yval > 0) context.fillRect(point.canvasx - width / 2, point.canvasy, width, bottom - point.canvasy);
}

/** So that neighbours among about five labels differ. */
function decimalsOfAxis(range) {
  return range ? Math.min(DECIMALS_KNOWN_MAX, Math.max(0, Math.ceil(-Math.log10((range[1] - range[0]) / 5)))) : 0;
}

export class Chart {
  constructor(elements) {
    Object.assign(this, elements); // chart, note, gaps
    this.dygraph = null;
    this.symbol = null;
    this.zoomed = false;
    this.bars = [];
    this.gapList = [];
  }

  /** `row` of the instrument; `load` gives the day of a symbol, as /chart does. */
  async show(row, load, texts, format) {
    const symbol = row.symbol;
    Object.assign(this, { symbol, row, load, texts, format, lastTrade: row.quote.ts_last });
    this.clear();
    this.note.textContent = "";
    this.chart.setAttribute("aria-label", texts.chartOf(symbol));
    this.gaps.setAttribute("aria-label", texts.gaps);
    await this.reload();
  }

  /** Reads the day again, with the gaps that have begun or ended meanwhile. */
  async reload() {
    const symbol = this.symbol;
    if (!symbol) return;
    let day;
    try {
      day = await this.load(symbol);
    } catch {
      if (this.symbol === symbol && !this.dygraph) this.note.textContent = this.texts.chartFailed;
      return;
    }
    if (this.symbol !== symbol) return; // another instrument was chosen meanwhile
    const zoom = this.zoomed ? this.dygraph.xAxisRange() : null;
    this.bars = day.bars.map(([ms, , , , close, volume]) => [new Date(ms), close, volume]);
    this.gapList = day.gaps.filter(([from, to]) => (to ? to - from >= SHORTEST_GAP_MS : Date.now() - from >= OPEN_GAP_MS));
    this.session = day.session;
    this.note.textContent = this.bars.length ? "" : this.texts.noTrades;
    this.listGaps();
    this.draw(zoom);
  }

  destroy() {
    this.dygraph?.destroy();
    this.dygraph = null;
    this.zoomed = false;
  }

  /** No instrument is shown any more. */
  close() {
    this.symbol = null;
    this.clear();
  }

  clear() {
    this.destroy();
    this.gaps.replaceChildren();
    this.bars = [];
    this.gapList = [];
  }

  /** With seconds where the other end is near. */
  time(ms, otherMs) {
    return Math.abs(ms - (otherMs ?? Date.now())) < 5 * MINUTE_MS ? this.format.time(ms) : this.format.minute(ms);
  }

  /** The newest first. */
  listGaps() {
    const lines = this.gapList.slice(-GAPS_LISTED).reverse().map(([from, to, reason]) =>
      this.texts.gapLine(this.time(from, to), to ? this.time(to, from) : this.texts.stillOpen, this.texts.gapReasons[reason] ?? reason.replaceAll("_", " ")));
    if (this.gapList.length > GAPS_LISTED) lines.push(this.texts.moreGaps(this.gapList.length - GAPS_LISTED));
    this.gaps.replaceChildren(...lines.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  }

  /** From the session's open, or shortly before the first data if they came much later, until now; with all trades. */
  window() {
    const firstMs = Math.min(this.bars[0]?.[0].getTime() ?? Infinity, this.gapList[0]?.[0] ?? Infinity);
    const openMs = Math.min(firstMs, Math.max(this.session?.open ?? 0, firstMs - BEFORE_MS));
    const endMs = Math.min(Date.now(), this.session?.close ?? Infinity), lastMs = this.bars.at(-1)?.[0].getTime() ?? 0;
    return [openMs, Math.max(openMs + 2 * BEFORE_MS, endMs, lastMs + MINUTE_MS)];
  }

  draw(zoom) {
    this.destroy();
    if (!this.bars.length && !this.gapList.length) return;
    const rows = this.bars.length ? this.bars : [[new Date(this.window()[0]), null, null]];
    const range = this.priceRange();
    this.axisDecimals = decimalsOfAxis(range);
    const longest = Math.max(...(range ?? [0]).map((value) => this.format.price(value, this.axisDecimals).length));
    this.zoomed = zoom !== null;
    this.dygraph = new window.Dygraph(this.chart, rows, {
      labels: ["t", this.texts.price, this.texts.volume],
      series: { [this.texts.volume]: { axis: "y2", plotter: plotVolume }, [this.texts.price]: { strokeWidth: 1.6 } },
      colors: [colorOf("--accent"), colorOf("--volume")],
      dateWindow: zoom ?? this.window(),
      zoomCallback: (from, to) => { this.zoomed = from > this.window()[0] || to < this.window()[1] - MINUTE_MS; },
      axes: {
        x: { axisLabelFormatter: (date) => this.format.minute(date), valueFormatter: (ms) => this.format.minute(ms), drawGrid: false },
        y: { axisLabelFormatter: (value) => this.format.price(value, this.axisDecimals), valueFormatter: (value) => this.format.priceOf(this.row, value),
             axisLabelWidth: 16 + 7 * longest, valueRange: range },
        y2: { axisLabelFormatter: () => "", valueFormatter: (value) => this.format.size(value), axisLabelWidth: 4, drawGrid: false, valueRange: [0, this.volumeTop()] },
      },
      gridLineColor: colorOf("--line"), axisLineColor: colorOf("--line"), axisLabelFontSize: 11, legend: "follow", connectSeparatedPoints: true,
      underlayCallback: (context, area, dygraph) => this.shadeGaps(context, area, dygraph),
    });
  }

  /** The range of prices, with some space; also when there is only one price. */
  priceRange() {
    const prices = this.bars.map((bar) => bar[1]);
    if (!prices.length) return null;
    const low = Math.min(...prices), high = Math.max(...prices), space = (high - low || Math.abs(high) / 100 || 1) / 10;
    return [low - space, high + space];
  }

  /** Volume takes the lower quarter of the chart. */
  volumeTop() {
    return 4 * Math.max(1, ...this.bars.map((bar) => bar[2] ?? 0));
  }

  shadeGaps(context, area, dygraph) {
    context.fillStyle = colorOf("--gap");
    for (const [from, to] of this.gapList) {
      const left = Math.max(area.x, dygraph.toDomXCoord(from)), right = Math.min(area.x + area.w, dygraph.toDomXCoord(to ?? Date.now()));
      if (right > left) context.fillRect(left, area.y, Math.max(2, right - left), area.h);
    }
  }

  /** A trade that arrived after the chart was loaded. */
  add(quote) {
    if (quote.symbol !== this.symbol || quote.last_price == null || quote.ts_last == null || quote.ts_last === this.lastTrade) return;
    this.lastTrade = quote.ts_last;
    if (!this.dygraph) return;
    const minute = quote.ts_last / 1e6 - ((quote.ts_last / 1e6) % MINUTE_MS), lastBar = this.bars.at(-1);
    if (lastBar && minute < lastBar[0].getTime()) return;
    if (lastBar && minute === lastBar[0].getTime()) {
      lastBar[1] = quote.last_price;
      lastBar[2] += quote.last_size ?? 0;
    } else {
      this.bars.push([new Date(minute), quote.last_price, quote.last_size ?? 0]);
    }
    const range = this.priceRange();
    this.axisDecimals = decimalsOfAxis(range);
    this.dygraph.updateOptions({
      file: this.bars, dateWindow: this.zoomed ? this.dygraph.xAxisRange() : this.window(),
      axes: { y: { valueRange: range }, y2: { valueRange: [0, this.volumeTop()] } },
    });
  }
}
