import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const server = 'http://127.0.0.1:9'

beforeEach(() => vi.stubGlobal('fetch', () => new Promise(() => undefined)))

afterEach(() => {
  vi.unstubAllGlobals()
  document.head.textContent = ''
  document.body.textContent = ''
})

/** What a second `<script src="…/widget.js">` does: everything in the file runs anew. */
async function load(): Promise<typeof import('../widget/init')> {
  vi.resetModules()
  await import('../widget/standalone')
  return import('../widget/init')
}

test('a page that loads the file twice goes on with the first', async () => {
  await load()
  const first = window.Kefu
  const again = await load()
  expect(window.Kefu).toBe(first)
  for (const init of [first?.init, again.init]) {
    const handle = await init?.({ profile: 'demo', server })
    expect(handle?.element.isOpen).toBe(false)
    handle?.destroy()
  }
})

test('a tag that names a profile and runs twice puts one chat on the page', async () => {
  const script = document.createElement('script')
  script.type = 'application/json'
  script.src = `${server}/widget.js`
  script.dataset['profile'] = 'tp'
  document.head.append(script)
  await load()
  await load()
  await Promise.resolve()
  expect(document.querySelectorAll('kefu-chat')).toHaveLength(1)
})
