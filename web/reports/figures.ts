import type { Figures, Share, Spread } from './types'

export const NONE = '—'

/** 0.8132 → 81.3% */
export function percent(share: number | null): string {
  return share === null ? NONE : `${(share * 100).toFixed(share === 0 || share === 1 ? 0 : 1)}%`
}

const DAYS = { below: Infinity, big: 86_400, small: 3600, unit: '天', rest: '小时' }
const STEPS = [{ below: 3600, big: 60, small: 1, unit: '分', rest: '秒' }, { below: 86_400, big: 3600, small: 60, unit: '小时', rest: '分' }, DAYS]

/** 45 秒, 3 分 20 秒, 2 小时 5 分, 3 天 4 小时 */
export function duration(seconds: number | null): string {
  if (seconds === null) return NONE
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} 秒`
  const step = STEPS.find(({ below }) => whole < below) ?? DAYS
  const left = Math.floor((whole % step.big) / step.small)
  return `${Math.floor(whole / step.big)} ${step.unit}${left ? ` ${left} ${step.rest}` : ''}`
}

/** 3 分内, 2 分到 5 分 */
export function between(low: number | null, high: number | null): string {
  return low === 0 ? `${duration(high)}内` : `${duration(low)}到 ${duration(high)}`
}

export function count(value: number | null): string {
  return value === null ? NONE : value.toLocaleString('zh-CN')
}

export type Mood = 'good' | 'bad' | 'plain'

export interface Card {
  name: string
  value: string
  /** Over how many cases, and the like. */
  note: string
  change: Change | null
}

export interface Change {
  text: string
  mood: Mood
}

/** Whether more of it is better; null: neither. */
const BETTER: Record<string, 'more' | 'less' | null> = {
  talks: null,
  contained: 'more',
  first_response: 'less',
  resolution: 'less',
  satisfied: 'more',
  told_right: 'more',
  left: 'less',
  wrong: 'less',
  handoffs: null,
  wait: 'less',
}

/** The cards of a page, in order; what is not for the reader is left out. */
export function cards(now: Figures, before: Figures): Card[] {
  const found: Card[] = []
  if (now.talks !== null) found.push({ name: 'talks', value: count(now.talks), note: `转人工 ${count(now.handoffs)} 次`, change: relative('talks', now.talks, before.talks) })
  else found.push({ name: 'handoffs', value: count(now.handoffs), note: `退回队列 ${count(now.returned)} 次`, change: relative('handoffs', now.handoffs, before.handoffs) })
  if (now.contained !== null) found.push(shareCard('contained', now.contained, before.contained, '个会话'))
  else found.push(timeCard('wait', now.wait, before.wait))
  found.push(timeCard('first_response', now.first_response, before.first_response))
  found.push(timeCard('resolution', now.resolution, before.resolution))
  found.push(shareCard('satisfied', now.satisfied, before.satisfied, '条评价'))
  found.push(shareCard('told_right', now.told_right, before.told_right, '次告知'))
  found.push(shareCard('left', now.left, before.left, '次转人工'))
  found.push(shareCard('wrong', now.wrong, before.wrong, '条标记'))
  return found
}

function shareCard(name: string, now: Share, before: Share | null, unit: string): Card {
  const note = now.of === 0 ? '没有可统计的数据' : `${count(now.n)} / ${count(now.of)} ${unit}`
  return { name, value: percent(now.share), note, change: points(name, now.share, before?.share ?? null) }
}

function timeCard(name: string, now: Spread, before: Spread): Card {
  const note = now.n === 0 ? '没有可统计的数据' : `90% 在 ${duration(now.p90)}内 · ${count(now.n)} 次`
  return { name, value: duration(now.median), note, change: relative(name, now.median, before.median) }
}

/** By how much of itself; null where there is nothing to compare. */
export function relative(name: string, now: number | null, before: number | null): Change | null {
  if (now === null || before === null || before === 0) return null
  const by = (now - before) / before
  return changed(name, by, `${Math.abs(by * 100).toFixed(Math.abs(by) < 0.1 ? 1 : 0)}%`)
}

/** By how many points of a hundred. */
export function points(name: string, now: number | null, before: number | null): Change | null {
  if (now === null || before === null) return null
  const by = now - before
  return changed(name, by, `${Math.abs(by * 100).toFixed(1)} 个百分点`)
}

function changed(name: string, by: number, size: string): Change {
  if (Number.parseFloat(size) === 0) return { text: '持平', mood: 'plain' }
  const better = BETTER[name] ?? null
  const mood: Mood = better === null ? 'plain' : (by > 0) === (better === 'more') ? 'good' : 'bad'
  return { text: `${by > 0 ? '上升' : '下降'} ${size}`, mood }
}

/** What the steps of waiting are called. */
export function stepText(upTo: number | null, before: number | null): string {
  if (upTo === null) return `${minutes(before ?? 0)} 分钟以上`
  return before === null ? `${minutes(upTo)} 分钟内` : `${minutes(before)}–${minutes(upTo)} 分钟`
}

function minutes(seconds: number): number {
  return Math.round(seconds / 60)
}
