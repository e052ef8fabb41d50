// The shop's texts speak of China Standard Time, so the pages do too, wherever they are read.
const ZONE = 'Asia/Shanghai'
const parts = new Intl.DateTimeFormat('zh-CN', {
  timeZone: ZONE,
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

function read(at: Date): Record<string, string> {
  return Object.fromEntries(parts.formatToParts(at).map((part) => [part.type, part.value]))
}

/** Fen as yuan: 129900 → ¥1,299.00 */
export function yuan(fen: number): string {
  const sign = fen < 0 ? '-' : ''
  const amount = Math.abs(fen) / 100
  return `${sign}¥${amount.toLocaleString('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
}

/** 今天 14:03 / 昨天 09:20 / 11月8日 18:00 / 2025年11月8日; empty for what is no time. */
export function moment(at: string, now = new Date()): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return ''
  const then = read(date)
  const clock = `${then['hour']}:${then['minute']}`
  if (sameDay(then, read(now))) return `今天 ${clock}`
  if (sameDay(then, read(new Date(now.getTime() - 86_400_000)))) return `昨天 ${clock}`
  const day = `${then['month']}月${then['day']}日`
  return then['year'] === read(now)['year'] ? `${day} ${clock}` : `${then['year']}年${day}`
}

/** 11月24日 (with the year where it is another one); empty for what is no time. */
export function day(at: string, now = new Date()): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return ''
  const then = read(date)
  const text = `${then['month']}月${then['day']}日`
  return then['year'] === read(now)['year'] ? text : `${then['year']}年${text}`
}

/** How long ago, for a person who watches a queue: 刚刚 / 3 分钟 / 2 小时 5 分 / 3 天 */
export function waited(since: string, now = new Date()): string {
  const minutes = Math.floor((now.getTime() - new Date(since).getTime()) / 60_000)
  if (Number.isNaN(minutes)) return ''
  if (minutes < 1) return '刚刚'
  if (minutes < 60) return `${minutes} 分钟`
  if (minutes < 1440) return `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分`
  return `${Math.floor(minutes / 1440)} 天`
}

function sameDay(a: Record<string, string>, b: Record<string, string>): boolean {
  return a['year'] === b['year'] && a['month'] === b['month'] && a['day'] === b['day']
}
