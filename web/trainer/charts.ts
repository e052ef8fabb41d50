import type { EChartsCoreOption } from 'echarts/core'

import type { Both, Day, ThresholdRow } from './api/types'

const LIVE = '#66716e'
const CANDIDATE = '#0b6b5e'
const WARN = '#c77700'
const TEXT = { color: '#53605c', fontSize: 12 }
const SPLIT = { lineStyle: { color: '#e5e8e6' } }

interface Point {
  seriesName?: string
  marker?: unknown
  value?: unknown
  axisValueLabel?: string
}

const base = (): EChartsCoreOption => ({
  animation: false,
  textStyle: { fontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif' },
  grid: { left: 52, right: 20, top: 36, bottom: 40 },
  legend: { top: 0, right: 0, itemWidth: 14, itemHeight: 8, textStyle: TEXT },
})

const share = (name: string, more: object = {}) => ({
  type: 'value',
  name,
  nameLocation: 'middle',
  nameGap: 26,
  nameTextStyle: TEXT,
  axisLabel: { ...TEXT, formatter: (value: number) => `${Number((value * 100).toFixed(1))}%` },
  splitLine: SPLIT,
  ...more,
})

const inPercent = (value: unknown) => (typeof value === 'number' ? `${(value * 100).toFixed(1)} %` : '—')

/** A tooltip in plain text: `describe` gives each point's line. */
function tooltip(describe: (point: Point) => string, trigger: 'axis' | 'item' = 'item'): object {
  return {
    trigger,
    renderMode: 'richText',
    confine: true,
    formatter: (found: Point | Point[]) => [found].flat().map(describe).join('\n'),
  }
}

/** How many are wrong among the surest share of the frozen set. */
export function riskCoverage(curves: Both<[number, number][]>): EChartsCoreOption {
  const line = (name: string, data: [number, number][], color: string, type: string) => ({
    type: 'line', name, data, showSymbol: false, color, lineStyle: { width: 2, type }, symbolSize: 6,
  })
  return {
    ...base(),
    tooltip: tooltip((point) => `${point.seriesName}：回答 ${inPercent((point.value as number[])[0])} 时，答错 ${inPercent((point.value as number[])[1])}`),
    xAxis: share('回答的比例', { min: 0, max: 1 }),
    yAxis: share('', { min: 0 }),
    series: [line('线上', curves.live, LIVE, 'dashed'), line('候选', curves.candidate, CANDIDATE, 'solid')],
  }
}

/** Whether the bot is right as often as it says. */
export function reliability(curves: Both<[number, number, number][]>): EChartsCoreOption {
  const line = (name: string, data: [number, number, number][], color: string, type: string, symbol: string) => ({
    type: 'line', name, data: data.map(([confidence, accuracy]) => [confidence, accuracy]), color, symbol, symbolSize: 7, lineStyle: { width: 2, type },
  })
  return {
    ...base(),
    tooltip: tooltip((point) => `${point.seriesName}：把握 ${inPercent((point.value as number[])[0])}，实际答对 ${inPercent((point.value as number[])[1])}`),
    xAxis: share('把握', { min: 0, max: 1 }),
    yAxis: share('', { min: 0, max: 1 }),
    series: [
      { type: 'line', name: '理想', data: [[0, 0], [1, 1]], color: '#d3d8d5', showSymbol: false, silent: true, lineStyle: { width: 1 } },
      line('线上', curves.live, LIVE, 'dashed', 'emptyCircle'),
      line('候选', curves.candidate, CANDIDATE, 'solid', 'circle'),
    ],
  }
}

/** What each threshold makes of the messages, with the chosen one marked. */
export function thresholds(rows: readonly ThresholdRow[], chosen: number): EChartsCoreOption {
  const area = (name: string, key: 'answered' | 'asked' | 'handed_off', color: string) => ({
    type: 'line', name, stack: 'all', showSymbol: false, color, areaStyle: { opacity: 0.55 }, lineStyle: { width: 0 }, data: rows.map((row) => [row.threshold, row[key]]),
  })
  return {
    ...base(),
    tooltip: tooltip((point) => `${point.seriesName} ${inPercent((point.value as number[])[1])}`, 'axis'),
    xAxis: share('回答的界限', { min: rows[0]?.threshold ?? 0, max: rows.at(-1)?.threshold ?? 1 }),
    yAxis: share('', { min: 0, max: 1 }),
    series: [
      { ...area('直接回答', 'answered', CANDIDATE), markLine: { symbol: 'none', silent: true, animation: false, label: { show: false }, lineStyle: { color: '#1a2220', width: 2, type: 'solid' }, data: [{ xAxis: chosen }] } },
      area('请顾客确认', 'asked', WARN),
      area('转人工', 'handed_off', '#9aa5a1'),
    ],
  }
}

/** Containment, hand-offs and confidence, day by day. */
export function days(found: readonly Day[]): EChartsCoreOption {
  const rate = (part: number, whole: number) => (whole > 0 ? part / whole : null)
  return {
    ...base(),
    grid: { left: 52, right: 52, top: 36, bottom: 28 },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      formatter: (all: Point[]) => {
        const lines = all.map((one) => `${one.seriesName}：${one.seriesName === '会话数' ? String(one.value ?? 0) : inPercent(one.value)}`)
        return [all[0]?.axisValueLabel ?? '', ...lines].join('\n')
      },
    },
    xAxis: { type: 'category', data: found.map((day) => day.day.slice(5)), axisLabel: TEXT, axisTick: { show: false } },
    yAxis: [
      share('', { min: 0, max: 1 }),
      { type: 'value', minInterval: 1, axisLabel: TEXT, splitLine: { show: false } },
    ],
    series: [
      { type: 'bar', name: '会话数', yAxisIndex: 1, color: '#dfe4e1', data: found.map((day) => day.conversations), barMaxWidth: 24 },
      { type: 'line', name: '机器人解决', color: CANDIDATE, lineStyle: { width: 2 }, data: found.map((day) => rate(day.contained, day.conversations)) },
      { type: 'line', name: '转人工', color: WARN, lineStyle: { width: 2, type: 'dashed' }, data: found.map((day) => rate(day.handed_off, day.conversations)) },
      { type: 'line', name: '平均把握', color: LIVE, lineStyle: { width: 2, type: 'dotted' }, data: found.map((day) => day.confidence_mean) },
    ],
  }
}
