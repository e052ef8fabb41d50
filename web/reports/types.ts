/** What the reports' API answers. Times are in seconds, shares between 0 and 1; null: cannot be told. */

export interface Share {
  n: number
  of: number
  share: number | null
}

export interface Spread {
  n: number
  median: number | null
  p90: number | null
}

export interface Figures {
  talks: number | null
  contained: Share | null
  handoff_rate: Share | null
  handoffs: number
  left: Share
  returned: number
  wait: Spread
  first_response: Spread
  resolution: Spread
  satisfied: Share
  told_right: Share
  wrong: Share
}

export interface DayRow {
  day: string
  talks: number | null
  contained: Share | null
  handoffs: number
  first_response: Spread
  satisfied: Share
}

export interface Overview {
  scope: 'all' | 'own'
  group: string | null
  profiles: string[]
  from: string
  to: string
  figures: Figures
  before: Figures
  days: DayRow[]
}

export interface IntentRow {
  intent: string | null
  title: string
  /** Null where one group alone is looked at: it knows but what was handed to it. */
  talks: number | null
  handed: number
  contained: Share
  handoff_rate: Share
  wrong: Share
  meant: { intent: string; title: string; n: number }[]
}

export interface Told {
  told: number
  right: Share
  shorter: number
  longer: number
  low: number | null
  high: number | null
  had: Spread
}

export interface GroupRow extends Told {
  profile: string
  group: string | null
  brand: string
  name: string
  handoffs: number
  left: number
  returned: number
  wait: Spread
}

export interface Waits {
  steps: { up_to: number | null; served: number; left: number }[]
  told: Told
  groups: GroupRow[]
}

export interface Hours {
  days: number
  hours: { hour: number; questions: number | null; handoffs: number; wait: Spread }[]
  week: { weekday: number; hour: number; questions: number | null; handoffs: number }[]
}

export interface AgentRow {
  staff_id: number
  name: string
  chats: number
  passed_on: number
  given_back: number
  response: Spread
  held: Spread
  satisfied: Share
  wrong: Share
}

export interface Served {
  served_by: 'bot' | 'agent'
  name: string
  asked: number
  given: Share
  satisfied: Share
  mean: number | null
  stars: number[]
}

export interface Satisfaction {
  satisfied: Share
  served_by: Served[]
  reasons: { reason: string; title: string; n: number }[]
  days: { day: string; satisfied: Share }[]
}

export interface Reports {
  overview: Overview
  intents: { intents: IntentRow[] } | null
  waits: Waits
  hours: Hours
  agents: { agents: AgentRow[] }
  satisfaction: Satisfaction
}

export type ReportName = keyof Reports
export type Definitions = Record<string, { title: string; text: string }>

export interface ProfileInfo {
  profile: string
  brand: string
  groups: { group: string; name: string }[]
  /** Whether one sees everything of it, and not one's own alone. */
  leads: boolean
}
