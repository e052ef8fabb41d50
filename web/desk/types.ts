import type { ConversationState, StoredEvent } from '../common/types'

export interface StaffUser {
  staff_id: number
  username: string
  name?: string | null
}

export interface LoginAnswer {
  csrf_token: string
  user: StaffUser
}

export interface Summary {
  conversation_id: string
  profile: string
  shopper_name: string
  state: ConversationState
  reason: string | null
  waiting_since: string | null
  last_text: string | null
  note: string | null
  /** The agent who answers, where one does. */
  assigned_to: number | null
  agent_name: string | null
}

export interface Detail extends Summary {
  events: StoredEvent[]
  /** How the bot read the shopper's last message. */
  parse?: Parse | null
}

export interface Parse {
  text?: string | null
  intent?: { name: string | null; confidence: number } | null
  entities?: { entity: string; value: unknown }[] | null
}
