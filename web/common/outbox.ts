import { Problem } from './problem'
import type { Button } from './types'

/** `waiting` for the line, `sending`, `sent` (accepted by the server), `failed` (refused). */
export type Delivery = 'waiting' | 'sending' | 'sent' | 'failed'

export interface Outgoing {
  readonly id: string
  readonly at: string
  readonly text: string
  /** The pressed button's id; `text` is then its title. */
  readonly button?: string
  /** It is a picture, which lies in the vault under this message's id; `text` stands for it. */
  readonly picture?: true
  /** The picture's id on the server, once it is there. */
  attachment?: string
  /** The share of the picture that has left, from 0 to 1. */
  progress?: number
  /** The last event before it, to keep its place in the log if it is refused. */
  readonly after: number
  delivery: Delivery
  /** The newest event its writer had seen: what came in between is shown before it leaves. */
  seen?: number
  /** The suggestion that it is, word for word: its cards go with it. */
  suggested?: string
  /** Why it was refused, in words and for the program. */
  problem?: string
  code?: string
  /** Its place in the talk, once accepted. */
  seq?: number
}

export type Send = (message: Outgoing) => Promise<{ seq: number }>
export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

const STALE = 24 * 3_600_000
const PICTURE_TEXT = '[图片]'

/**
 * What a person wrote and the talk does not show yet, kept over reloads.
 *
 * Messages leave one at a time in the order they were written. Each has a storage key of its
 * own, so that two tabs never overwrite each other; the server takes an id only once.
 */
export class Outbox {
  #messages: Outgoing[] = []
  #sending = false

  constructor(
    private readonly store: Store,
    private readonly prefix: string,
    private readonly send: Send,
    private readonly changed: () => void,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.#messages = this.#stored()
  }

  get messages(): readonly Outgoing[] {
    return this.#messages
  }

  get hasWork(): boolean {
    return this.#messages.some((message) => message.delivery === 'waiting')
  }

  add(text: string, after: number, button?: Button): Outgoing {
    return this.#add({ text, after, ...(button ? { button: button.id } : {}) })
  }

  /** As `add`, for a message that only fits a talk in which nothing came after `seen`. */
  addSeeing(text: string, seen: number, suggested?: string): Outgoing {
    return this.#add({ text, after: seen, seen, ...(suggested ? { suggested } : {}) })
  }

  addPicture(after: number): Outgoing {
    return this.#add({ text: PICTURE_TEXT, after, picture: true })
  }

  /** The server has the picture: after a reload it need not be sent again. */
  uploaded(message: Outgoing, attachment: string): void {
    message.attachment = attachment
    this.#save(message)
  }

  /**
   * Send a refused message again, under its old id; a picture is uploaded anew. Whoever asks for
   * it has seen what came meanwhile.
   */
  retry(id: string): void {
    const message = this.#messages.find((one) => one.id === id && one.delivery === 'failed')
    if (!message) return
    message.delivery = 'waiting'
    // The words may go without what was suggested with them; asked for as it was it fails again.
    if (message.code === 'suggestion_refused') delete message.suggested
    delete message.problem
    delete message.code
    delete message.attachment
    delete message.seen
    this.#save(message)
    this.changed()
  }

  /** Give up a refused message. */
  discard(id: string): void {
    const [gone, left] = partition(this.#messages, (one) => one.id === id && one.delivery === 'failed')
    if (gone.length === 0) return
    this.store.removeItem(this.prefix + id)
    this.#messages = left
    this.changed()
  }

  #add(content: Pick<Outgoing, 'text' | 'after' | 'button' | 'picture' | 'seen' | 'suggested'>): Outgoing {
    const message: Outgoing = { id: newId(), at: this.now().toISOString(), ...content, delivery: 'waiting' }
    this.#messages.push(message)
    this.#save(message)
    this.changed()
    return message
  }

  /** The talk shows these messages now. */
  settle(ids: ReadonlySet<string>): void {
    const [done, left] = partition(this.#messages, (message) => ids.has(message.id))
    if (done.length === 0) return
    for (const message of done) this.store.removeItem(this.prefix + message.id)
    this.#messages = left
    this.changed()
  }

  /**
   * Send what waits. False means that the line or the server failed and it is worth trying
   * again; a message that the server refuses stays as `failed` and holds up no other.
   */
  async flush(): Promise<boolean> {
    if (this.#sending) return true
    this.#sending = true
    try {
      for (let next = this.#next(); next; next = this.#next()) {
        if (!(await this.#deliver(next))) return false
      }
      return true
    } finally {
      this.#sending = false
    }
  }

  #next(): Outgoing | undefined {
    return this.#messages.find((message) => message.delivery === 'waiting')
  }

  async #deliver(message: Outgoing): Promise<boolean> {
    this.#mark(message, 'sending')
    try {
      message.seq = (await this.send(message)).seq
    } catch (error) {
      if (error instanceof Problem && !error.passes) {
        message.problem = error.title
        message.code = error.code
        this.#mark(message, 'failed')
        return true
      }
      this.#mark(message, 'waiting')
      return false
    }
    this.store.removeItem(this.prefix + message.id)
    this.#mark(message, 'sent')
    return true
  }

  #mark(message: Outgoing, delivery: Delivery): void {
    message.delivery = delivery
    this.changed()
  }

  #save({ id, at, text, button, picture, attachment, after, seen, suggested }: Outgoing): void {
    this.store.setItem(this.prefix + id, JSON.stringify({ id, at, text, button, picture, attachment, after, seen, suggested }))
  }

  #stored(): Outgoing[] {
    const messages: Outgoing[] = []
    for (let index = 0; index < this.store.length; index += 1) {
      const key = this.store.key(index)
      if (!key?.startsWith(this.prefix)) continue
      const message = read(this.store.getItem(key))
      if (message) messages.push(this.#reopened(message))
    }
    return messages.sort((a, b) => a.at.localeCompare(b.at))
  }

  // Nobody expects yesterday's sentence to leave by itself.
  #reopened(message: Omit<Outgoing, 'delivery'>): Outgoing {
    const stale = this.now().getTime() - new Date(message.at).getTime() > STALE
    return { ...message, delivery: stale ? 'failed' : 'waiting' }
  }
}

/** A random id of 32 hex digits; works on plain http too, where `randomUUID` does not. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function read(text: string | null): Omit<Outgoing, 'delivery'> | null {
  try {
    const value = JSON.parse(text ?? '') as Partial<Outgoing>
    const { id, at, text: words, button, picture, attachment, after = 0, seen, suggested } = value
    if (typeof id !== 'string' || typeof at !== 'string' || typeof words !== 'string') return null
    return {
      id,
      at,
      text: words,
      after,
      ...(button ? { button } : {}),
      ...(picture ? { picture } : {}),
      ...(attachment ? { attachment } : {}),
      ...(typeof seen === 'number' ? { seen } : {}),
      ...(suggested ? { suggested } : {}),
    }
  } catch {
    return null
  }
}

function partition<T>(list: readonly T[], test: (one: T) => boolean): [T[], T[]] {
  return [list.filter(test), list.filter((one) => !test(one))]
}
