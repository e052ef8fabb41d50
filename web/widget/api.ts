import { fetchJson, Problem } from '../common/problem'
import type { Call } from '../common/problem'
import type { ChatEvent, ConversationState } from '../common/types'
import type { Outgoing } from './outbox'

/** Who is talking: a JWT of the shop's own server, a demo account, or a guest with neither. */
export interface Identity {
  profile: string
  token?: string
  demoAccount?: string
}

export interface Context {
  order_id?: string
  item_id?: string
  case_id?: string
  page?: string
}

export interface Session {
  conversation_id: string
  session_token: string
  resume_token: string
  state: ConversationState
  last_seq: number
}

const POLL_SECONDS = 25

/** The shopper API, with a session that is opened when needed and renewed when it has run out. */
export class ShopperApi {
  #session: Session | null = null
  #opening: Promise<Session> | null = null

  /** `opened` is told of every session: a new conversation means a new talk. */
  constructor(
    readonly base: string,
    private readonly identity: Identity,
    private readonly context: () => Context,
    private readonly store: Storage,
    private readonly opened: (session: Session) => void,
  ) {}

  /** The start of every storage key that belongs to this shopper. */
  get prefix(): string {
    return `kefu:${this.base}:${this.identity.profile}:${subject(this.identity)}:`
  }

  get canResume(): boolean {
    return this.store.getItem(`${this.prefix}resume`) !== null
  }

  /** Leave the conversation behind: the next session starts another one. */
  forget(): void {
    this.store.removeItem(`${this.prefix}resume`)
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
    const { id, text, button } = message
    const body = { client_message_id: id, ...(button ? { button } : { text }) }
    return this.#authorised<{ seq: number }>('/messages', { method: 'POST', body })
  }

  /** Events after `after`; waits for the first one if there are none, and may bring none. */
  async poll(after: number, signal: AbortSignal): Promise<ChatEvent[]> {
    const path = `/events?after=${after}&wait=${POLL_SECONDS}`
    const call = { signal, timeout: (POLL_SECONDS + 10) * 1000 }
    return (await this.#authorised<{ events: ChatEvent[] }>(path, call)).events
  }

  socketUrl(): string {
    return `${this.base.replace(/^http/, 'ws')}/api/v1/shopper/ws`
  }

  async #authorised<T>(path: string, call: Call): Promise<T> {
    const session = await this.session()
    try {
      return await this.#call<T>(path, call, session)
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error
      this.expire(session)
      return this.#call<T>(path, call, await this.session())
    }
  }

  #call<T>(path: string, call: Call, session: Session): Promise<T> {
    const headers = { Authorization: `Bearer ${session.session_token}` }
    return fetchJson<T>(`${this.base}/api/v1/shopper${path}`, { ...call, headers })
  }

  // A resume token is good for one use, so tabs of one shopper take turns.
  async #openAlone(): Promise<Session> {
    if (!('locks' in navigator)) return this.#open()
    return navigator.locks.request(`${this.prefix}session`, () => this.#open())
  }

  async #open(): Promise<Session> {
    const key = `${this.prefix}resume`
    const resumeToken = this.store.getItem(key)
    let session: Session
    try {
      session = await this.#create(resumeToken)
    } catch (error) {
      const refused = error instanceof Problem && !error.passes
      if (!refused || resumeToken === null) throw error
      this.store.removeItem(key)
      session = await this.#create(null)
    }
    this.store.setItem(key, session.resume_token)
    this.#session = session
    this.opened(session)
    return session
  }

  #create(resumeToken: string | null): Promise<Session> {
    const { profile, token, demoAccount } = this.identity
    const body = {
      profile,
      ...(token ? { token } : {}),
      ...(demoAccount ? { demo_account: demoAccount } : {}),
      ...(resumeToken ? { resume_token: resumeToken } : {}),
      context: this.context(),
    }
    return fetchJson<Session>(`${this.base}/api/v1/shopper/sessions`, { method: 'POST', body })
  }
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
