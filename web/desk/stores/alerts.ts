import { ref, shallowRef } from 'vue'

import { Attention } from '../../common/attention'
import type { InboxLists, Summary } from '../types'

const TITLE = '客服工作台'
const KEY = 'kefu:desk:alerts'

/** `unasked`: neither wanted nor declined yet. */
export type Wish = 'unasked' | 'on' | 'off'

export interface News {
  title: string
  text: string
  conversationId: string
}

/** Calls the agent: a number in the title always, a sound and a desktop notification if wanted. */
export class Alerts {
  readonly wish = ref<Wish>('unasked')
  /** What was just taken from the agent without their doing. */
  readonly taken = shallowRef<readonly News[]>([])
  readonly #lettingGo = new Set<string>()
  readonly #attention: Attention
  #before: InboxLists | null = null

  constructor(
    private readonly store: Storage,
    /** Go to a conversation. */
    readonly open: (conversationId: string) => void,
  ) {
    this.#attention = new Attention(store, 'kefu:desk:sound')
    const kept = store.getItem(KEY)
    this.wish.value = kept === 'on' || kept === 'off' ? kept : 'unasked'
  }

  stop(): void {
    this.#attention.stop()
    document.title = TITLE
  }

  get sound(): boolean {
    return this.#attention.sound
  }

  set sound(on: boolean) {
    this.#attention.sound = on
  }

  /** The agent has pressed for it: the browser asks them, and a sound shows what it is like. */
  async wanted(on: boolean): Promise<void> {
    this.wish.value = on ? 'on' : 'off'
    this.store.setItem(KEY, this.wish.value)
    this.sound = on
    if (on && 'Notification' in window) await Notification.requestPermission()
  }

  /** Run what gives a conversation away by the agent's own hand: nobody is told what they did. */
  async lettingGo(id: string, work: () => Promise<unknown>): Promise<void> {
    this.#lettingGo.add(id)
    try {
      await work()
    } catch (error) {
      this.#lettingGo.delete(id)
      throw error
    }
  }

  inbox(lists: InboxLists): void {
    const unread = lists.mine.reduce((sum, one) => sum + (one.unread ?? 0), 0)
    document.title = unread > 0 ? `(${unread}) ${TITLE}` : TITLE
    const news = this.#before ? newsIn(this.#before, lists) : []
    const taken = this.#before ? takenIn(this.#before, lists).filter((one) => !this.#lettingGo.has(one.conversationId)) : []
    this.#before = lists
    this.#forget(lists)
    if (taken.length > 0) this.taken.value = taken
    this.#attention.unread(unread)
    if (this.wish.value === 'on') for (const one of [...news, ...taken]) this.#notify(one)
  }

  #forget(lists: InboxLists): void {
    const mine = new Set(lists.mine.map((one) => one.conversation_id))
    for (const id of this.#lettingGo) if (!mine.has(id)) this.#lettingGo.delete(id)
  }

  #notify({ title, text, conversationId }: News): void {
    if (!('Notification' in window) || Notification.permission !== 'granted' || !document.hidden) return
    const note = new Notification(title, { body: text, tag: conversationId })
    note.onclick = () => {
      window.focus()
      this.open(conversationId)
      note.close()
    }
  }
}

/** What has come since `before` that an agent wants to know of at once. */
export function newsIn(before: InboxLists, after: InboxLists): News[] {
  const known = new Map(before.mine.map((one) => [one.conversation_id, one]))
  const invited = new Set(before.invited.map((one) => one.conversation_id))
  const news: News[] = []
  for (const one of after.mine) {
    const earlier = known.get(one.conversation_id)
    if (!earlier) news.push(about(one, '新会话'))
    else if ((one.unread ?? 0) > (earlier.unread ?? 0)) news.push(about(one, '新消息'))
  }
  for (const one of after.invited) if (!invited.has(one.conversation_id)) news.push(about(one, '请您协助'))
  return news
}

/** Which of my conversations others have now, or the queue, and how it came. */
export function takenIn(before: InboxLists, after: InboxLists): News[] {
  const mine = new Set(after.mine.map((one) => one.conversation_id))
  const elsewhere = new Map([...after.queue, ...after.colleagues, ...after.invited].map((one) => [one.conversation_id, one]))
  return before.mine.flatMap((one) => {
    const now = mine.has(one.conversation_id) ? undefined : elsewhere.get(one.conversation_id)
    return now ? [{ title: `${one.shopper_name}的会话不再由您接待`, text: whither(one, now), conversationId: one.conversation_id }] : []
  })
}

function whither(before: Summary, now: Summary): string {
  const next = now.state === 'assigned' ? `，已由${now.agent_name ?? '同事'}接手` : ''
  if (now.missed && !before.missed) return `没有在时限内回复，会话已退回队列${next}。`
  if (next) return `会话${next.slice(1)}。`
  return now.returned ? '连接中断或超时未回复，会话已退回队列最前面。' : `会话已移交${now.group_name ?? '其他分组'}，正在排队。`
}

function about(one: Summary, what: string): News {
  return { title: `${what}：${one.shopper_name}`, text: one.last_text ?? '', conversationId: one.conversation_id }
}
