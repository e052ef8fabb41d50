import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { Attention } from '../common/attention'

let hidden = false
let attention: Attention

const show = (shown: boolean) => {
  hidden = !shown
  document.dispatchEvent(new Event('visibilitychange'))
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden)
  localStorage.clear()
  hidden = false
  document.title = '我的商店'
  attention = new Attention(localStorage)
})

afterEach(() => {
  attention.stop()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('the title calls only from a page out of sight, and is given back', () => {
  attention.unread(2)
  expect(document.title).toBe('我的商店')
  show(false)
  expect(document.title).toBe('【2 条新消息】我的商店')
  vi.advanceTimersByTime(1200)
  expect(document.title).toBe('我的商店')
  vi.advanceTimersByTime(1200)
  expect(document.title).toBe('【2 条新消息】我的商店')
  show(true)
  vi.advanceTimersByTime(5000)
  expect(document.title).toBe('我的商店')
})

test('a title that the page changes meanwhile is the one that stays', () => {
  show(false)
  attention.unread(1)
  document.title = '订单详情'
  vi.advanceTimersByTime(1200)
  expect(document.title).toBe('【1 条新消息】订单详情')
  attention.unread(0)
  expect(document.title).toBe('订单详情')
})

test('the choice of sound is kept', () => {
  expect(attention.sound).toBe(false)
  const elsewhere = new Attention(localStorage)
  attention.sound = true
  expect(elsewhere.sound).toBe(true)
  attention.sound = false
  expect(elsewhere.sound).toBe(false)
  elsewhere.stop()
})

/** Silent until it is resumed at a press, as in Safari. */
class Silent {
  static pressed = false
  static rung = 0
  static made: Silent[] = []
  state = 'suspended'
  currentTime = 0
  destination = {}
  #waiting: (() => void)[] = []

  constructor() {
    Silent.made.push(this)
  }

  resume(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      if (!Silent.pressed) return
      this.state = 'running'
      for (const go of this.#waiting) go()
    })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  createGain() {
    return { gain: { setValueAtTime: vi.fn(), exponentialRampToValueAtTime: vi.fn() }, connect: vi.fn() }
  }

  createOscillator() {
    return { frequency: { value: 0 }, connect: (next: unknown) => next, start: () => (Silent.rung += Number(this.state === 'running')), stop: vi.fn() }
  }
}

const press = (kind = 'click') => {
  Silent.pressed = true
  document.dispatchEvent(new Event(kind))
  Silent.pressed = false
}

describe('after a reload', () => {
  beforeEach(() => {
    Object.assign(Silent, { pressed: false, rung: 0, made: [] })
    vi.stubGlobal('AudioContext', Silent)
    localStorage.setItem('kefu:sound', '1')
  })

  afterEach(() => vi.unstubAllGlobals())

  test.each(['click', 'touchend', 'keydown'])('any %s lets the next message be heard', async (kind) => {
    press(kind)
    attention.unread(1)
    await vi.advanceTimersByTimeAsync(0)
    expect(Silent.rung).toBe(2)
    expect(Silent.made).toHaveLength(1)
  })

  test('a message before any press is not heard later, when nobody needs to be called', async () => {
    attention.unread(1)
    await vi.advanceTimersByTimeAsync(5000)
    press()
    await vi.advanceTimersByTimeAsync(0)
    expect(Silent.rung).toBe(0)
    attention.unread(2)
    await vi.advanceTimersByTimeAsync(0)
    expect(Silent.rung).toBe(2)
  })

  test('a sound that a phone call cut off comes back at the next press', async () => {
    press()
    for (const audio of Silent.made) audio.state = 'interrupted'
    press()
    expect(Silent.made.map(({ state }) => state)).toEqual(['running'])
  })

  test('nothing is begun for those who want no sound, and nothing after the chat is gone', () => {
    attention.sound = false
    press()
    attention.sound = true
    Silent.made = []
    attention.stop()
    press()
    expect(Silent.made).toEqual([])
  })
})
