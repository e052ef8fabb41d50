/** The server refused: `title` is the sentence for the person, `code` is for the program. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    /** Seconds to wait before the same may be asked again, where the server says so. */
    readonly retryAfter: number | null = null,
    /** Whatever else the answer told. */
    readonly fields: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${status} ${code}`)
  }

  /** Whether the same request may succeed later without a change. */
  get passes(): boolean {
    return this.status >= 500 || this.status === 408 || this.status === 429
  }
}

/** No answer came: the line is down, or the server is. */
export class Unreachable extends Error {
  readonly title = '网络连接不稳定，请稍后再试。'
}

/** The sentence that a person gets to read about `error`. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Problem || error instanceof Unreachable) return error.title
  return '页面出了点问题，请刷新后再试。'
}

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
  /** Milliseconds until the call counts as unanswered. */
  timeout?: number
}

/** Fetch JSON. Throws `Problem` for an error answer and `Unreachable` where none came. */
export async function fetchJson<T>(url: string, call: Call = {}): Promise<T> {
  return parsed(await fetchText(url, call)) as T
}

/** As `fetchJson`, for an answer that is plain text. */
export async function fetchText(url: string, call: Call = {}): Promise<string> {
  const { method = 'GET', body, headers = {}, signal, timeout = 15_000 } = call
  // By hand: AbortSignal.any and .timeout are missing in the browsers of many phones.
  const stop = new AbortController()
  const abort = () => stop.abort()
  const limit = setTimeout(abort, timeout)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  let response: Response
  let text: string
  try {
    response = await fetch(url, {
      method,
      headers: body === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: stop.signal,
      credentials: 'same-origin',
      cache: 'no-store',
    })
    text = await response.text()
  } catch (error) {
    throw new Unreachable(String(error))
  } finally {
    clearTimeout(limit)
    signal?.removeEventListener('abort', abort)
  }
  if (!response.ok) throw problemFrom(response.status, parsed(text))
  return text
}

/** The JSON in `text`, or null where it is none. */
export function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return null
  }
}

/** What an error answer says. */
export function problemFrom(status: number, data: unknown): Problem {
  const fields = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {}
  const code = typeof fields['code'] === 'string' ? fields['code'] : 'unknown'
  const title = typeof fields['title'] === 'string' ? fields['title'] : ''
  // A gateway's own error page has no Chinese sentence.
  const readable = /[\u4e00-\u9fff]/.test(title)
  const wait = typeof fields['retry_after'] === 'number' ? fields['retry_after'] : null
  return new Problem(status, code, readable ? title : '服务暂时不可用，请稍后再试。', wait, fields)
}
