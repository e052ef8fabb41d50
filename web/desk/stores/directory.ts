import { shallowReactive } from 'vue'

import type { OfficeApi } from '../api/office'
import type { Canned, Colleague, GroupSummary, Intent, ProfileInfo } from '../types'

export interface DirectoryView {
  colleagues: Colleague[]
  groups: GroupSummary[]
  profiles: ProfileInfo[]
  intents: Intent[]
}

const FRESH = 60_000

/** Colleagues, groups, brands, intents and canned responses, asked for when first needed. */
export class Directory {
  readonly view: DirectoryView = shallowReactive({ colleagues: [], groups: [], profiles: [], intents: [] })
  /** Of every intent, also of those that nobody types. */
  readonly #titles = shallowReactive(new Map<string, string>())
  readonly #asked = new Map<string, { at: number; answer: Promise<unknown> }>()

  constructor(private readonly api: OfficeApi) {}

  async colleagues(): Promise<Colleague[]> {
    return (this.view.colleagues = await this.api.colleagues())
  }

  async groups(): Promise<GroupSummary[]> {
    return (this.view.groups = await this.api.groups())
  }

  async profiles(): Promise<ProfileInfo[]> {
    return (this.view.profiles = await this.#once('profiles', () => this.api.profiles()))
  }

  async intents(): Promise<Intent[]> {
    const found = await this.#once('intents', () => this.api.intents())
    for (const one of found) this.#titles.set(one.name, one.title)
    return (this.view.intents = found.filter((one) => one.typed))
  }

  brand(profile: string): string {
    return this.view.profiles.find((one) => one.profile === profile)?.brand ?? profile
  }

  /** What agents call an intent. */
  intentTitle(name: string): string {
    return this.#titles.get(name) ?? name
  }

  canned(profile: string): Promise<Canned[]> {
    return this.#once(`canned ${profile}`, () => this.api.canned(profile))
  }

  cannedChanged(): void {
    for (const what of this.#asked.keys()) if (what.startsWith('canned ')) this.#asked.delete(what)
  }

  /** Ask once a minute at most; what failed is asked again at once. */
  #once<T>(what: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#asked.get(what)
    if (known && Date.now() - known.at < FRESH) return known.answer as Promise<T>
    const answer = ask()
    this.#asked.set(what, { at: Date.now(), answer })
    answer.catch(() => this.#asked.delete(what))
    return answer
  }
}
