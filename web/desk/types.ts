import type { Attachment, Card, ConversationState, LogisticsCard, OrderCard, PaymentCard, ReturnCard, Sender, StoredEvent } from '../common/types'

export type Role = 'agent' | 'supervisor' | 'trainer' | 'admin'

export interface StaffUser {
  staff_id: number
  username: string
  name?: string | null
  /** Role names by profile; `*` stands for every profile. */
  roles: Record<string, Role[]>
  totp?: boolean
}

export interface LoginAnswer {
  csrf_token: string
  user: StaffUser
}

export interface Sla {
  kind: 'answer' | 'wait'
  due_at: string
  state: 'ok' | 'warning' | 'breached'
}

export interface Summary {
  conversation_id: string
  profile: string
  shopper_name: string
  state: ConversationState
  state_since?: string | null
  reason: string | null
  group?: string | null
  group_name?: string | null
  priority?: 0 | 1 | 2
  position?: number | null
  waiting_since: string | null
  last_text: string | null
  last_from?: Sender | null
  last_at?: string | null
  last_seq?: number
  unread?: number
  note: string | null
  /** The agent who answers, where one does. */
  assigned_to: number | null
  agent_name: string | null
  sla?: Sla | null
  /** Given back to the queue since its agent was lost. */
  returned?: boolean
  /** I had it and let it lie, or passed it to a group. */
  missed?: boolean
  invited?: boolean
  tags?: string[]
  seller_id?: string | null
}

export type PresenceStatus = 'online' | 'busy' | 'away' | 'offline'

export interface Presence {
  status: PresenceStatus
  capacity: number
  load: number
  groups: { profile: string; group: string; name: string; mode: 'push' | 'pull' }[]
  lease_until: string | null
}

export interface InboxLists {
  presence: Presence
  mine: Summary[]
  queue: Summary[]
  invited: Summary[]
  colleagues: Summary[]
}

export interface Parse {
  text?: string | null
  intent?: { name: string | null; confidence: number } | null
  entities?: { entity: string; value: unknown }[] | null
}

export interface Understanding {
  text: string
  intent: string | null
  confidence: number | null
  alternatives: { name: string; confidence: number }[]
}

/** What the bot knew when it called for a person; frozen then. */
export interface Packet {
  transcript: { from: Sender; text: string; at: string }[]
  understanding: Understanding[]
  tried: string[]
  slots: Record<string, unknown>
  orders: string[]
  sentiment: { score: number; label: 'calm' | 'impatient' | 'angry' } | null
  visits_30_days: number | null
  reason: string | null
  lost: string[]
}

/** What colleagues tell each other about a conversation; shoppers never see it. */
export interface Note {
  note_id: number
  at: string
  staff_id: number | null
  name: string
  kind: 'note' | 'whisper'
  text: string
}

export interface Earlier {
  conversation_id: string
  started_at: string
  ended_at: string | null
  last_text: string | null
  agent_name: string | null
  stars: number | null
}

export interface Detail extends Summary {
  account_id?: string | null
  verified_orders?: string[]
  context?: Record<string, unknown> | null
  events: StoredEvent[]
  read_up_to: number
  parse?: Parse | null
  packet?: Packet | null
  history?: Earlier[]
  notes?: Note[]
  invited_staff?: { staff_id: number; name: string }[] | number[]
  draft?: string | null
}

export interface ShopperOrder extends OrderCard {
  payments?: PaymentCard[]
  shipments?: LogisticsCard[]
  returns?: ReturnCard[]
}

export interface ActionField {
  name: string
  title: string
  type: 'text' | 'select' | 'textarea'
  options?: { value: string; title: string }[] | string[]
  required?: boolean
  value?: string | null
}

/** What an agent may do for the shopper in the shop. */
export interface ShopperAction {
  name: string
  title: string
  order_number?: string | null
  allowed: boolean
  why_not?: string | null
  /** What will happen, for the one who confirms it. */
  confirm?: string | null
  fields: ActionField[]
}

export interface TicketSummary {
  number: string
  kind: string
  kind_text: string
  state: 'open' | 'in_progress' | 'answered' | 'closed'
  state_text: string
  subject: string
  details: string
  order_number: string | null
  created_at: string
  due_at: string
  answered_at: string | null
  profile?: string
  conversation_id?: string | null
  account_id?: string | null
  contact?: string | null
  assigned_to?: number | null
  agent_name?: string | null
  overdue?: boolean
  due_soon?: boolean
}

/** A matter that came by phone or at the counter. */
export interface TicketReport {
  profile: string
  kind: string
  details: string
  contact: string
  order_number?: string
}

export interface TicketDetail extends TicketSummary {
  answer: string | null
  progress: { at: string; state: string; state_text: string; text: string; actor?: string; shown?: boolean }[]
  evidence: Attachment[]
}

export interface Shopper {
  account: { name: string; account_id: string; member_level?: string | null; phone_masked?: string | null; locked?: boolean | null } | null
  orders: ShopperOrder[]
  tickets: TicketSummary[]
  earlier: Earlier[]
  actions: ShopperAction[]
  /** The shop is away: its part is missing. */
  problem?: { code: string; title: string } | null
}

export interface Canned {
  canned_id: number
  profile: string
  group: string | null
  shortcut: string
  title: string
  text: string
  /** Its only user, where it is one agent's own. */
  staff_id?: number | null
  scope?: 'all' | 'mine'
}

export interface Article {
  article: string
  title: string
  section: string
  passage: string
  url: string
}

export interface Suggestion {
  text: string
  intent: string | null
  confidence: number | null
  cards: Card[]
  /** Titles of the bot's buttons, which are not sent: it does nothing while a person has the talk. */
  left_out: string[]
  /** Stands for text and cards when they are sent as they are. */
  signed?: string
  source: 'bot' | 'article' | 'canned'
}

export interface Colleague {
  staff_id: number
  username: string
  name: string
  status: PresenceStatus
  profiles: string[]
  /** Where they are a supervisor. */
  leads: string[]
}

export interface GroupSummary {
  profile: string
  group: string
  name: string
  mode?: 'push' | 'pull'
  open?: boolean
  online?: number
  waiting?: number
}

export interface ProfileInfo {
  profile: string
  brand: string
  groups: { group: string; name: string }[]
}

export interface Intent {
  name: string
  title: string
  /** Whether a shopper's words may mean it. */
  typed: boolean
}

export interface Closing {
  resolution: 'solved' | 'unsolved' | 'no_answer' | 'duplicate' | 'other'
  intent_right: boolean | null
  right_intent?: string
  tags?: string[]
  note?: string
}
