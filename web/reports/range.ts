/** Days of the shop, `YYYY-MM-DD`, both included. */
export interface Range {
  from: string
  to: string
}

export type Preset = 'today' | 'week' | 'month' | 'own'

export const PRESETS: [Preset, string][] = [
  ['today', '今天'],
  ['week', '近 7 天'],
  ['month', '近 30 天'],
  ['own', '自选'],
]
const LENGTHS: Record<Exclude<Preset, 'own'>, number> = { today: 1, week: 7, month: 30 }
const DAY = 86_400_000
const BEIJING = 8 * 3_600_000

/** The day that it is in Beijing, wherever the page is read. */
export function today(now: Date): string {
  return new Date(now.getTime() + BEIJING).toISOString().slice(0, 10)
}

export function rangeOf(preset: Exclude<Preset, 'own'>, now: Date): Range {
  const to = today(now)
  return { from: shifted(to, 1 - LENGTHS[preset]), to }
}

/** The day so many days later. */
export function shifted(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10)
}

export function lengthOf(range: Range): number {
  return Math.round((Date.parse(range.to) - Date.parse(range.from)) / DAY) + 1
}

/** What the range is compared with, in words. */
export function beforeText(range: Range, now: Date): string {
  const days = lengthOf(range)
  if (days > 1) return `前 ${days} 天`
  return range.to === today(now) ? '昨天同一时刻' : '前一天'
}

/** 11月24日 – 11月30日 */
export function rangeText(range: Range): string {
  const [from, to] = [dayText(range.from), dayText(range.to)]
  return range.from === range.to ? to : `${from} – ${to}`
}

/** 11月24日 */
export function dayText(day: string): string {
  const [, month, date] = day.split('-')
  return `${Number(month)}月${Number(date)}日`
}
