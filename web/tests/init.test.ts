import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import '../widget/index'
import { init, startFromScript } from '../widget/init'

const server = 'http://127.0.0.1:9'
const shown = () => document.querySelector('kefu-chat')
const attributes = (element: Element | null) =>
  Object.fromEntries(Array.from(element?.attributes ?? [], ({ name, value }) => [name, value]).filter(([name]) => name !== 'style'))

// How the brand looks is asked for and never answered: the element has to do without.
beforeEach(() => {
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
})

afterEach(() => {
  vi.unstubAllGlobals()
  document.head.textContent = ''
  document.body.textContent = ''
})

test('what init is told stands on the element', async () => {
  const handle = await init({
    profile: 'tmall',
    server,
    token: 'a.b.c',
    context: { orderId: '1', sellerId: 's01', page: '/order' },
    theme: 'light',
    launcher: false,
  })
  expect(attributes(shown())).toEqual({
    profile: 'tmall',
    server,
    token: 'a.b.c',
    'order-id': '1',
    'seller-id': 's01',
    page: '/order',
    theme: 'light',
    launcher: 'none',
  })
  await handle.update({ context: { itemId: '9' }, theme: 'auto' })
  expect(attributes(shown())).toMatchObject({ 'item-id': '9' })
  expect(attributes(shown())).not.toHaveProperty('order-id')
  expect(attributes(shown())).not.toHaveProperty('theme')
  handle.destroy()
  expect(shown()).toBeNull()
})

test('a token that a function brings is asked for again when a session is renewed', async () => {
  let count = 0
  const handle = await init({ profile: 'demo', server, token: () => `token-${(count += 1)}` })
  expect(attributes(shown())['token']).toBe('token-1')
  expect(await handle.element.freshToken?.()).toBe('token-2')
  await handle.update({ token: undefined })
  expect(attributes(shown())).not.toHaveProperty('token')
  expect(handle.element.freshToken).toBeUndefined()
})

test('a newer token of the same shopper leaves the chat and what is typed as they are', async () => {
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue({ request: () => new Promise(() => undefined) } as unknown as LockManager)
  const signed = (sub: string, exp: number) => `x.${btoa(JSON.stringify({ sub, exp }))}.y`
  const handle = await init({ profile: 'demo', server, token: signed('u1', 1), open: true })
  const field = () => handle.element.shadowRoot?.querySelector('textarea') ?? null
  const before = field()
  expect(before).not.toBeNull()
  await handle.update({ token: signed('u1', 2) })
  expect(field()).toBe(before)
  await handle.update({ token: signed('u2', 2) })
  expect(field()).not.toBe(before)
  handle.destroy()
})

test('a token that cannot be had is the page\'s to deal with, and no chat appears', async () => {
  const failing = init({ profile: 'demo', server, token: () => Promise.reject(new Error('logged out')) })
  await expect(failing).rejects.toThrow('logged out')
  expect(shown()).toBeNull()
})

test('a script tag that names a profile starts by itself, one that names none does not', async () => {
  const script = document.createElement('script')
  script.type = 'application/json'
  script.src = `${server}/widget.js`
  document.head.append(script)
  startFromScript()
  await Promise.resolve()
  expect(shown()).toBeNull()
  script.dataset['profile'] = 'tp'
  script.dataset['orderId'] = '42'
  startFromScript()
  await Promise.resolve()
  expect(attributes(shown())).toEqual({ profile: 'tp', 'order-id': '42' })
})
