import type { Sla, Summary } from './types'

export type Urgency = 'calm' | 'soon' | 'late'

/** How urgent it is at `now` (milliseconds), whatever was true when the server told. */
export function urgency(sla: Sla | null | undefined, now: number): Urgency {
  if (!sla) return 'calm'
  if (sla.state === 'breached' || new Date(sla.due_at).getTime() <= now) return 'late'
  return sla.state === 'warning' ? 'soon' : 'calm'
}

/** For how long, as a clock that ticks: 0:42, 12:05, 1:03:20; from a day on 2 天. */
export function ticking(since: string | null | undefined, now: number): string {
  const seconds = Math.max(0, Math.floor((now - new Date(since ?? '').getTime()) / 1000))
  if (Number.isNaN(seconds)) return ''
  if (seconds >= 86_400) return `${Math.floor(seconds / 86_400)} 天`
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const padded = String(rest).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${padded}` : `${minutes}:${padded}`
}

/** Seconds as people say them: 45 秒, 3 分 20 秒, 1 小时 5 分; a dash where none are known. */
export function lasting(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '—'
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} 秒`
  if (whole < 3600) return whole % 60 ? `${Math.floor(whole / 60)} 分 ${whole % 60} 秒` : `${whole / 60} 分`
  return `${Math.floor(whole / 3600)} 小时 ${Math.floor(whole / 60) % 60} 分`
}

/** Since when the shopper waits for a word from a person, if they do. */
export function waitsSince(one: Summary): string | null {
  if (one.state === 'waiting') return one.waiting_since ?? one.state_since ?? null
  if (one.last_from === 'shopper') return one.last_at ?? one.waiting_since
  return null
}

const WORST: Record<Urgency, number> = { late: 0, soon: 1, calm: 2 }

/** My chats: those whose shopper waits come first, the most urgent and longest on top. */
export function byUrgency(chats: readonly Summary[], now: number): Summary[] {
  const rank = (one: Summary) => (waitsSince(one) ? WORST[urgency(one.sla, now)] : 3)
  const time = (one: Summary) => new Date(waitsSince(one) ?? one.last_at ?? 0).getTime()
  return [...chats].sort((a, b) => rank(a) - rank(b) || (rank(a) === 3 ? time(b) - time(a) : time(a) - time(b)))
}
