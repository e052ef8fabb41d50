import type { Outgoing } from '../../common/outbox'
import type { PassingEvent, StoredEvent } from '../../common/types'
import type { Article, Closing, Detail, InboxLists, Note, Presence, PresenceStatus, Shopper, Suggestion } from '../types'
import { listIn, query } from './client'
import type { Client } from './client'

export interface Followed {
  events: StoredEvent[]
  passing: PassingEvent[]
  read_up_to: number
}

export interface Target {
  to_staff?: number
  to_group?: string
  note: string
}

/** What an agent does with conversations. */
export class ChatsApi {
  constructor(private readonly client: Client) {}

  inbox(): Promise<InboxLists> {
    return this.client.get('/inbox')
  }

  presence(status: PresenceStatus, capacity?: number): Promise<Presence> {
    return this.client.put('/presence', { status, ...(capacity === undefined ? {} : { capacity }) })
  }

  detail(id: string): Promise<Detail> {
    return this.client.get(chat(id))
  }

  events(id: string, after: number): Promise<Followed> {
    return this.client.get(chat(id, `events${query({ after, wait: 0 })}`))
  }

  claim(id: string): Promise<unknown> {
    return this.client.post(chat(id, 'claim'))
  }

  /** The same message again is not sent twice. */
  send(id: string, message: Outgoing): Promise<{ seq: number }> {
    return this.client.post(chat(id, 'messages'), {
      client_message_id: message.id,
      text: message.text,
      ...(message.attachment ? { attachment_id: message.attachment } : {}),
      ...(message.suggested ? { suggested: message.suggested } : {}),
      ...(message.seen === undefined ? {} : { seen_seq: message.seen }),
    })
  }

  upload(id: string, file: Blob, progress: (share: number) => void): Promise<{ id: string }> {
    return this.client.upload(chat(id, 'attachments'), file, progress)
  }

  recall(id: string, seq: number): Promise<unknown> {
    return this.client.post(chat(id, `messages/${seq}/recall`))
  }

  returnToBot(id: string, summary: string): Promise<unknown> {
    return this.client.post(chat(id, 'return-to-bot'), summary ? { summary } : {})
  }

  close(id: string, closing: Closing): Promise<unknown> {
    return this.client.post(chat(id, 'close'), closing)
  }

  transfer(id: string, target: Target): Promise<unknown> {
    return this.client.post(chat(id, 'transfer'), target)
  }

  move(id: string, target: Target): Promise<unknown> {
    return this.client.post(chat(id, 'move'), target)
  }

  takeOver(id: string): Promise<unknown> {
    return this.client.post(chat(id, 'take-over'))
  }

  invite(id: string, staffId: number): Promise<unknown> {
    return this.client.post(chat(id, 'invite'), { staff_id: staffId })
  }

  note(id: string, text: string): Promise<Note | null> {
    return this.client.post(chat(id, 'notes'), { text })
  }

  async notes(id: string): Promise<Note[]> {
    return listIn<Note>(await this.client.get(chat(id, 'notes')), 'notes')
  }

  whisper(id: string, text: string): Promise<unknown> {
    return this.client.post(chat(id, 'whisper'), { text })
  }

  tags(id: string, tags: string[]): Promise<unknown> {
    return this.client.put(chat(id, 'tags'), { tags })
  }

  draft(id: string, text: string): Promise<unknown> {
    return this.client.put(chat(id, 'draft'), { text })
  }

  shopper(id: string): Promise<Shopper> {
    return this.client.get(chat(id, 'shopper'))
  }

  /** Not `done`: the shop lets nothing be written, and people do it by the `ticket`. */
  act(id: string, action: { operation_id: string; name: string; order_number?: string; fields: Record<string, string> }): Promise<{ done: boolean; text: string; ticket?: string }> {
    return this.client.post(chat(id, 'shopper-actions'), action)
  }

  async suggestions(id: string): Promise<Suggestion[]> {
    return listIn<Suggestion>(await this.client.get(chat(id, 'suggestions')), 'suggestions')
  }

  async articles(profile: string, q: string): Promise<Article[]> {
    return listIn<Article>(await this.client.get(`/articles${query({ profile, q })}`), 'articles')
  }

  sendArticle(id: string, article: Article, messageId: string): Promise<unknown> {
    return this.client.post(chat(id, 'articles'), { article: article.article, client_message_id: messageId })
  }
}

function chat(id: string, rest = ''): string {
  return `/conversations/${encodeURIComponent(id)}${rest ? `/${rest}` : ''}`
}
