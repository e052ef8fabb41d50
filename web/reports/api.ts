import { fetchJson } from '../common/problem'
import type { Range } from './range'
import type { Definitions, ProfileInfo, ReportName, Reports } from './types'

const ROOT = '/api/v1/reports'
// A year of a busy shop takes the database a while.
const TIMEOUT = 30_000

export interface Wanted extends Range {
  /** Empty: all of one's own. */
  profile: string
  /** One of the profile's groups; empty: all. */
  group: string
}

export function address(report: ReportName, wanted: Wanted, format?: 'csv'): string {
  const query = new URLSearchParams({ from: wanted.from, to: wanted.to })
  if (wanted.profile) query.set('profile', wanted.profile)
  if (wanted.profile && wanted.group) query.set('group', wanted.group)
  if (format) query.set('format', format)
  return `${ROOT}/${report}?${query.toString()}`
}

export function definitions(): Promise<Definitions> {
  return fetchJson(`${ROOT}/definitions`)
}

/** The profiles in which one has a role. */
export async function profiles(): Promise<ProfileInfo[]> {
  return (await fetchJson<{ profiles: ProfileInfo[] }>('/api/v1/desk/profiles')).profiles
}

/** All reports of a range. What the bot was asked is not for agents. */
export async function load(wanted: Wanted, signal: AbortSignal): Promise<Reports> {
  const get = <N extends ReportName>(name: N) => fetchJson<Reports[N]>(address(name, wanted), { signal, timeout: TIMEOUT })
  const overview = await get('overview')
  const [intents, waits, hours, agents, satisfaction] = await Promise.all([
    overview.scope === 'all' ? get('intents') : null,
    get('waits'),
    get('hours'),
    get('agents'),
    get('satisfaction'),
  ])
  return { overview, intents, waits, hours, agents, satisfaction }
}
