import {
  init,
  type BarSeriesOption,
  type EChartsOption,
  type TitleComponentOption,
  type YAXisComponentOption,
} from 'echarts'
import { barsOf, type Bars, type BarSeries } from './bars.ts'
import { toText } from './numbers.ts'
import type { CaseResult } from './results.ts'

/*
 * From `echarts` as a whole: the tests can `require` that, and its parts are modules that Jest can not on Node 20.
 */

const WIDTH = 760
const MARGIN = 24
const HEADER = 84
const BAR = 24
const GAP = 14

const FONT = 'Helvetica, Arial, sans-serif'
const INK = '#1f2328'
const FAINT_INK = '#59636e'
const LINE = '#d1d9e0'
const BACKGROUND = '#ffffff'

/** Of each series in turn: p50 is drawn full, p99 pale. */
const OURS = ['#0969da', '#8fc1f7']
const PEERS = ['#9aa4af', '#d5dae0']

const OUR_NAME = 'Holdfast'

/** A letter of a name, in pixels; wide, for a viewer that has a wider font than Helvetica. */
const LETTER = 7.8
const MAX_NAME_WIDTH = 236
const NAME_LINE = 208
const NAME_GAP = 10
const NUMBER_WIDTH = 112

/**
 * The case's chart, an SVG with a white ground of its own, for light pages and dark ones. The same result always
 * gives the same bytes.
 *
 * @returns undefined where there is nothing to compare.
 */
export function drawChart(caseResult: CaseResult): string | undefined {
  const bars = barsOf(caseResult)
  if (bars === undefined) return undefined
  const height = HEADER + bars.contestants.length * rowHeight(bars) + MARGIN
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  try {
    chart.setOption(optionOf(caseResult.title, bars))
    return asPicture(chart.renderToSVGString())
  } finally {
    chart.dispose()
  }
}

/**
 * Without what ECharts adds for the mouse, which a picture in a page never meets, and whose classes are numbered anew
 * each time; and with text centred in the one way that every viewer knows.
 */
function asPicture(svg: string): string {
  const picture = svg
    .replaceAll(/ (?:class|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/<style.*<\/style>\s*/s, '')
    .replaceAll('dominant-baseline="central"', 'dy="0.35em"')
  return `${picture.trim()}\n`
}

function rowHeight({ series }: Bars): number {
  return series.length * BAR + GAP
}

/** As wide as the longest name, which is broken into lines where it is too wide. */
function nameWidth({ contestants }: Bars): number {
  const letters = Math.max(...contestants.map(({ length }) => length))
  return Math.min(Math.ceil(letters * LETTER), MAX_NAME_WIDTH)
}

function optionOf(title: string, bars: Bars): EChartsOption {
  return {
    animation: false,
    backgroundColor: BACKGROUND,
    textStyle: { fontFamily: FONT },
    title: titleOf(title, bars.measure),
    grid: {
      left: MARGIN + nameWidth(bars) + NAME_GAP,
      right: MARGIN + NUMBER_WIDTH,
      top: HEADER,
      bottom: MARGIN,
    },
    xAxis: { type: 'value', show: false, min: 0, max: 'dataMax' },
    yAxis: namesOf(bars),
    series: bars.series.map((each, nth) => seriesOf(each, nth, bars.contestants)),
  }
}

function titleOf(text: string, subtext: string): TitleComponentOption {
  const width = WIDTH - 2 * MARGIN
  return {
    text,
    subtext,
    left: MARGIN,
    top: MARGIN - 4,
    padding: 0,
    itemGap: 8,
    textStyle: { color: INK, fontSize: 17, fontFamily: FONT, width, overflow: 'truncate' },
    subtextStyle: { color: FAINT_INK, fontSize: 13, fontFamily: FONT },
  }
}

function namesOf(bars: Bars): YAXisComponentOption {
  return {
    type: 'category',
    data: [...bars.contestants],
    inverse: true,
    axisLine: { lineStyle: { color: LINE } },
    axisTick: { show: false },
    axisLabel: {
      color: INK,
      fontSize: 14,
      lineHeight: 17,
      margin: NAME_GAP,
      interval: 0,
      width: NAME_LINE,
      overflow: 'break',
    },
  }
}

function seriesOf(series: BarSeries, nth: number, contestants: readonly string[]): BarSeriesOption {
  return {
    type: 'bar',
    barWidth: BAR - 2,
    barGap: '10%',
    label: { show: true, position: 'right', color: INK, fontSize: 14 },
    data: series.values.map((value, row) => ({
      value: value ?? '-',
      itemStyle: { color: colourOf(contestants[row], nth), borderRadius: [0, 3, 3, 0] },
      label: { formatter: () => labelOf(series, value) },
    })),
  }
}

function colourOf(contestant = '', nth: number): string {
  const shades = contestant.startsWith(OUR_NAME) ? OURS : PEERS
  return shades[nth % shades.length] ?? INK
}

function labelOf({ label, unit }: BarSeries, value: number | undefined): string {
  return value === undefined ? '' : `${label} ${toText(value)} ${unit}`.trim()
}
