// The chart of one instrument's day: price as a line, volume as bars, gaps shaded. Drawn by dygraphs.

const MINUTE_MS = 60000;

function colorOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function plotVolume(e) {
  const context = e.drawingContext, bottom = e.dygraph.toDomYCoord(0, 1);
  const width = Math.max(1, Math.min(8, e.plotArea.w / Math.max(e.points.length, 60) - 1));
  context.fillStyle = colorOf("--volume");
  for (const point of e.points) if (point.yval > 0) context.fillRect(point.canvasx - width / 2, point.canvasy, width, bottom - point.canvasy);
}

export class Chart {
  constructor(elements) {
    Object.assign(this, elements); // chart, note, gaps
    this.dygraph = null;
    this.bars = [];
  }

  async show(symbol, decimals, load, texts, format) {
    Object.assign(this, { symbol, decimals, texts, format });
    this.clear();
    this.note.textContent = "";
    let day;
    try {
      day = await load(symbol);
    } catch {
      if (this.symbol === symbol) this.note.textContent = texts.chartFailed;
      return;
    }
    if (this.symbol !== symbol) return; // another instrument was chosen meanwhile
    this.bars = day.bars.map(([ms, , , , close, volume]) => [new Date(ms), close, volume]);
    this.gapList = day.gaps;
    this.note.textContent = this.bars.length ? "" : texts.noTrades;
    this.chart.setAttribute("aria-label", texts.chartOf(symbol));
    this.listGaps();
    this.draw(day.session);
  }

  clear() {
    this.dygraph?.destroy();
    this.dygraph = null;
    this.gaps.replaceChildren();
    this.bars = [];
  }

  listGaps() {
    this.gaps.replaceChildren(...this.gapList.slice(-5).map(([from, to, reason]) => {
      const item = document.createElement("li");
      item.textContent = this.texts.gapLine(this.format.minute(from), to ? this.format.minute(to) : this.texts.stillOpen, reason);
      return item;
    }));
  }

  draw(session) {
    if (!this.bars.length && !this.gapList.length) return;
    const rows = this.bars.length ? this.bars : [[new Date(session?.open ?? Date.now()), null, null]];
    this.dygraph = new window.Dygraph(this.chart, rows, {
      labels: ["t", this.texts.price, this.texts.volume],
      series: { [this.texts.volume]: { axis: "y2", plotter: plotVolume }, [this.texts.price]: { strokeWidth: 1.6 } },
      colors: [colorOf("--accent"), colorOf("--volume")],
      dateWindow: session ? [session.open, Math.max(session.open + 30 * MINUTE_MS, Math.min(Date.now(), session.close))] : null,
      axes: {
        x: { axisLabelFormatter: (date) => this.format.minute(date), valueFormatter: (ms) => this.format.minute(ms), drawGrid: false },
        y: { axisLabelFormatter: (value) => this.format.price(value, this.decimals), valueFormatter: (value) => this.format.price(value, this.decimals), axisLabelWidth: 64 },
        y2: { axisLabelFormatter: () => "", valueFormatter: (value) => this.format.size(value), axisLabelWidth: 4, drawGrid: false, valueRange: [0, this.volumeTop()] },
      },
      gridLineColor: colorOf("--line"), axisLineColor: colorOf("--line"), axisLabelFontSize: 11, legend: "follow", connectSeparatedPoints: true,
      underlayCallback: (context, area, dygraph) => this.shadeGaps(context, area, dygraph),
    });
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
    if (quote.symbol !== this.symbol || quote.last_price == null || quote.ts_last == null || !this.dygraph) return;
    const ms = quote.ts_last / 1e6, minute = ms - (ms % MINUTE_MS), lastBar = this.bars.at(-1);
    if (lastBar && minute <= lastBar[0].getTime()) lastBar[1] = minute === lastBar[0].getTime() ? quote.last_price : lastBar[1];
    else this.bars.push([new Date(minute), quote.last_price, quote.last_size]);
    this.dygraph.updateOptions({ file: this.bars, dateWindow: null });
  }
}
