import { beforeEach, expect, test } from 'vitest'

import { adoptGuest } from '../widget/adopting'
import { keyPrefix } from '../widget/api'
import { readSeen, writeSeen } from '../widget/seen'
import type { Seen } from '../widget/seen'

const base = 'https://kefu.example'
const token = (sub: string) => `x.${btoa(JSON.stringify({ sub }))}.y`
const known = { profile: 'tp', token: token('u1') }
const guest = keyPrefix(base, { profile: 'tp' })
const account = keyPrefix(base, known)

function talked(prefix: string, seen: Partial<Seen> = {}): void {
  localStorage.setItem(`${prefix}resume`, `token of ${prefix}`)
  writeSeen(localStorage, prefix, { conversation: 'c', seq: 1, state: 'bot', at: 1000, ...seen })
}

const resumes = (prefix: string) => localStorage.getItem(`${prefix}resume`)

beforeEach(() => localStorage.clear())

test('who signs in takes along the talk, and what has not left yet', () => {
  talked(guest)
  localStorage.setItem(`${guest}outbox:m1`, '{}')
  localStorage.setItem('kefu:https://kefu.example:tmall:guest:resume', 'of another brand')
  adoptGuest(localStorage, base, known)
  expect(resumes(account)).toBe(`token of ${guest}`)
  expect(localStorage.getItem(`${account}outbox:m1`)).toBe('{}')
  expect(readSeen(localStorage, account)?.conversation).toBe('c')
  expect(Object.keys(localStorage).filter((key) => key.startsWith(guest))).toEqual([])
  expect(localStorage.getItem('kefu:https://kefu.example:tmall:guest:resume')).toBe('of another brand')
})

test.each<[string, Partial<Seen>, Partial<Seen> | null, boolean]>([
  ['older than the talk as a guest', { at: 2000 }, { at: 1000 }, true],
  ['newer', { at: 1000 }, { at: 2000 }, false],
  ['with a person', { at: 2000 }, { at: 1000, state: 'assigned' }, false],
  ['none, and the guest\'s has ended', { state: 'closed' }, null, false],
])('the account\'s own talk is %s', (_, asGuest, own, taken) => {
  talked(guest, asGuest)
  if (own) talked(account, own)
  adoptGuest(localStorage, base, known)
  expect(resumes(account)).toBe(taken ? `token of ${guest}` : own && `token of ${account}`)
  expect(resumes(guest)).toBe(taken ? null : `token of ${guest}`)
})

test('nobody who is not signed in takes anything', () => {
  talked(guest)
  adoptGuest(localStorage, base, { profile: 'tp' })
  adoptGuest(localStorage, base, { profile: 'tp', demoAccount: 'u1' })
  expect(resumes(guest)).toBe(`token of ${guest}`)
})
