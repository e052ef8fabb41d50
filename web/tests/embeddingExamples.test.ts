import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { compileFunction } from 'node:vm'

import { parse as parseScript } from 'acorn'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as vue from 'vue'
import { compileScript, parse as parseComponent } from 'vue/compiler-sfc'

const DOC = readFileSync(resolve(import.meta.dirname, '../../docs/embedding.md'), 'utf8')
const examples = (language: string) => Array.from(DOC.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm')), (match) => match[1] ?? '')
const only = (language: string) => {
  const [found, ...more] = examples(language)
  if (found === undefined || more.length > 0) throw new Error(`${more.length} examples of ${language}`)
  return found
}

/** A module's text as a function of what it imports from `from`; gives what it exports. */
function run(code: string, from: string, given: object): unknown {
  const imports = new RegExp(`import \\{([^}]*)\\} from ["']${from}["'];?`, 'g')
  const body = code
    .replace(imports, (_, names: string) => `const {${names.replace(/ as /g, ': ')}} = given`)
    .replace(/export (default|function \w+)/, (_, what: string) => (what === 'default' ? 'return' : `return ${what}`))
  return (compileFunction(body, ['given']) as (given: object) => unknown)(given)
}

/** What `Kefu.init` was told, and the chat that it brings once `begin` is called. */
function stage() {
  const update = vi.fn()
  const destroy = vi.fn()
  let begin: () => void = () => undefined
  const ready = new Promise<object>((resolve) => (begin = () => resolve({ update, destroy })))
  const init = vi.fn(() => ready)
  Object.assign(window, { Kefu: { init } })
  return { init, update, destroy, begin: async () => (begin(), await ready, await Promise.resolve()) }
}

const shown = (update: ReturnType<typeof vi.fn>) => update.mock.lastCall?.[0] as unknown

afterEach(() => {
  delete window.Kefu
  document.body.textContent = ''
})

describe('a plain page', () => {
  it('has scripts that every browser can read', () => {
    const scripts = examples('html').flatMap((html) => Array.from(html.matchAll(/<script>([^]*?)<\/script>/g), (match) => match[1] ?? ''))
    expect(scripts).toHaveLength(1)
    for (const script of scripts) expect(() => parseScript(script, { ecmaVersion: 2020, sourceType: 'script' })).not.toThrow()
  })
})

describe('the Vue component', () => {
  async function mounted() {
    const { descriptor, errors } = parseComponent(only('vue'))
    expect(errors).toEqual([])
    const { content } = compileScript(descriptor, { id: 'example', inlineTemplate: true })
    // Its template takes nothing but a slot from Vue.
    const component = run(content, 'vue', vue) as vue.Component
    const order = vue.ref('1')
    const app = vue.createApp({ render: () => vue.h(component, { orderId: order.value }) })
    app.mount(document.createElement('div'))
    await vue.nextTick()
    return { app, order }
  }

  it('tells of an order that changed while the chat began, and of one that changes later', async () => {
    const { init, update, begin } = stage()
    const { app, order } = await mounted()
    expect(init).toHaveBeenCalledWith({ profile: 'tp', context: { orderId: '1' } })
    order.value = '2'
    await vue.nextTick()
    await begin()
    expect(shown(update)).toEqual({ context: { orderId: '2' } })
    order.value = '3'
    await vue.nextTick()
    expect(shown(update)).toEqual({ context: { orderId: '3' } })
    app.unmount()
  })

  it('leaves no chat behind, also where it went before the chat was there', async () => {
    const { destroy, begin } = stage()
    const { app } = await mounted()
    app.unmount()
    await begin()
    expect(destroy).toHaveBeenCalledTimes(1)
  })
})

/** As much of React as the example uses: effects run in order after a render, if what they depend on changed. */
class Hooks {
  #cells: { current?: unknown; depends?: unknown[]; end?: () => void }[] = []
  #at = 0
  #effects: (() => void)[] = []

  readonly useRef = (current: unknown) => (this.#cells[this.#at++] ??= { current })

  readonly useEffect = (effect: () => (() => void) | undefined, depends: unknown[]) => {
    const cell = (this.#cells[this.#at++] ??= {})
    if (cell.depends?.every((one, index) => one === depends[index])) return
    this.#effects.push(() => {
      cell.end?.()
      cell.end = effect()
      cell.depends = depends
    })
  }

  render(work: () => unknown): void {
    this.#at = 0
    this.#effects = []
    work()
    for (const effect of this.#effects) effect()
  }

  unmount(): void {
    for (const { end } of this.#cells) end?.()
  }
}

describe('the React component', () => {
  function mounted() {
    const code = only('jsx')
    parseScript(code, { ecmaVersion: 2022, sourceType: 'module' })
    const hooks = new Hooks()
    const support = run(code, 'react', hooks) as (props: { orderId: string }) => unknown
    return { show: (orderId: string) => hooks.render(() => support({ orderId })), hooks }
  }

  it('tells of an order that changed while the chat began, and of one that changes later', async () => {
    const { init, update, begin } = stage()
    const { show } = mounted()
    show('1')
    expect(init).toHaveBeenCalledWith({ profile: 'tp', context: { orderId: '1' } })
    show('2')
    await begin()
    expect(shown(update)).toEqual({ context: { orderId: '2' } })
    show('3')
    expect(shown(update)).toEqual({ context: { orderId: '3' } })
    expect(init).toHaveBeenCalledTimes(1)
  })

  it('leaves no chat behind, also where it went before the chat was there', async () => {
    const { destroy, begin } = stage()
    const { show, hooks } = mounted()
    show('1')
    hooks.unmount()
    await begin()
    expect(destroy).toHaveBeenCalledTimes(1)
  })
})

/** A socket as `wx.connectSocket` gives it. */
class Line {
  readonly sent: Record<string, unknown>[] = []
  readonly #heard: Record<string, (message?: { data: string }) => void> = {}
  onOpen = (act: () => void) => (this.#heard['open'] = act)
  onClose = (act: () => void) => (this.#heard['close'] = act)
  onError = (act: () => void) => (this.#heard['error'] = act)
  onMessage = (act: (message?: { data: string }) => void) => (this.#heard['message'] = act)
  send = ({ data }: { data: string }) => this.sent.push(JSON.parse(data) as Record<string, unknown>)
  tell = (what: string, event?: object) => this.#heard[what]?.({ data: JSON.stringify(event) })
}

interface MiniPage {
  data: { events: object[]; notice: string }
  setData(data: object): void
  onLoad(): void
  send(event: object): void
  press(event: object): void
}

describe('the mini program', () => {
  let lines: Line[]
  let page: MiniPage

  beforeEach(async () => {
    vi.useFakeTimers()
    lines = []
    const kept = new Map<string, string>()
    const wx = {
      getStorageSync: (key: string) => kept.get(key) ?? '',
      setStorageSync: (key: string, value: string) => kept.set(key, value),
      request: ({ success }: { success(answer: object): void }) =>
        success({ statusCode: 200, data: { conversation_id: 'c', session_token: 's', resume_token: 'r' } }),
      connectSocket: () => {
        lines.push(new Line())
        return lines[lines.length - 1]
      },
    }
    const start = compileFunction(only('js'), ['wx', 'Page', 'setTimeout']) as (wx: object, Page: (page: MiniPage) => void, later: unknown) => void
    start(wx, (made) => (page = made), setTimeout)
    page.setData = (data) => Object.assign(page.data, data)
    page.onLoad()
    await vi.advanceTimersByTimeAsync(0)
  })

  afterEach(() => vi.useRealTimers())

  const newest = () => {
    const line = lines[lines.length - 1]
    if (!line) throw new Error('no line')
    return line
  }

  it('keeps what is said before the line is open, and says it again with the same id until it comes back', async () => {
    page.send({ detail: { value: '在吗' } })
    expect(newest().sent).toEqual([])
    newest().tell('open')
    const [hello, said] = newest().sent
    expect(hello).toEqual({ session_token: 's', after: 0 })
    expect(said).toMatchObject({ type: 'message', text: '在吗' })
    newest().tell('close')
    await vi.advanceTimersByTimeAsync(20_000)
    newest().tell('open')
    expect(newest().sent[1]).toEqual(said)
    newest().tell('message', { seq: 1, type: 'message', from: 'shopper', text: '在吗', client_message_id: said?.['client_message_id'] })
    newest().tell('close')
    await vi.advanceTimersByTimeAsync(20_000)
    newest().tell('open')
    expect(newest().sent).toEqual([{ session_token: 's', after: 1 }])
  })

  it('connects anew once, whether a line fails by an error, by its end, or by both', async () => {
    newest().tell('error')
    newest().tell('close')
    await vi.advanceTimersByTimeAsync(20_000)
    expect(lines).toHaveLength(2)
    newest().tell('error')
    await vi.advanceTimersByTimeAsync(20_000)
    expect(lines).toHaveLength(3)
  })

  it('shows each event once, and a button that is pressed goes by its id', () => {
    const greeting = { seq: 1, type: 'message', from: 'bot', text: '您好', buttons: [{ id: '1.0', title: '查订单' }] }
    newest().tell('open')
    newest().tell('message', greeting)
    newest().tell('message', greeting)
    expect(page.data.events).toEqual([greeting])
    page.press({ currentTarget: { dataset: { id: '1.0' } } })
    expect(newest().sent[1]).toMatchObject({ type: 'message', button: '1.0' })
    const template = examples('html').find((html) => html.includes('wx:for'))
    for (const needed of ['item.buttons', 'card.buttons', 'bindtap="press"', 'bindconfirm="send"']) expect(template).toContain(needed)
  })

  it('says why a message was refused, and does not repeat it', async () => {
    newest().tell('open')
    page.send({ detail: { value: '' } })
    const id = newest().sent[1]?.['client_message_id']
    newest().tell('message', { type: 'error', client_message_id: id, problem: { status: 422, title: '请输入内容。' } })
    expect(page.data.notice).toBe('请输入内容。')
    newest().tell('error')
    await vi.advanceTimersByTimeAsync(20_000)
    newest().tell('open')
    expect(newest().sent).toHaveLength(1)
  })
})
