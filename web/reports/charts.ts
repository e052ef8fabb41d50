import type { EChartsCoreOption } from 'echarts/core'

import { duration, percent, stepText } from './figures'
import { dayText } from './range'
import type { DayRow, GroupRow, Hours, IntentRow, Served, Waits } from './types'

export const COLORS = { brand: '#0b6b5e', light: '#85b5ae', warn: '#d98a1f', bad: '#b3261e', quiet: '#b9c3bf', ink: '#1a2220', soft: '#53605c', line: '#e5e8e6' }
const FONT = '"PingFang SC", "HarmonyOS Sans SC", "MiSans", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
const WEEKDAYS = ['周一', '周二', '周三', '周四', '周五', '周六', '周日']
const SHOWN_INTENTS = 10

type Option = EChartsCoreOption

/** What a table shows beside a chart, for those who cannot see it. */
export interface Table {
  head: string[]
  rows: (string | number)[][]
}

/** Tooltips are drawn, not written as HTML: the page's policy allows no inline styles. */
const BASE = {
  animationDuration: 300,
  textStyle: { fontFamily: FONT, color: COLORS.soft },
  tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, borderWidth: 1, borderColor: COLORS.line, textStyle: { color: COLORS.ink, fontSize: 12 }, axisPointer: { type: 'shadow', shadowStyle: { color: 'rgba(20, 34, 30, 0.05)' } } },
  legend: { top: 0, right: 0, itemWidth: 12, itemHeight: 8, icon: 'roundRect', textStyle: { color: COLORS.soft, fontSize: 12 } },
  grid: { left: 4, right: 8, top: 34, bottom: 2, containLabel: true },
} as const

const LABEL = { color: COLORS.soft, fontSize: 12 }
const VALUES = { type: 'value', minInterval: 1, axisLabel: LABEL, splitLine: { lineStyle: { color: COLORS.line } } }
const SHARES = { type: 'value', min: 0, max: 1, splitLine: { show: false }, axisLabel: { ...LABEL, formatter: (value: number) => `${Math.round(value * 100)}%` } }

function names(data: string[], more: object = {}): object {
  return { type: 'category', data, axisTick: { show: false }, axisLine: { lineStyle: { color: COLORS.line } }, axisLabel: { ...LABEL, ...more } }
}

/** Talks a day, those that reached a person apart, and the share that did not. */
export function trend(days: DayRow[]): Option {
  const known = days.every((day) => day.talks !== null)
  const handed = days.map((day) => (day.contained ? day.contained.of - day.contained.n : day.handoffs))
  return {
    ...BASE,
    xAxis: names(days.map((day) => dayText(day.day))),
    yAxis: known ? [VALUES, SHARES] : [VALUES],
    series: [
      ...(known ? [{ name: '机器人独立接待', type: 'bar', stack: 'talks', barMaxWidth: 28, itemStyle: { color: COLORS.light }, data: days.map((day) => day.contained?.n ?? 0) }] : []),
      { name: '转人工', type: 'bar', stack: 'talks', barMaxWidth: 28, itemStyle: { color: COLORS.warn }, data: handed },
      ...(known ? [{ name: '独立接待率', type: 'line', yAxisIndex: 1, symbolSize: 6, connectNulls: false, lineStyle: { width: 2 }, itemStyle: { color: COLORS.brand }, tooltip: { valueFormatter: share }, data: days.map((day) => day.contained?.share ?? null) }] : []),
    ],
  }
}

export function trendTable(days: DayRow[]): Table {
  return {
    head: ['日期', '会话数', '独立接待率', '转人工次数', '首次响应中位数', '满意度'],
    rows: days.map((day) => [dayText(day.day), day.talks ?? '—', percent(day.contained?.share ?? null), day.handoffs, duration(day.first_response.median), percent(day.satisfied.share)]),
  }
}

/** The most asked about, split by whether a person was needed. */
export function intents(rows: IntentRow[]): Option {
  if (rows.every((row) => row.talks === null)) return handed(rows)
  const shown = rows.filter((row) => row.handoff_rate.share !== null).slice(0, SHOWN_INTENTS).reverse()
  return {
    ...BASE,
    grid: { ...BASE.grid, right: 56 },
    xAxis: { ...VALUES, axisLabel: LABEL },
    yAxis: names(shown.map((row) => row.title)),
    series: [
      { name: '机器人独立接待', type: 'bar', stack: 'talks', barMaxWidth: 16, itemStyle: { color: COLORS.light }, data: shown.map((row) => row.contained.n) },
      {
        name: '转人工', type: 'bar', stack: 'talks', barMaxWidth: 16, itemStyle: { color: COLORS.warn }, data: shown.map((row) => row.handed),
        label: { show: true, position: 'right', color: COLORS.soft, fontSize: 12, formatter: ({ dataIndex }: { dataIndex: number }) => percent(shown[dataIndex]?.handoff_rate.share ?? null) },
      },
    ],
  }
}

/** What was handed to a group, most often first. */
function handed(rows: IntentRow[]): Option {
  const shown = rows.filter((row) => row.handed > 0).slice(0, SHOWN_INTENTS).reverse()
  return {
    ...BASE,
    xAxis: { ...VALUES, axisLabel: LABEL },
    yAxis: names(shown.map((row) => row.title)),
    series: [{ name: '转人工', type: 'bar', barMaxWidth: 16, itemStyle: { color: COLORS.warn }, data: shown.map((row) => row.handed) }],
  }
}

/** Of the ranges told in each group: inside, shorter, longer. */
export function told(groups: GroupRow[]): Option {
  const shown = groups.filter((group) => group.right.of > 0).slice(0, 8).reverse()
  const part = (name: string, color: string, of: (group: GroupRow) => number) => ({
    name, type: 'bar', stack: 'told', barMaxWidth: 16, itemStyle: { color }, tooltip: { valueFormatter: share }, data: shown.map((group) => of(group) / group.right.of),
  })
  return {
    ...BASE,
    xAxis: { ...SHARES, splitLine: { lineStyle: { color: COLORS.line } } },
    yAxis: names(shown.map((group) => group.name)),
    series: [
      part('比告知的短', COLORS.quiet, (group) => group.shorter),
      part('在范围内', COLORS.brand, (group) => group.right.n),
      part('比告知的长', COLORS.warn, (group) => group.longer),
    ],
  }
}

export function steps(waits: Waits): Option {
  const ends = waits.steps.map((step, at) => stepText(step.up_to, waits.steps[at - 1]?.up_to ?? null))
  return {
    ...BASE,
    xAxis: names(ends, { interval: 0 }),
    yAxis: VALUES,
    series: [
      { name: '等到客服', type: 'bar', stack: 'steps', barMaxWidth: 36, itemStyle: { color: COLORS.brand }, data: waits.steps.map((step) => step.served) },
      { name: '没等到就离开', type: 'bar', stack: 'steps', barMaxWidth: 36, itemStyle: { color: COLORS.warn }, data: waits.steps.map((step) => step.left) },
    ],
  }
}

export function stepsTable(waits: Waits): Table {
  return {
    head: ['排队时长', '等到客服', '没等到就离开'],
    rows: waits.steps.map((step, at) => [stepText(step.up_to, waits.steps[at - 1]?.up_to ?? null), step.served, step.left]),
  }
}

/** Each hour of each weekday; Monday stands on top. */
export function week(hours: Hours): Option {
  const value = (row: Hours['week'][number]) => row.questions ?? row.handoffs
  const most = Math.max(1, ...hours.week.map(value))
  return {
    ...BASE,
    tooltip: { ...BASE.tooltip, trigger: 'item', formatter: (point: { dataIndex: number }) => weekText(hours.week[point.dataIndex]) },
    legend: { show: false },
    grid: { ...BASE.grid, top: 8, bottom: 34 },
    xAxis: names([...Array(24).keys()].map(String), { interval: 1 }),
    yAxis: { ...names(WEEKDAYS), inverse: true },
    visualMap: { min: 0, max: most, calculable: false, orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 120, itemWidth: 10, text: ['多', '少'], textStyle: LABEL, inRange: { color: ['#f2f6f5', COLORS.light, COLORS.brand] } },
    series: [{ type: 'heatmap', data: hours.week.map((row) => [row.hour, row.weekday - 1, value(row)]), itemStyle: { borderColor: '#fff', borderWidth: 2, borderRadius: 3 } }],
  }
}

function weekText(row: Hours['week'][number] | undefined): string {
  if (!row) return ''
  const questions = row.questions === null ? '' : `\n提问 ${row.questions} 次`
  return `${WEEKDAYS[row.weekday - 1] ?? ''} ${row.hour}:00–${row.hour + 1}:00${questions}\n转人工 ${row.handoffs} 次`
}

export function hoursTable(hours: Hours): Table {
  return {
    head: ['时段', '提问数', '转人工次数', '排队中位数', '排队 90 分位'],
    rows: hours.hours.map((row) => [`${row.hour}:00–${row.hour + 1}:00`, row.questions ?? '—', row.handoffs, duration(row.wait.median), duration(row.wait.p90)]),
  }
}

export function stars(served: Served[]): Option {
  const colors = [COLORS.bad, COLORS.warn, COLORS.quiet, COLORS.light, COLORS.brand]
  const rows = served.filter((row) => row.given.n > 0).reverse()
  return {
    ...BASE,
    xAxis: { ...SHARES, splitLine: { lineStyle: { color: COLORS.line } } },
    yAxis: names(rows.map((row) => row.name)),
    series: colors.map((color, star) => ({ name: `${star + 1} 星`, type: 'bar', stack: 'stars', barMaxWidth: 22, itemStyle: { color }, tooltip: { valueFormatter: share }, data: rows.map((row) => (row.stars[star] ?? 0) / row.given.n) })),
  }
}

export function starsTable(served: Served[]): Table {
  return {
    head: ['接待方', '邀请评价', '评价率', '满意度', '平均星级', '1 星', '2 星', '3 星', '4 星', '5 星'],
    rows: served.map((row) => [row.name, row.asked, percent(row.given.share), percent(row.satisfied.share), row.mean ?? '—', ...row.stars]),
  }
}

function share(value: unknown): string {
  return percent(typeof value === 'number' ? value : null)
}
