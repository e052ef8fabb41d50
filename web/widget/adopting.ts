import { keyPrefix } from './api'
import type { Identity } from './api'
import { readSeen } from './seen'

const WITH_A_PERSON = ['waiting', 'assigned']

/**
 * A guest who has signed in goes on with the same talk: what this browser keeps of it becomes the
 * account's, unless the account's own talk here is newer or with a person.
 */
export function adoptGuest(store: Storage, base: string, identity: Identity): void {
  // The shoppers of a demo are several people at one browser.
  if (!identity.token || identity.demoAccount) return
  const from = keyPrefix(base, { profile: identity.profile })
  const to = keyPrefix(base, identity)
  const guest = readSeen(store, from)
  const own = readSeen(store, to)
  if (!guest || guest.state === 'closed') return
  if (own && (own.at > guest.at || WITH_A_PERSON.includes(own.state))) return
  for (const key of keysUnder(store, from)) {
    store.setItem(to + key.slice(from.length), store.getItem(key) ?? '')
    store.removeItem(key)
  }
}

function keysUnder(store: Storage, prefix: string): string[] {
  const keys = Array.from({ length: store.length }, (_, index) => store.key(index) ?? '')
  return keys.filter((key) => key.startsWith(prefix))
}
