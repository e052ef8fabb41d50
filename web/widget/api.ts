import type { Outgoing } from '../common/outbox'
import { fetchJson, fetchText, Problem, Unreachable } from '../common/problem'
import type { Call } from '../common/problem'
import type { Attachment, ChatEvent, ConversationState, PassingEvent, People, QueuePlace } from '../common/types'
import { uploadFile } from '../common/upload'

/** Who is talking: a JWT of the shop's own server, a demo account, or a guest with neither. */
export interface Identity {
  profile: string
  token?: string
  /** Brings a token that has not run out, where the shop's page can make one. */
  freshToken?: () => Promise<string | undefined>
  demoAccount?: string
}

export interface Context {
  order_id?: string
  item_id?: string
  case_id?: string
  seller_id?: string
  page?: string
}

export interface Session {
  conversation_id: string
  session_token: string
  resume_token: string
  state: ConversationState
  last_seq: number
  /** How far an agent has read, as far as the desk knows. */
  read_up_to?: number
  queue?: QueuePlace | null
  people?: People
}

export interface TicketForm {
  kind: string
  details: string
  contact?: string
  order_number?: string
}

export interface Opinion {
  stars: number
  reasons: string[]
  text: string
}

export type Signal = { type: 'typing' } | { type: 'read'; up_to: number }

const POLL_SECONDS = 25

/** The shopper API, with a session that is opened when needed and renewed when it has run out. */
export class ShopperApi {
  #session: Session | null = null
  #opening: Promise<Session> | null = null
  #left = ''

  /** `opened` is told of every session: a new conversation means a new talk. */
  constructor(
    readonly base: string,
    private identity: Identity,
    private readonly context: () => Context,
    private readonly store: Storage,
    private readonly opened: (session: Session) => void,
  ) {}

  /** The start of every storage key that belongs to this shopper. */
  get prefix(): string {
    return keyPrefix(this.base, this.identity)
  }

  /** The conversation that this browser's windows are in, as the last of them noted it. */
  get currentConversation(): string | null {
    return this.store.getItem(`${this.prefix}conversation`)
  }

  /** The same shopper has a newer token, for sessions that are opened later. */
  become(identity: Identity): void {
    this.identity = identity
  }

  /** The next session leaves this conversation, unless another window has begun one already. */
  leave(conversation: string): void {
    this.#left = conversation
    this.#session = null
  }

  /** Look for the conversation anew: another window may have moved on to another one. */
  renew(): void {
    this.#session = null
  }

  /** The current session; opens or resumes one where there is none. */
  session(): Promise<Session> {
    if (this.#session) return Promise.resolve(this.#session)
    this.#opening ??= this.#openAlone().finally(() => (this.#opening = null))
    return this.#opening
  }

  /** Drop a session that the server no longer takes, unless it was renewed meanwhile. */
  expire(session: Session): void {
    if (this.#session === session) this.#session = null
  }

  async send(message: Outgoing): Promise<{ seq: number }> {
    const { id, text, button, attachment } = message
    const content = attachment ? { attachment_id: attachment } : button ? { button } : { text }
    const body = { client_message_id: id, ...content }
    return this.#authorised<{ seq: number }>('/messages', { method: 'POST', body })
  }

  /** Upload a picture for a message; `progress` hears the share that has left. */
  upload(picture: Blob, progress: (share: number) => void): Promise<Attachment> {
    const url = `${this.base}/api/v1/shopper/attachments`
    return this.#inSession((session) => uploadFile<Attachment>(url, picture, bearer(session), progress))
  }

  /** A picture of this conversation at addresses that have not expired. */
  freshPicture(id: string): Promise<Attachment> {
    return this.#authorised<Attachment>(`/attachments/${id}`, {})
  }

  /** Events after `after`; waits for the first one if there are none, and may bring none. */
  async poll(after: number, signal: AbortSignal): Promise<ChatEvent[]> {
    const path = `/events?after=${after}&wait=${POLL_SECONDS}`
    const call = { signal, timeout: (POLL_SECONDS + 10) * 1000 }
    const answer = await this.#authorised<{ events: ChatEvent[]; passing?: PassingEvent[] }>(path, call)
    return [...answer.events, ...(answer.passing ?? [])]
  }

  async signal(signal: Signal): Promise<void> {
    await this.#authorised('/signals', { method: 'POST', body: signal })
  }

  /** End the conversation. */
  async close(): Promise<void> {
    await this.#authorised('/close', { method: 'POST', body: {} })
  }

  async leaveQueue(): Promise<void> {
    await this.#authorised('/queue/leave', { method: 'POST', body: {} })
  }

  /** Answer the `rating_request` with this `seq`. */
  async rate(seq: number, opinion: Opinion): Promise<void> {
    await this.#authorised('/rating', { method: 'POST', body: { seq, ...opinion } })
  }

  /** An address at which the talk can be printed; good for a few minutes. */
  async transcriptUrl(): Promise<string> {
    const { url } = await this.#authorised<{ url: string }>('/transcript/link', { method: 'POST', body: {} })
    return new URL(url, this.base).href
  }

  /** The talk as plain text. */
  transcript(): Promise<string> {
    const url = `${this.base}/api/v1/shopper/transcript`
    return this.#inSession((session) => fetchText(url, { headers: bearer(session) }))
  }

  /** The server is there, and the browser keeps its answers from this page: its origin is not listed. */
  async isClosedToPage(): Promise<boolean> {
    if (new URL(this.base, location.href).origin === location.origin) return false
    const there = await fetch(`${this.base}/healthz`, { mode: 'no-cors', cache: 'no-store' }).catch(() => null)
    return there !== null
  }

  /** Leave a message that people answer later; the sentence to show. */
  async openTicket(form: TicketForm): Promise<string> {
    const { profile } = this.identity
    const token = await this.#token()
    const body = { profile, ...form, ...(token ? { token } : {}) }
    return (await fetchJson<{ text: string }>(`${this.base}/api/v1/shopper/tickets`, { method: 'POST', body })).text
  }

  /** Check a one-time code. It goes from the input to the server and is kept nowhere. */
  async verify(verifyId: string, code: string): Promise<{ done: boolean }> {
    const body = { verify_id: verifyId, code }
    return this.#authorised<{ done: boolean }>('/verify', { method: 'POST', body })
  }

  /** Have another code sent; says when the next one may be asked for. */
  async resendCode(verifyId: string): Promise<{ resend_at: string }> {
    const body = { verify_id: verifyId }
    return this.#authorised<{ resend_at: string }>('/verify/resend', { method: 'POST', body })
  }

  socketUrl(): string {
    return `${this.base.replace(/^http/, 'ws')}/api/v1/shopper/ws`
  }

  #authorised<T>(path: string, call: Call): Promise<T> {
    const url = `${this.base}/api/v1/shopper${path}`
    return this.#inSession((session) => fetchJson<T>(url, { ...call, headers: bearer(session) }))
  }

  async #inSession<T>(call: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.session()
    try {
      return await call(session)
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error
      this.expire(session)
      return call(await this.session())
    }
  }

  // A resume token is good for one use, so tabs of one shopper take turns.
  async #openAlone(): Promise<Session> {
    if (!('locks' in navigator)) return this.#open()
    return navigator.locks.request(`${this.prefix}session`, () => this.#open())
  }

  async #open(): Promise<Session> {
    const key = `${this.prefix}resume`
    // Another window may have begun anew a moment ago, and what it stored may not have come through
    // yet: the server then knows which talk was begun with this token.
    const ended = this.#left !== '' && this.#left === this.currentConversation
    this.#left = ''
    const resumeToken = this.store.getItem(key)
    let session: Session
    try {
      session = await this.#create(resumeToken, !ended)
    } catch (error) {
      const refused = error instanceof Problem && !error.passes && error.code !== 'identity_refused'
      if (!refused || resumeToken === null) throw error
      this.store.removeItem(key)
      session = await this.#create(null, false)
    }
    this.store.setItem(key, session.resume_token)
    this.store.setItem(`${this.prefix}conversation`, session.conversation_id)
    this.#session = session
    this.opened(session)
    return session
  }

  async #token(): Promise<string | undefined> {
    const { token, freshToken } = this.identity
    if (!freshToken) return token
    try {
      return await freshToken()
    } catch (error) {
      throw new Unreachable(String(error))
    }
  }

  async #create(resumeToken: string | null, endedToo: boolean): Promise<Session> {
    const { profile, demoAccount } = this.identity
    const token = await this.#token()
    const body = {
      profile,
      ...(token ? { token } : {}),
      ...(demoAccount ? { demo_account: demoAccount } : {}),
      ...(resumeToken ? { resume_token: resumeToken, ...(endedToo ? { ended_too: true } : {}) } : {}),
      context: this.context(),
    }
    return fetchJson<Session>(`${this.base}/api/v1/shopper/sessions`, { method: 'POST', body })
  }
}

function bearer(session: Session): Record<string, string> {
  return { Authorization: `Bearer ${session.session_token}` }
}

/** The start of every storage key that belongs to this shopper. */
export function keyPrefix(base: string, identity: Identity): string {
  return `kefu:${base}:${identity.profile}:${subject(identity)}:`
}

/** Whose storage keys these are; the token itself changes, its subject does not. */
function subject({ token, demoAccount }: Identity): string {
  if (demoAccount) return `demo-${demoAccount}`
  if (!token) return 'guest'
  try {
    const payload = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')
    const claims = JSON.parse(atob(payload)) as { sub?: unknown }
    return `account-${String(claims.sub)}`
  } catch {
    return 'account'
  }
}
