import { inject, reactive } from 'vue'
import type { InjectionKey } from 'vue'

import type { Profile } from './api/client'
import type { TrainerApi } from './api/trainer'
import type { Intent, StaffUser } from './api/types'
import { FALLBACK, NEW_INTENT } from './wording'

const REMEMBERED = 'kefu.trainer.profile'
const OWN_TITLES: Record<string, string> = { [FALLBACK]: '没有听懂', [NEW_INTENT]: '需要新意图' }

interface View {
  profiles: Profile[]
  /** The brand that is looked at; empty until the brands are known. */
  profile: string
  intents: Intent[]
}

/** What the pages share: the API, who is at work, the brands and the intents. */
export class Bench {
  readonly view: View = reactive({ profiles: [], profile: '', intents: [] })
  #titles = new Map<string, string>()

  constructor(
    readonly api: TrainerApi,
    readonly user: StaffUser,
  ) {}

  get name(): string {
    return this.user.name ?? this.user.username
  }

  trains(profile: string): boolean {
    const roles = [...(this.user.roles?.[profile] ?? []), ...(this.user.roles?.['*'] ?? [])]
    return roles.some((role) => role === 'trainer' || role === 'admin')
  }

  async load(): Promise<void> {
    const found = await this.api.client.profiles()
    this.view.profiles = found.filter((one) => this.trains(one.profile))
    const last = remembered()
    this.view.profile = this.view.profiles.find((one) => one.profile === last)?.profile ?? this.view.profiles[0]?.profile ?? ''
    if (this.view.profiles.length > 0) await this.loadIntents()
  }

  async loadIntents(): Promise<void> {
    const found = await this.api.intents()
    this.#titles = new Map(found.map((one) => [one.name, one.title]))
    this.view.intents = found
  }

  choose(profile: string): void {
    this.view.profile = profile
    try {
      localStorage.setItem(REMEMBERED, profile)
    } catch {
      // Without storage it is asked for again next time.
    }
  }

  brand(profile: string): string {
    return profile === '*' ? '全部品牌' : (this.view.profiles.find((one) => one.profile === profile)?.brand ?? profile)
  }

  /** An intent in Chinese; several that are all right are joined by 或. */
  title(intent: string | null | undefined): string {
    if (!intent) return '—'
    // Read for its reactivity: titles come with the intents.
    const known = this.view.intents.length > 0
    return intent
      .split('|')
      .map((name) => (known ? this.#titles.get(name) : undefined) ?? OWN_TITLES[name] ?? name)
      .join(' 或 ')
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem(REMEMBERED)
  } catch {
    return null
  }
}

export const BENCH: InjectionKey<Bench> = Symbol('bench')

export function useBench(): Bench {
  const bench = inject(BENCH)
  if (!bench) throw new Error('outside of the workbench')
  return bench
}
