import { expect, test } from 'vitest'

import { pageAfterSignIn, signInAddress } from '../common/signIn'
import { address } from '../reports/api'
import { intents, told, trend, week } from '../reports/charts'
import { between, cards, count, duration, percent, points, relative, stepText } from '../reports/figures'
import { beforeText, lengthOf, rangeOf, rangeText, shifted, today } from '../reports/range'
import { agents, intents as intentTable, wrong } from '../reports/tables'
import type { AgentRow, Figures, IntentRow, Share, Spread } from '../reports/types'

const EVENING = new Date('2026-11-30T15:59:59Z')
const MIDNIGHT = new Date('2026-11-30T16:00:00Z')

const share = (n: number, of: number): Share => ({ n, of, share: of ? n / of : null })
const spread = (n: number, median: number | null, p90 = median): Spread => ({ n, median, p90 })
const none: Figures = {
  talks: 0, contained: share(0, 0), handoff_rate: share(0, 0), handoffs: 0, left: share(0, 0), returned: 0,
  wait: spread(0, null), first_response: spread(0, null), resolution: spread(0, null), satisfied: share(0, 0), told_right: share(0, 0), wrong: share(0, 0),
}

test('the day changes at midnight in Beijing', () => {
  expect([today(EVENING), today(MIDNIGHT)]).toEqual(['2026-11-30', '2026-12-01'])
})

test('ranges end today', () => {
  expect(rangeOf('today', EVENING)).toEqual({ from: '2026-11-30', to: '2026-11-30' })
  expect(rangeOf('week', MIDNIGHT)).toEqual({ from: '2026-11-25', to: '2026-12-01' })
  expect(lengthOf(rangeOf('month', EVENING))).toBe(30)
  expect(shifted('2028-02-28', 2)).toBe('2028-03-01')
})

test('a range and what it is compared with are told in words', () => {
  expect(rangeText({ from: '2026-11-24', to: '2026-11-30' })).toBe('11月24日 – 11月30日')
  expect(rangeText({ from: '2026-11-30', to: '2026-11-30' })).toBe('11月30日')
  expect(beforeText({ from: '2026-11-30', to: '2026-11-30' }, EVENING)).toBe('昨天同一时刻')
  expect(beforeText({ from: '2026-11-29', to: '2026-11-29' }, EVENING)).toBe('前一天')
  expect(beforeText({ from: '2026-11-24', to: '2026-11-30' }, EVENING)).toBe('前 7 天')
})

test('times, shares and numbers', () => {
  expect([0, 59.4, 60, 200, 3600, 7500, 86_400, 273_600].map(duration)).toEqual(['0 秒', '59 秒', '1 分', '3 分 20 秒', '1 小时', '2 小时 5 分', '1 天', '3 天 4 小时'])
  expect([0, 0.8132, 1].map(percent)).toEqual(['0%', '81.3%', '100%'])
  expect([duration(null), percent(null), count(null)]).toEqual(['—', '—', '—'])
  expect([between(0, 180), between(60, 240)]).toEqual(['3 分内', '1 分到 4 分'])
  expect(count(12_345)).toBe('12,345')
  expect([stepText(60, null), stepText(180, 60), stepText(null, 1800)]).toEqual(['1 分钟内', '1–3 分钟', '30 分钟以上'])
})

test('a change says whether it is for the better', () => {
  expect(relative('first_response', 60, 120)).toEqual({ text: '下降 50%', mood: 'good' })
  expect(relative('first_response', 126, 120)).toEqual({ text: '上升 5.0%', mood: 'bad' })
  expect(relative('talks', 120, 100)).toEqual({ text: '上升 20%', mood: 'plain' })
  expect(points('satisfied', 0.8, 0.85)).toEqual({ text: '下降 5.0 个百分点', mood: 'bad' })
  expect(points('wrong', 0.1, 0.1)).toEqual({ text: '持平', mood: 'plain' })
})

test('nothing is compared with nothing', () => {
  expect([relative('talks', 3, 0), relative('wait', null, 3), points('wrong', 0.1, null)]).toEqual([null, null, null])
})

test('the cards of a supervisor and of an agent', () => {
  const names = (figures: Figures) => cards(figures, none).map((card) => card.name)
  expect(names(none)).toEqual(['talks', 'contained', 'first_response', 'resolution', 'satisfied', 'told_right', 'left', 'wrong'])
  expect(names({ ...none, talks: null, contained: null, handoff_rate: null }).slice(0, 2)).toEqual(['handoffs', 'wait'])
  const card = cards({ ...none, contained: share(3, 4) }, { ...none, contained: share(1, 2) })[1]
  expect(card).toEqual({ name: 'contained', value: '75.0%', note: '3 / 4 个会话', change: { text: '上升 25.0 个百分点', mood: 'good' } })
  expect(cards(none, none)[2]).toEqual({ name: 'first_response', value: '—', note: '没有可统计的数据', change: null })
})

const intent = (name: string, talks: number, handed: number, marked = share(0, 0)): IntentRow => ({
  intent: name, title: name, talks, handed, contained: share(talks - handed, talks), handoff_rate: share(handed, talks), wrong: marked, meant: [],
})

interface Drawn { series: { data: unknown[] }[]; yAxis: { data: string[] } }

test('the chart of intents shows ten, the most asked about on top, without those that have no rate', () => {
  const rows = [...Array(12).keys()].map((at) => intent(`i${at}`, 20 - at, 1))
  const drawn = intents([intent('没有具体问题', 0, 3), ...rows]) as unknown as Drawn
  expect(drawn.yAxis.data).toHaveLength(10)
  expect(drawn.yAxis.data.at(-1)).toBe('i0')
  expect(drawn.series[0]?.data.at(-1)).toBe(19)
})

test('the trend of an agent has no talks of the bot', () => {
  const day = { day: '2026-11-30', handoffs: 2, first_response: spread(0, null), satisfied: share(0, 0) }
  const mine = trend([{ ...day, talks: null, contained: null }]) as unknown as Drawn
  const all = trend([{ ...day, talks: 5, contained: share(4, 5) }]) as unknown as Drawn
  expect(mine.series.map((one) => one.data)).toEqual([[2]])
  expect(all.series.map((one) => one.data)).toEqual([[4], [1], [0.8]])
})

test('waits told beside waits had, of groups that have any', () => {
  const group = { profile: 'demo', brand: '', group: 'a', handoffs: 4, left: 0, returned: 0, wait: spread(4, 60), told: 4, shorter: 1, longer: 1, low: 1, high: 2, had: spread(4, 60) }
  const drawn = told([{ ...group, name: '在线', right: share(2, 4) }, { ...group, name: '没有', right: share(0, 0) }]) as unknown as Drawn
  expect(drawn.yAxis.data).toEqual(['在线'])
  expect(drawn.series.map((one) => one.data)).toEqual([[0.25], [0.5], [0.25]])
})

test('the week shows questions, or hand-offs where the questions are not for the reader', () => {
  const hours = (questions: number | null) => ({ days: 7, hours: [], week: [{ weekday: 1, hour: 9, questions, handoffs: 2 }] })
  const data = (questions: number | null) => (week(hours(questions)) as unknown as Drawn).series[0]?.data
  expect([data(5), data(null)]).toEqual([[[9, 0, 5]], [[9, 0, 2]]])
})

test('tables put first what was wrong most often, and give the ninth tenth beside the middle', () => {
  const rows = wrong([intent('a', 1, 0, share(1, 9)), intent('b', 1, 0, share(4, 5))]).rows
  expect(rows.map((row) => row[0])).toEqual(['b', 'a'])
  const agent: AgentRow = { staff_id: 1, name: '小王', chats: 2, passed_on: 0, given_back: 1, response: spread(2, 20, 45), held: spread(0, null), satisfied: share(0, 0), wrong: share(0, 0) }
  expect(agents([agent]).rows[0]?.slice(4, 7)).toEqual(['20 秒（45 秒）', '—', '—'])
})

test('addresses name the range, and the profile where one is chosen', () => {
  const range = { from: '2026-11-01', to: '2026-11-30' }
  expect(address('agents', { ...range, profile: '', group: '' })).toBe('/api/v1/reports/agents?from=2026-11-01&to=2026-11-30')
  expect(address('hours', { ...range, profile: 'tp', group: '' }, 'csv')).toBe('/api/v1/reports/hours?from=2026-11-01&to=2026-11-30&profile=tp&format=csv')
})

test('signing in comes back to pages of our own alone', () => {
  expect(signInAddress('/reports')).toBe('/desk?next=%2Freports')
  expect(pageAfterSignIn('?next=%2Freports')).toBe('/reports')
  expect([pageAfterSignIn('?next=https%3A%2F%2Fevil.example'), pageAfterSignIn('?next=%2F%2Fevil.example'), pageAfterSignIn('')]).toEqual([null, null, null])
})

test('of one group only what was handed to it is shown, and its name is asked for with the profile', () => {
  const range = { from: '2026-11-01', to: '2026-11-30' }
  expect(address('waits', { ...range, profile: 'tmall', group: 'shop-clothes' })).toMatch(/profile=tmall&group=shop-clothes$/)
  expect(address('waits', { ...range, profile: '', group: 'shop-clothes' })).not.toContain('group')
  const rows: IntentRow[] = [{ intent: 'refund_progress', title: '退款进度', talks: null, handed: 7, contained: share(0, 0), handoff_rate: share(0, 0), wrong: share(1, 4), meant: [] }]
  expect(intentTable(rows)).toEqual({ head: ['问题类型', '转人工', '标记', '答错', '答错率'], rows: [['退款进度', 7, 4, 1, '25.0%']] })
  expect(intents(rows)).toMatchObject({ series: [{ name: '转人工', data: [7] }] })
})
