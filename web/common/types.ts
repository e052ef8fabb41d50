/** What travels between the desk and a page. Money is in fen, times are ISO 8601 with an offset. */

export type ConversationState = 'bot' | 'waiting' | 'assigned' | 'closed'
export type Sender = 'shopper' | 'bot' | 'agent' | 'system'

export interface Button {
  id: string
  title: string
}

export interface OrderCard {
  type: 'order'
  order_number: string
  state: string
  state_text: string
  placed_at: string
  total: number
  freight?: number
  discount?: number
  items: { item_id: string; name: string; variant: string; quantity: number; unit_price: number }[]
  buttons?: Button[]
}

export interface LogisticsCard {
  type: 'logistics'
  order_number: string
  carrier_name: string
  tracking_number: string
  state_text: string
  expected_at: string | null
  events: { at: string; text: string }[]
  buttons?: Button[]
}

export interface ReturnCard {
  type: 'return'
  /** return, exchange or repair; older cards are all returns. */
  kind?: string
  wanted_variant?: string | null
  rma_number: string
  order_number: string
  item_name: string
  state_text: string
  refund_amount: number
  return_address: string | null
  buttons?: Button[]
}

export interface RefundCard {
  type: 'refund'
  order_number: string
  amount: number
  state_text: string
  channel: string
  expected_at: string | null
  buttons?: Button[]
}

export interface PaymentCard {
  type: 'payment'
  order_number: string
  method: string
  amount: number
  state_text: string
  failure_text: string | null
  buttons?: Button[]
}

/** A help article; `url` is a path on the desk. */
export interface ArticleCard {
  type: 'article'
  title: string
  section: string
  url: string
  buttons?: Button[]
}

export type Card = OrderCard | LogisticsCard | ReturnCard | RefundCard | PaymentCard | ArticleCard

/** A picture; the addresses are paths on the desk that expire. */
export interface Attachment {
  id: string
  url: string
  thumbnail_url: string
  width: number
  height: number
}

interface Stored {
  /** Counts up from 1 without a gap within a conversation. */
  seq: number
  at: string
}

export interface ChatMessage extends Stored {
  type: 'message'
  from: Sender
  text: string | null
  /** The agent's name, where an agent wrote it. */
  name?: string | null
  /** Who that agent is; told to staff only. */
  staff_id?: number | null
  buttons?: Button[]
  cards?: Card[]
  /** With pictures, `text` only stands for them. */
  attachments?: Attachment[]
  client_message_id?: string | null
  /** The verification that this message ends. */
  verify_id?: string
  /** Its writer took it back: its words are gone. */
  recalled?: boolean
}

/** An agent took the message `recalled` (a `seq`) back. */
export interface Recall extends Stored {
  type: 'recalled'
  recalled: number
}

export interface StateChange extends Stored {
  type: 'state'
  state: ConversationState
}

/** A one-time code is on its way and has to be entered in an input of its own. */
export interface VerifyRequest extends Stored {
  type: 'verify_request'
  verify_id: string
  purpose: string
  channel: string | null
  address_masked: string | null
  text: string
  expires_at: string
  resend_at: string
}

/** The shopper is asked how the bot, or the agent of that name, has served. */
export interface RatingRequest extends Stored {
  type: 'rating_request'
  served_by?: 'bot' | 'agent'
  name?: string
}

export interface RatingGiven extends Stored {
  type: 'rating'
  /** The `seq` of the `rating_request` that it answers; the newest one counts. */
  request: number
  stars: number
  reasons: string[]
  text: string
}

export type StoredEvent = ChatMessage | StateChange | VerifyRequest | RatingRequest | RatingGiven | Recall

/** A place in the queue; `wait_seconds` is a range, where it can be told. */
export interface QueuePlace {
  type: 'queue'
  position: number
  wait_seconds?: [number, number] | null
}

export type PassingEvent =
  | { type: 'typing'; from?: Sender; on?: boolean; staff_id?: number | null; name?: string | null }
  | { type: 'draft'; staff_id: number; name: string; on?: boolean }
  | { type: 'read'; from?: Sender; up_to: number }
  | QueuePlace

export type ChatEvent = StoredEvent | PassingEvent

export function isStored(event: ChatEvent): event is StoredEvent {
  return 'seq' in event && typeof event.seq === 'number'
}

/** Whether a person would answer now; `hours` in Chinese words. */
export interface People {
  open: boolean
  hours: string
  next_opening: string | null
}
