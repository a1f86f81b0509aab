// Draws the charts of core/charts.py with ECharts: the same colours for the same meaning on every page.

// Told apart by people with any colour vision (checked as pairs), and all at least 3:1 on white.
const COLOURS = {
  main: "#1257a8", compare: "#8793a1", target: "#465466",
  good: "#1b7a4b", fair: "#b87400", poor: "#b3381e",
  pass: "#1b7a4b", return: "#b87400", reject: "#b3381e", waiting: "#8793a1",
  female: "#a3557f", male: "#2f7fb8", rural: "#5b7f2b", town: "#6a5a9e",
  a: "#1257a8", b: "#c46a00", c: "#1b8a6b", d: "#8a4f9e", e: "#4a93cf", f: "#7a6a4f",
};
const INK = "#1c2733";
const SOFT = "#52606f";
const LINE = "#e2e7ed";
const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif';
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

const number = (value) => (value === null || value === undefined ? "—" : value.toLocaleString("zh-CN"));

const text = { color: SOFT, fontFamily: FONT, fontSize: 12 };

function base(data) {
  const many = data.series.length > 1 || data.kind === "pie" || data.kind === "radar";
  return {
    animation: !STILL,
    animationDuration: 300,
    aria: { enabled: false },
    textStyle: { fontFamily: FONT, color: INK },
    legend: { show: many, top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 8, itemGap: 16, textStyle: text },
    grid: { left: 4, right: 16, top: many ? 36 : 20, bottom: 4, containLabel: true },
    tooltip: {
      trigger: "axis", confine: true, axisPointer: { type: "shadow", shadowStyle: { color: "rgba(28,39,51,0.05)" } },
      backgroundColor: "#fff", borderColor: LINE, textStyle: { color: INK, fontFamily: FONT, fontSize: 13 },
      valueFormatter: (value) => `${number(value)}${data.unit ? ` ${data.unit}` : ""}`,
    },
  };
}

function bars(data) {
  const across = data.kind.endsWith("across");
  const stacked = data.kind.startsWith("stacked");
  const names = {
    type: "category", data: data.categories, inverse: across, axisTick: { show: false },
    axisLine: { lineStyle: { color: "#c4cdd7" } },
    axisLabel: { ...text, interval: across ? 0 : "auto", hideOverlap: !across, ...(across ? { width: 120, overflow: "truncate" } : {}) },
  };
  const numbers = {
    type: "value", max: data.maximum ?? undefined, splitLine: { lineStyle: { color: LINE } }, axisLabel: text, minInterval: 1,
    splitNumber: 4,
  };
  const single = data.series.length === 1;
  // In a stack a number is written only where its piece is tall enough to hold it.
  const totals = data.categories.map((_, index) => data.series.reduce((sum, series) => sum + (series.values[index] || 0), 0));
  const least = Math.max(...totals) * 0.08;
  // Bars that carry their own number need no scale.
  if (single) Object.assign(numbers, { axisLabel: { show: false }, splitLine: { show: false } });
  return {
    ...base(data),
    xAxis: across ? numbers : names,
    yAxis: across ? names : numbers,
    series: data.series.map((series) => ({
      name: series.name, type: "bar", stack: stacked ? "all" : undefined, barMaxWidth: 28, barMinWidth: 6,
      itemStyle: { color: COLOURS[series.meaning], borderRadius: stacked ? 0 : across ? [0, 3, 3, 0] : [3, 3, 0, 0], ...(stacked ? { borderColor: "#fff", borderWidth: 1 } : {}) },
      label: { show: single || stacked, position: stacked ? "inside" : across ? "right" : "top", color: stacked ? "#fff" : INK, fontFamily: FONT, fontSize: 12, formatter: (point) => (point.value && (!stacked || point.value >= least) ? number(point.value) : "") },
      labelLayout: { hideOverlap: true },
      data: series.values.map((value, index) => (single && data.meanings[index] ? { value, itemStyle: { color: COLOURS[data.meanings[index]] } } : value)),
    })),
  };
}

function line(data) {
  return {
    ...base(data),
    tooltip: { ...base(data).tooltip, axisPointer: { type: "line", lineStyle: { color: "#c4cdd7" } } },
    xAxis: { type: "category", data: data.categories, boundaryGap: false, axisTick: { show: false }, axisLine: { lineStyle: { color: "#c4cdd7" } }, axisLabel: { ...text, hideOverlap: true } },
    yAxis: { type: "value", max: data.maximum ?? undefined, splitLine: { lineStyle: { color: LINE } }, axisLabel: text, splitNumber: 4 },
    series: data.series.map((series, index) => ({
      name: series.name, type: "line", data: series.values, symbol: ["circle", "rect", "triangle", "diamond"][index % 4], symbolSize: 7,
      lineStyle: { width: 2, type: series.meaning === "target" ? "dashed" : "solid" }, itemStyle: { color: COLOURS[series.meaning] },
    })),
  };
}

function slices(data, type, narrow) {
  const [series] = data.series;
  const total = series.values.reduce((sum, value) => sum + (value || 0), 0) || 1;
  const share = (value) => `${Math.round((value / total) * 1000) / 10}%`;
  const points = data.categories.map((name, index) => ({ name, value: series.values[index], itemStyle: { color: COLOURS[data.meanings[index] || (type === "funnel" ? "main" : "abcdef"[index % 6])] } }));
  const shape = type === "pie"
    ? { radius: ["48%", "76%"], center: ["50%", narrow ? "44%" : "52%"], label: { show: !narrow, color: INK, fontFamily: FONT, formatter: (point) => `${point.name} ${number(point.value)}（${share(point.value)}）` } }
    : { sort: "none", left: "4%", width: "92%", top: 8, bottom: 8, gap: 3, minSize: "18%", label: { position: "inside", color: "#fff", fontFamily: FONT, formatter: (point) => `${point.name} ${number(point.value)}` } };
  const options = base(data);
  return {
    ...options,
    legend: narrow && type === "pie" ? { ...options.legend, show: true, top: "auto", bottom: 0, formatter: (name) => { const value = series.values[data.categories.indexOf(name)]; return `${name} ${number(value)}（${share(value)}）`; } } : { show: false },
    tooltip: { ...options.tooltip, trigger: "item" },
    series: [{ name: series.name, type, data: points, itemStyle: { borderColor: "#fff", borderWidth: 2 }, ...shape }],
  };
}

// A long name at the side of a narrow radar would leave the picture: it goes on below itself.
const folded = (name) => name.replace(/(.{4})(?=.)/g, "$1\n");

function radar(data, narrow) {
  const options = base(data);
  const top = data.maximum || Math.max(...data.series.flatMap((series) => series.values));
  return {
    ...options, tooltip: { ...options.tooltip, trigger: "item" },
    radar: { indicator: data.categories.map((name) => ({ name, max: top })), center: ["50%", "54%"], radius: narrow ? "52%" : "60%", axisName: { ...text, color: INK, ...(narrow ? { formatter: folded } : {}) }, splitNumber: 4, splitArea: { show: false }, splitLine: { lineStyle: { color: LINE } }, axisLine: { lineStyle: { color: LINE } } },
    series: [{ type: "radar", symbolSize: 6, data: data.series.map((series) => ({ name: series.name, value: series.values, itemStyle: { color: COLOURS[series.meaning] }, lineStyle: { width: 2 }, areaStyle: { opacity: 0.08 } })) }],
  };
}

function heatmap(data) {
  const options = base(data);
  const values = data.series.flatMap((series) => series.values.filter((value) => value !== null));
  return {
    ...options, legend: { show: false }, grid: { ...options.grid, top: 8, bottom: 44 }, tooltip: { ...options.tooltip, trigger: "item" },
    xAxis: { type: "category", data: data.categories, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { ...text, hideOverlap: true } },
    yAxis: { type: "category", data: data.series.map((series) => series.name), inverse: true, axisTick: { show: false }, axisLine: { show: false }, axisLabel: text },
    visualMap: { min: Math.min(...values, 0), max: data.maximum || Math.max(...values, 1), orient: "horizontal", text: ["多", "少"], left: 0, bottom: 0, itemHeight: 120, itemWidth: 10, textStyle: text, inRange: { color: ["#eef4fb", "#9cc3ea", "#3f83c4", "#12427d"] } },
    series: [{ type: "heatmap", label: { show: true, fontFamily: FONT, formatter: (point) => number(point.value[2]) }, itemStyle: { borderColor: "#fff", borderWidth: 2 }, data: data.series.flatMap((series, row) => series.values.map((value, column) => [column, row, value])) }],
  };
}

const SHAPES = {
  bar: bars, bars_across: bars, stacked: bars, stacked_across: bars, line, radar, heatmap,
  pie: (data, narrow) => slices(data, "pie", narrow), funnel: (data) => slices(data, "funnel", false),
};

export async function draw(figure, library) {
  if (figure.dataset.drawn) return;
  figure.dataset.drawn = "1";
  const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const place = figure.querySelector("[data-chart-canvas]");
  const echarts = await import(library);
  const chart = echarts.init(place, null, { renderer: "svg" });
  chart.setOption(SHAPES[data.kind](data, place.clientWidth < 460));
  // A bar opens what it counts; the table beside has the same links for the keyboard.
  chart.on("click", (point) => {
    const address = data.links?.[point.dataIndex]?.[point.seriesIndex];
    if (address) window.location.assign(address);
  });
  new ResizeObserver(() => { if (!place.hidden) chart.resize(); }).observe(place);
}
