import { fetchJson, Problem } from '../../common/problem'
import type { Call } from '../../common/problem'
import { uploadFile } from '../../common/upload'

const ROOT = '/api/v1/desk'
const CSRF = 'X-CSRF-Token'

/** Calls the staff's API; the cookie holds the session, this the CSRF token. */
export class Client {
  csrf = ''

  /** `loggedOut` is called when the server no longer knows the session. */
  constructor(private readonly loggedOut: () => void) {}

  get<T>(path: string, call: Call = {}): Promise<T> {
    return this.#call<T>(path, call)
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

  upload<T>(path: string, file: Blob, progress: (share: number) => void): Promise<T> {
    return uploadFile<T>(ROOT + path, file, { [CSRF]: this.csrf }, progress)
  }

  #change<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown): Promise<T> {
    return this.#call<T>(path, { method, body, headers: { [CSRF]: this.csrf } })
  }

  async #call<T>(path: string, call: Call): Promise<T> {
    try {
      return await fetchJson<T>(ROOT + path, call)
    } catch (error) {
      if (error instanceof Problem && error.status === 401 && error.code === 'not_logged_in') this.loggedOut()
      throw error
    }
  }
}

/** `?a=1&b=2` of what is there. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const filled = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== '')
  return filled.length === 0 ? '' : `?${new URLSearchParams(filled.map(([name, value]) => [name, String(value)])).toString()}`
}

/** The list in an answer, whether it comes bare or under its name. */
export function listIn<T>(answer: unknown, name: string): T[] {
  const found = Array.isArray(answer) ? answer : (answer as Record<string, unknown> | null)?.[name]
  return Array.isArray(found) ? (found as T[]) : []
}
