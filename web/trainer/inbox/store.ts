import { reactive } from 'vue'

import type { TrainerApi, Label } from '../api/trainer'
import type { Item, ItemDetail, ItemState, Kind } from '../api/types'

interface View {
  items: Item[]
  total: number
  groups: number
  pages: number
  page: number
  state: ItemState
  kind: Kind | ''
  profile: string
  q: string
  counts: Partial<Record<Kind, number>>
  /** The item that is looked at. */
  current: number | null
  detail: ItemDetail | null
  /** Open items of the same group, beside the current. */
  alike: Item[]
  /** What was labelled otherwise by a colleague, and the label that was meant. */
  left: { items: Item[]; label: Label } | null
}

/** So few items left on a page: the next are fetched. */
const FEW = 5

/** The inbox as one trainer works through it. */
export class InboxStore {
  readonly view: View = reactive({
    items: [],
    total: 0,
    groups: 0,
    pages: 1,
    page: 1,
    state: 'open',
    kind: '',
    profile: '',
    q: '',
    counts: {},
    current: null,
    detail: null,
    alike: [],
    left: null,
  })
  /** What was done here, the latest last: what `undo` takes back. */
  readonly #done: number[][] = []
  #asked = 0

  constructor(private readonly api: TrainerApi) {}

  get canUndo(): boolean {
    return this.#done.length > 0
  }

  /** Fetch the list; stays at the current item where it is still there. */
  async load(): Promise<void> {
    const asked = ++this.#asked
    const { state, kind, profile, q, page } = this.view
    const [found, counts] = await Promise.all([this.api.inbox({ state, kind, profile, q, page }), this.api.counts()])
    if (asked !== this.#asked) return
    Object.assign(this.view, { items: found.items, total: found.total, groups: found.groups, pages: found.pages, counts })
    const stays = found.items.some((item) => item.item_id === this.view.current)
    if (!stays) await this.open(found.items[0]?.item_id ?? null)
    else if (this.view.current !== null) await this.open(this.view.current)
  }

  /** Look at an item; an answer that comes after the next was opened is dropped. */
  async open(id: number | null): Promise<void> {
    this.view.current = id
    if (id === null) {
      Object.assign(this.view, { detail: null, alike: [] })
      return
    }
    const item = this.view.items.find((one) => one.item_id === id)
    const group = item?.group_id ?? null
    const [detail, alike] = await Promise.all([
      this.api.item(id),
      group === null ? null : this.api.inbox({ state: this.view.state, group, page: 1 }),
    ])
    if (this.view.current !== id) return
    this.view.detail = detail
    this.view.alike = alike?.items.filter((one) => one.item_id !== id) ?? []
  }

  step(by: number): Promise<void> {
    const { items, current } = this.view
    const next = items[items.findIndex((item) => item.item_id === current) + by]
    return next ? this.open(next.item_id) : Promise.resolve()
  }

  /** Label these items; how many were. Others' labels stay and are shown, unless `replace`. */
  async label(ids: number[], label: Label): Promise<number> {
    const answer = await this.api.label(ids, label)
    this.view.left = answer.left.length > 0 ? { items: answer.left, label } : null
    await this.#over(answer.labelled)
    return answer.labelled.length
  }

  async skip(ids: number[]): Promise<void> {
    await this.api.skip(ids)
    await this.#over(ids)
  }

  async approve(ids: number[]): Promise<void> {
    await this.api.approve(ids)
    this.#done.push(ids)
    await this.load()
  }

  /** Take back what was done last here; false where nothing was. */
  async undo(): Promise<boolean> {
    const last = this.#done.at(-1)
    if (!last) return false
    await this.api.undo(last)
    this.#done.pop()
    const back = last[0] ?? null
    await this.load()
    if (back !== null && this.view.items.some((item) => item.item_id === back)) await this.open(back)
    return true
  }

  /** Items that are out of the list now: the next one comes up. */
  async #over(ids: number[]): Promise<void> {
    if (ids.length === 0) return
    this.#done.push(ids)
    if (this.view.state !== 'open') return this.load()
    const gone = new Set(ids)
    const { items, current } = this.view
    const from = items.findIndex((item) => item.item_id === current)
    const rest = items.filter((item) => !gone.has(item.item_id))
    const next = items.slice(Math.max(from, 0)).find((item) => !gone.has(item.item_id)) ?? rest.at(-1)
    this.view.items = rest
    this.view.total = Math.max(0, this.view.total - (items.length - rest.length))
    if (rest.length < FEW) {
      this.view.current = next?.item_id ?? null
      return this.load()
    }
    // The next is not kept waiting for numbers that come with every list anyway.
    this.api.counts().then(
      (found) => (this.view.counts = found),
      () => undefined,
    )
    await this.open(next?.item_id ?? null)
  }
}
