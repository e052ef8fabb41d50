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

export type Card = OrderCard | LogisticsCard | ReturnCard | RefundCard | PaymentCard

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
  buttons?: Button[]
  cards?: Card[]
  client_message_id?: string | null
}

export interface StateChange extends Stored {
  type: 'state'
  state: ConversationState
}

/** A kind of event this page does not show; it still counts in the sequence. */
export interface OtherEvent extends Stored {
  type: 'rating_request' | 'verify_request'
}

export type StoredEvent = ChatMessage | StateChange | OtherEvent

export type PassingEvent =
  | { type: 'typing'; from?: Sender; on?: boolean }
  | { type: 'read'; seq?: number }
  | { type: 'queue'; position: number; wait_seconds?: [number, number] | null }

export type ChatEvent = StoredEvent | PassingEvent

export function isStored(event: ChatEvent): event is StoredEvent {
  return 'seq' in event && typeof event.seq === 'number' && event.type !== 'read'
}
