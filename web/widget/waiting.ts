import { day } from '../common/format'
import type { People, QueuePlace } from '../common/types'

/** What a shopper reads while waiting: place and honest range, as far as they are known. */
export function waitingText(place: QueuePlace | null): string {
  if (place === null) return '转接人工中，请稍候。您可以先描述问题，客服接入后会看到。'
  const range = place.wait_seconds ? `，预计等待 ${rangeText(place.wait_seconds)}` : ''
  return `您排在第 ${place.position} 位${range}。您可以先描述问题，客服接入后会看到。`
}

/** 1 分钟内 / 约 3 分钟 / 3 至 5 分钟, from seconds. */
export function rangeText([low, high]: readonly [number, number]): string {
  const from = Math.max(1, Math.floor(low / 60))
  const to = Math.max(1, Math.ceil(high / 60))
  if (to <= 1) return '1 分钟内'
  return from >= to ? `约 ${to} 分钟` : `${from} 至 ${to} 分钟`
}

/** Whether nobody would answer now. What the server said holds until the next opening. */
export function isClosed(people: People | null, now: Date): boolean {
  if (people === null || people.open) return false
  return people.next_opening === null || now < new Date(people.next_opening)
}

/** Why the shopper is asked to leave a message. */
export function closedText(people: People, now: Date): string {
  const opening = people.next_opening ? `，${clock(people.next_opening, now)}开始上班` : ''
  return `人工客服现在休息（服务时间：${people.hours}）${opening}。您可以留言，我们会尽快答复；也可以继续问智能客服。`
}

function clock(at: string, now: Date): string {
  const time = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', hour: 'numeric', minute: '2-digit', hourCycle: 'h23' })
  const tomorrow = new Date(now.getTime() + 86_400_000)
  const date = day(at, now)
  const name = date === day(now.toISOString(), now) ? '今天' : date === day(tomorrow.toISOString(), now) ? '明天' : date
  return `${name} ${time.format(new Date(at))} `
}
