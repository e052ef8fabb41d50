import type { Colleague } from './types'

const HERE = { online: 0, busy: 1, away: 2, offline: 3 }

/** Whom to call in for a talk of `profile`: those who are there, of these who may decide first. */
export function supervisorsFirst(people: readonly Colleague[], profile: string): Colleague[] {
  const away = (one: Colleague) => Number(one.status === 'offline')
  const leads = (one: Colleague) => Number(one.leads.includes(profile))
  return [...people].sort((a, b) => away(a) - away(b) || leads(b) - leads(a) || HERE[a.status] - HERE[b.status] || a.name.localeCompare(b.name, 'zh-CN'))
}
