import { inject, ref, shallowReactive } from 'vue'
import type { InjectionKey, Ref } from 'vue'

import type { Line } from '../../common/reconnecting'
import { openStorage } from '../../common/vault'
import type { DeskApi } from '../api'
import type { InboxLists, PresenceStatus, Role, StaffUser } from '../types'
import { Alerts } from './alerts'
import { Directory } from './directory'
import { Drafts } from './drafts'
import { Link } from './link'
import { Talks } from './talks'

export interface DeskView {
  lists: InboxLists | null
  line: Line
  /** Someone else has ended this session. */
  forcedOut: boolean
}

/** Everything that the pages of one logged-in agent share. */
export class Desk {
  readonly view: DeskView = shallowReactive({ lists: null, line: 'connecting', forcedOut: false })
  /** The conversation in the middle. */
  readonly current: Ref<string | null> = ref(null)
  readonly talks: Talks
  readonly drafts: Drafts
  readonly alerts: Alerts
  readonly directory: Directory
  readonly link: Link

  constructor(
    readonly api: DeskApi,
    readonly user: StaffUser,
    goTo: (conversationId: string) => void,
    readonly store: Storage = openStorage(),
  ) {
    const prefix = `kefu:desk:${user.staff_id}:`
    this.alerts = new Alerts(store, goTo)
    this.directory = new Directory(api.office)
    this.drafts = new Drafts(store, prefix, (id, text) => api.chats.draft(id, text))
    this.talks = new Talks({
      api: api.chats,
      store,
      prefix,
      staffId: user.staff_id,
      watch: (id, after) => this.link.watch(id, after),
      unwatch: (id) => this.link.unwatch(id),
      overdue: () => this.link.restart(),
    })
    this.link = new Link(api.chats, {
      csrf: () => api.client.csrf,
      watched: () => this.talks.watched(),
      inbox: (lists) => this.#inbox(lists),
      events: (id, events, readUpTo) => this.talks.received(id, events, readUpTo),
      note: (id, note) => this.talks.noted(id, note),
      lineChanged: (line) => this.#lineChanged(line),
      forcedOut: () => (this.view.forcedOut = true),
    })
  }

  start(): void {
    this.talks.start()
    this.link.start()
  }

  stop(): void {
    this.link.stop()
    this.talks.stop()
    this.alerts.stop()
  }

  /** Whether the agent holds one of `roles`, in `profile` or anywhere. */
  has(roles: readonly Role[], profile?: string): boolean {
    const held = Object.entries(this.user.roles).filter(([where]) => profile === undefined || where === profile || where === '*')
    return held.some(([, names]) => names.some((name) => name === 'admin' || roles.includes(name)))
  }

  async setPresence(status: PresenceStatus, capacity?: number): Promise<void> {
    const presence = await this.api.chats.presence(status, capacity)
    if (this.view.lists) this.view.lists = { ...this.view.lists, presence }
  }

  /** Ask for the lists at once, where what was just done should be seen without delay. */
  async refresh(): Promise<void> {
    this.#inbox(await this.api.chats.inbox())
  }

  #inbox(lists: InboxLists): void {
    this.view.lists = lists
    this.alerts.inbox(lists)
    for (const one of [...lists.mine, ...lists.queue, ...lists.invited, ...lists.colleagues]) {
      this.talks.checkOwner(one.conversation_id, one.assigned_to)
    }
  }

  #lineChanged(line: Line): void {
    const back = line === 'online' && this.view.line !== 'online'
    this.view.line = line
    if (back) this.talks.resume()
  }
}

export const DESK: InjectionKey<Desk> = Symbol('desk')

export function useDesk(): Desk {
  const desk = inject(DESK)
  if (!desk) throw new Error('no desk here')
  return desk
}
