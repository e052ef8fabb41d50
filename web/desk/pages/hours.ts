export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export const DAY_NAMES = ['周一', '周二', '周三', '周四', '周五', '周六', '周日'] as const
const CLOSED = 'closed'
const TIMES = /^\d\d:[0-5]\d-\d\d:[0-5]\d(\s*,\s*\d\d:[0-5]\d-\d\d:[0-5]\d)*$/

/** The times of each day from Monday on; empty where nobody is there. */
export function byDay(weekly: Record<string, string>): string[] {
  const times: string[] = DAYS.map(() => '')
  for (const [key, value] of Object.entries(weekly)) {
    const [first = '', last = first] = key.split('-')
    const [from, to] = [DAYS.indexOf(first as (typeof DAYS)[number]), DAYS.indexOf(last as (typeof DAYS)[number])]
    for (let day = from; day >= 0 && day <= to; day += 1) times[day] = value === CLOSED ? '' : value
  }
  return times
}

/** The other way round: neighbouring days with the same times become one range. */
export function weeklyOf(times: readonly string[]): Record<string, string> {
  const weekly: Record<string, string> = {}
  let from = 0
  for (let day = 1; day <= DAYS.length; day += 1) {
    if (day < DAYS.length && tidy(times[day]) === tidy(times[from])) continue
    const key = from === day - 1 ? DAYS[from] : `${DAYS[from]}-${DAYS[day - 1]}`
    if (key) weekly[key] = tidy(times[from]) || CLOSED
    from = day
  }
  return weekly
}

/** Whether it reads as times (09:00-12:00, 13:30-18:00) or is empty. */
export function readsAsTimes(value: string): boolean {
  return tidy(value) === '' || TIMES.test(tidy(value))
}

function tidy(value: string | undefined): string {
  return (value ?? '').replaceAll('：', ':').replaceAll('，', ',').replaceAll(/[–—~至]/g, '-').trim()
}
