import { fetchJson, Problem } from '../common/problem'
import type { Call } from '../common/problem'
import type { ChatEvent } from '../common/types'
import { newId } from '../widget/outbox'
import type { Detail, LoginAnswer, StaffUser, Summary } from './types'

const ROOT = '/api/v1/desk'
const POLL_SECONDS = 25

/** The desk's API for a logged-in agent; the cookie holds the session, this the CSRF token. */
export class DeskApi {
  #csrf = ''

  /** `loggedOut` is called when the server no longer knows the session. */
  constructor(private readonly loggedOut: () => void) {}

  async login(username: string, password: string): Promise<StaffUser> {
    return this.#remember(await fetchJson<LoginAnswer>(`${ROOT}/login`, { method: 'POST', body: { username, password } }))
  }

  /** Who is logged in, or null. */
  async me(): Promise<StaffUser | null> {
    try {
      return this.#remember(await fetchJson<LoginAnswer>(`${ROOT}/me`))
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null
      throw error
    }
  }

  logout(): Promise<unknown> {
    return this.#post('/logout')
  }

  async list(state: 'waiting' | 'assigned' | 'closed'): Promise<Summary[]> {
    const path = `/conversations?state=${state}`
    return (await this.#call<{ conversations: Summary[] }>(path)).conversations
  }

  conversation(id: string): Promise<Detail> {
    return this.#call<Detail>(path(id))
  }

  async events(id: string, after: number, signal: AbortSignal): Promise<ChatEvent[]> {
    const call = { signal, timeout: (POLL_SECONDS + 10) * 1000 }
    return (await this.#call<{ events: ChatEvent[] }>(path(id, `events?after=${after}&wait=${POLL_SECONDS}`), call)).events
  }

  /** Send an answer; the same `messageId` again does not send it twice. */
  answer(id: string, text: string, messageId: string): Promise<unknown> {
    return this.#post(path(id, 'messages'), { text, client_message_id: messageId })
  }

  claim(id: string): Promise<unknown> {
    return this.#post(path(id, 'claim'))
  }

  returnToBot(id: string): Promise<unknown> {
    return this.#post(path(id, 'return-to-bot'))
  }

  close(id: string): Promise<unknown> {
    return this.#post(path(id, 'close'))
  }

  #remember(answer: LoginAnswer): StaffUser {
    this.#csrf = answer.csrf_token
    return answer.user
  }

  #post(where: string, body: unknown = {}): Promise<unknown> {
    return this.#call(where, { method: 'POST', body, headers: { 'X-CSRF-Token': this.#csrf } })
  }

  async #call<T>(where: string, call: Call = {}): Promise<T> {
    try {
      return await fetchJson<T>(ROOT + where, call)
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.loggedOut()
      throw error
    }
  }
}

export { newId }

function path(id: string, rest = ''): string {
  return `/conversations/${encodeURIComponent(id)}${rest ? `/${rest}` : ''}`
}
