import type { PresenceStatus, Role } from '../types'
import { listIn, query } from './client'
import type { Client } from './client'

export interface WallGroup {
  profile: string
  group: string
  name: string
  mode: 'push' | 'pull'
  waiting: number
  longest_wait_seconds: number | null
  online: number
  busy: number
  load: number
  capacity: number
  breaches: number
  wait_seconds: [number, number] | null
}

export interface WallAgent {
  staff_id: number
  name: string
  status: PresenceStatus
  load: number
  capacity: number
  groups: ({ profile?: string; group: string; name?: string } | string)[]
  lease_until: string | null
  last_assigned_at: string | null
}

export interface Wall {
  groups: WallGroup[]
  agents: WallAgent[]
  today: {
    handoffs: number
    answered: number
    returned: number
    abandoned: number
    median_wait_seconds: number | null
    told_right_share: number | null
  }
}

export interface GroupSettings {
  name: string
  mode: 'push' | 'pull'
  /** As in a profile file: `mon-fri` → `09:00-12:00, 13:30-18:00` or `closed`. */
  hours: { weekly: Record<string, string>; holidays?: string | null; dates?: Record<string, string> } | null
  overflow: string | null
  overflow_minutes: number | null
  answer_seconds: number | null
  /** From when on a wait is shown as too long. */
  wait_seconds: number | null
  members: number[]
}

export interface StaffRow {
  staff_id: number
  username: string
  name: string
  active: boolean
  roles: Record<string, Role[]>
  groups: Record<string, string[]>
  capacity: number
  totp?: boolean
  last_seen_at?: string | null
}

export type StaffForm = Pick<StaffRow, 'name' | 'roles' | 'groups' | 'active' | 'capacity'>

/** What supervisors and administrators see and set. */
export class SupervisionApi {
  constructor(private readonly client: Client) {}

  wall(profile?: string): Promise<Wall> {
    return this.client.get(`/wall${query({ profile })}`)
  }

  setPresence(staffId: number, status: PresenceStatus): Promise<unknown> {
    return this.client.put(`/agents/${staffId}/presence`, { status })
  }

  group(profile: string, group: string): Promise<GroupSettings> {
    return this.client.get(groupPath(profile, group))
  }

  saveGroup(profile: string, group: string, settings: GroupSettings): Promise<unknown> {
    // The answer that is edited holds more than may be set.
    const { name, mode, hours, overflow, overflow_minutes, answer_seconds, wait_seconds, members } = settings
    return this.client.put(groupPath(profile, group), { name, mode, hours, overflow, overflow_minutes, answer_seconds, wait_seconds, members })
  }

  async staff(): Promise<StaffRow[]> {
    return listIn<StaffRow>(await this.client.get('/staff'), 'staff')
  }

  addStaff(username: string, form: StaffForm): Promise<{ password?: string }> {
    const { name, roles, groups, capacity } = form
    return this.client.post('/staff', { username, name, roles, groups, capacity })
  }

  saveStaff(staffId: number, form: StaffForm): Promise<unknown> {
    const { name, roles, groups, active, capacity } = form
    return this.client.put(`/staff/${staffId}`, { name, roles, groups, active, capacity })
  }

  resetPassword(staffId: number): Promise<{ password: string }> {
    return this.client.post(`/staff/${staffId}/reset-password`)
  }
}

function groupPath(profile: string, group: string): string {
  return `/groups/${encodeURIComponent(profile)}/${encodeURIComponent(group)}`
}
