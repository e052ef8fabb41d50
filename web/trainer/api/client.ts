import { fetchJson, Problem, problemFrom, Unreachable } from '../../common/problem'
import type { Call } from '../../common/problem'
import type { StaffUser } from './types'

const ROOT = '/api/v1/trainer'
const DESK = '/api/v1/desk'
const CSRF = 'X-CSRF-Token'
/** Saving waits for others' saves, and the whole data takes a while to check. */
const PATIENCE = 60_000

interface LoginAnswer {
  csrf_token: string
  user: StaffUser
}

export interface Profile {
  profile: string
  brand: string
}

/** Calls the trainers' API; the cookie holds the session, this the CSRF token. */
export class Client {
  #csrf = ''

  /** `loggedOut` is called when the server no longer knows the session. */
  constructor(private readonly loggedOut: () => void) {}

  async login(username: string, password: string, code?: string): Promise<StaffUser> {
    const body = { username, password, ...(code === undefined ? {} : { totp: code }) }
    return this.#remember(await fetchJson<LoginAnswer>(`${DESK}/login`, { method: 'POST', body }))
  }

  /** Who is logged in, or null. */
  async me(): Promise<StaffUser | null> {
    try {
      return this.#remember(await fetchJson<LoginAnswer>(`${DESK}/me`))
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null
      throw error
    }
  }

  logout(): Promise<unknown> {
    return this.#call(`${DESK}/logout`, { method: 'POST', body: {}, headers: { [CSRF]: this.#csrf } })
  }

  /** The brands in which the user has a role. */
  async profiles(): Promise<Profile[]> {
    return (await this.#call<{ profiles: Profile[] }>(`${DESK}/profiles`)).profiles
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>(ROOT + path)
  }

  post<T = unknown>(path: string, body: unknown = {}): Promise<T> {
    return this.#change<T>('POST', path, body)
  }

  put<T = unknown>(path: string, body: unknown): Promise<T> {
    return this.#change<T>('PUT', path, body)
  }

  delete<T = unknown>(path: string, body?: unknown): Promise<T> {
    return this.#change<T>('DELETE', path, body)
  }

  /** An answer that is plain text. */
  async text(path: string): Promise<string> {
    const response = await this.#fetch(ROOT + path, {})
    return response.text()
  }

  async form<T>(path: string, form: FormData): Promise<T> {
    const response = await this.#fetch(ROOT + path, { method: 'POST', body: form, headers: { [CSRF]: this.#csrf } })
    return (await response.json()) as T
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    let response: Response
    try {
      response = await fetch(url, { ...init, credentials: 'same-origin', cache: 'no-store' })
    } catch (error) {
      throw new Unreachable(String(error))
    }
    if (response.ok) return response
    const problem = problemFrom(response.status, await response.json().catch(() => null))
    this.#note(problem)
    throw problem
  }

  #remember(answer: LoginAnswer): StaffUser {
    this.#csrf = answer.csrf_token
    return answer.user
  }

  #change<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown): Promise<T> {
    return this.#call<T>(ROOT + path, { method, body, headers: { [CSRF]: this.#csrf } })
  }

  async #call<T>(url: string, call: Call = {}): Promise<T> {
    try {
      return await fetchJson<T>(url, { timeout: PATIENCE, ...call })
    } catch (error) {
      this.#note(error)
      throw error
    }
  }

  #note(error: unknown): void {
    if (error instanceof Problem && error.status === 401) this.loggedOut()
  }
}

/** `?a=1&b=2` of what is there. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const filled = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== '')
  return filled.length === 0 ? '' : `?${new URLSearchParams(filled.map(([name, value]) => [name, String(value)])).toString()}`
}
