import { Problem } from '../../common/problem'
import type { Canned, Colleague, GroupSummary, Intent, LoginAnswer, ProfileInfo, StaffUser, TicketDetail, TicketReport, TicketSummary } from '../types'
import { asked } from '../tickets'
import type { TicketFilter } from '../tickets'
import { listIn, query } from './client'
import type { Client } from './client'

/** Who is logged in, and what everyone at the desk works with. */
export class OfficeApi {
  constructor(private readonly client: Client) {}

  /** Throws a `Problem` `totp_required` where a code is needed as well. */
  async login(username: string, password: string, totp?: string): Promise<StaffUser> {
    return this.#remember(await this.client.post('/login', { username, password, ...(totp ? { totp } : {}) }))
  }

  /** Who is logged in, or null. */
  async me(): Promise<StaffUser | null> {
    try {
      return this.#remember(await this.client.get('/me'))
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null
      throw error
    }
  }

  logout(): Promise<unknown> {
    return this.client.post('/logout')
  }

  changePassword(old: string, next: string): Promise<unknown> {
    return this.client.put('/me/password', { old, new: next })
  }

  beginTotp(): Promise<{ uri: string; secret: string }> {
    return this.client.post('/me/totp')
  }

  confirmTotp(code: string): Promise<unknown> {
    return this.client.post('/me/totp/confirm', { code })
  }

  endTotp(password: string): Promise<unknown> {
    return this.client.delete('/me/totp', { password })
  }

  async colleagues(): Promise<Colleague[]> {
    return listIn<Colleague>(await this.client.get('/colleagues'), 'colleagues')
  }

  async groups(): Promise<GroupSummary[]> {
    return listIn<GroupSummary>(await this.client.get('/groups'), 'groups')
  }

  async profiles(): Promise<ProfileInfo[]> {
    return listIn<ProfileInfo>(await this.client.get('/profiles'), 'profiles')
  }

  async intents(): Promise<Intent[]> {
    return listIn<Intent>(await this.client.get('/intents'), 'intents')
  }

  async canned(profile: string): Promise<Canned[]> {
    return listIn<Canned>(await this.client.get(`/canned${query({ profile })}`), 'canned')
  }

  filled(cannedId: number, conversationId: string): Promise<{ text: string; missing: string[] }> {
    return this.client.get(`/canned/${cannedId}/filled${query({ conversation_id: conversationId })}`)
  }

  saveCanned(canned: Partial<Canned>): Promise<unknown> {
    const { canned_id, profile, group, shortcut, title, text, scope } = canned
    const body = { profile, group: group ?? null, shortcut, title, text, ...(scope ? { scope } : {}) }
    return canned_id === undefined ? this.client.post('/canned', body) : this.client.put(`/canned/${canned_id}`, body)
  }

  removeCanned(cannedId: number): Promise<unknown> {
    return this.client.delete(`/canned/${cannedId}`)
  }

  async tickets(filter: TicketFilter): Promise<TicketSummary[]> {
    return listIn<TicketSummary>(await this.client.get(`/tickets${query(asked(filter))}`), 'tickets')
  }

  /** Write down what came by phone; `fresh`: there was no ticket of the same matter yet. */
  registerTicket(report: TicketReport): Promise<{ number: string; fresh: boolean }> {
    return this.client.post('/tickets', report)
  }

  ticket(number: string): Promise<TicketDetail> {
    return this.client.get(`/tickets/${encodeURIComponent(number)}`)
  }

  /** `step`: progress (the shopper may read it), remarks (colleagues only), answer. */
  ticketStep(number: string, step: 'progress' | 'remarks' | 'answer', text: string): Promise<unknown> {
    return this.client.post(`/tickets/${encodeURIComponent(number)}/${step}`, { text })
  }

  /** `staffId` null: to nobody in particular. */
  assignTicket(number: string, staffId: number | null): Promise<unknown> {
    return this.client.put(`/tickets/${encodeURIComponent(number)}/assignee`, { staff_id: staffId })
  }

  closeTicket(number: string): Promise<unknown> {
    return this.client.post(`/tickets/${encodeURIComponent(number)}/close`)
  }

  #remember(answer: LoginAnswer): StaffUser {
    this.client.csrf = answer.csrf_token
    return answer.user
  }
}
