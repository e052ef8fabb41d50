import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createApp, defineComponent, nextTick, ref } from 'vue'

import { Problem } from '../common/problem'
import type { TrainerApi } from '../trainer/api/trainer'
import type { Finding, Item, Replayed } from '../trainer/api/types'
import { readMarked, settle } from '../trainer/data/conflict'
import { conflictIn, findingsIn } from '../trainer/data/refusals'
import { changedLines, readDiff } from '../trainer/data/diff'
import { linesOf, refuses, useChecks } from '../trainer/data/typed'
import { choicesOf } from '../trainer/inbox/choices'
import { commandOf, isTyping } from '../trainer/inbox/keys'
import { clear, pieces } from '../trainer/inbox/marks'
import { InboxStore } from '../trainer/inbox/store'
import { byVerdict, rowAt } from '../trainer/runs/consequences'
import { findIntents } from '../trainer/search'
import { duration, percent, points, short, sure } from '../trainer/wording'

const INTENTS = [
  { name: 'order_status', title: '查订单', pinyin_initials: 'cdd' },
  { name: 'cancel_order', title: '取消订单', pinyin_initials: 'qxdd' },
  { name: 'invoice', title: '发票', pinyin_initials: 'fp' },
  { name: 'track_logistics', title: '查物流', pinyin_initials: 'cwl' },
]
const names = (typed: string) => findIntents(INTENTS, typed).map((one) => one.name)

describe('intents are found', () => {
  test('by initials, the best first', () => {
    expect(names('C')).toEqual(['order_status', 'track_logistics'])
    expect(names('dd')).toEqual(['order_status', 'cancel_order'])
    expect(names('fp')).toEqual(['invoice'])
  })
  test('by a part of the title or the name', () => {
    expect(names('订单')).toEqual(['order_status', 'cancel_order'])
    expect(names('logistics')).toEqual(['track_logistics'])
    expect(names('没有')).toEqual([])
  })
  test('all where nothing is sought', () => expect(names('  ')).toHaveLength(4))
})

const item = (id: number, more: Partial<Item> = {}) =>
  ({ item_id: id, text: `第${id}条`, state: 'open', group_id: null, ranking: [], suggested: [], ...more }) as unknown as Item

describe('the keys 1 to 9', () => {
  const ranking = [
    { name: 'nlu_fallback', title: '没有听懂', confidence: 0.8 },
    { name: 'greet', title: '打招呼', confidence: 0.4 },
    { name: 'invoice', title: '发票', confidence: 0.2 },
  ]
  test('what an agent said comes first; what was not understood is no meaning', () => {
    expect(choicesOf({ ranking, suggested: ['invoice', 'greet'] })).toEqual([
      { name: 'invoice', confidence: 0.2, suggested: true },
      { name: 'greet', confidence: 0.4, suggested: false },
    ])
  })
  test('the ranking alone brings no opinion', () => {
    expect(choicesOf({ ranking, suggested: [] }).some((one) => one.suggested)).toBe(false)
  })
})

describe('keys', () => {
  const key = (name: string, more: Partial<KeyboardEvent> = {}) =>
    ({ key: name, altKey: false, ctrlKey: false, metaKey: false, isComposing: false, ...more }) as KeyboardEvent
  test('letters of either case, digits and the Chinese keyboard', () => {
    expect(commandOf(key('S'), false)).toEqual({ name: 'skip' })
    expect(commandOf(key('9'), false)).toEqual({ name: 'choose', index: 8 })
    expect(commandOf(key('、'), false)).toEqual({ name: 'search' })
  })
  test('nothing while typing, composing or with Ctrl', () => {
    expect(commandOf(key('s'), true)).toBeNull()
    expect(commandOf(key('s', { isComposing: true }), false)).toBeNull()
    expect(commandOf(key('z', { ctrlKey: true }), false)).toBeNull()
    expect(commandOf(key('0'), false)).toBeNull()
  })
  test('a checkbox is not typed into, a field is', () => {
    const field = document.createElement('input')
    const box = Object.assign(document.createElement('input'), { type: 'checkbox' })
    box.setAttribute('type', 'checkbox')
    expect([isTyping(field), isTyping(box), isTyping(document.body)]).toEqual([true, false, false])
  })
})

describe('the inbox', () => {
  function bench(items: Item[]) {
    const open = new Map(items.map((one) => [one.item_id, one]))
    const gone: number[][] = []
    const listing = () => ({ items: [...open.values()], total: open.size, groups: open.size, pages: 1 })
    const api = {
      inbox: vi.fn(() => Promise.resolve(listing())),
      counts: vi.fn(() => Promise.resolve({})),
      item: vi.fn((id: number) => Promise.resolve(items.find((one) => one.item_id === id))),
      label: vi.fn((ids: number[]) => {
        const mine = ids.filter((id) => id !== 9)
        for (const id of mine) open.delete(id)
        return Promise.resolve({ labelled: mine, left: items.filter((one) => one.item_id === 9 && ids.includes(9)) })
      }),
      skip: vi.fn((ids: number[]) => Promise.resolve(ids.forEach((id) => open.delete(id)))),
      undo: vi.fn((ids: number[]) => {
        gone.push(ids)
        for (const one of items) if (ids.includes(one.item_id)) open.set(one.item_id, one)
        return Promise.resolve()
      }),
    }
    return { store: new InboxStore(api as unknown as TrainerApi), api, gone }
  }
  const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((id) => item(id))

  test('after a label the next one comes up', async () => {
    const { store } = bench(ten)
    await store.load()
    await store.open(3)
    expect(await store.label([3, 4], { intent: 'invoice' })).toBe(2)
    expect(store.view.current).toBe(5)
    expect(store.view.items.map((one) => one.item_id)).toEqual([1, 2, 5, 6, 7, 8, 9, 10])
    expect(store.view.total).toBe(8)
  })
  test('the last of the list gives way to the one before it', async () => {
    const { store } = bench(ten)
    await store.load()
    await store.open(10)
    await store.skip([10])
    expect(store.view.current).toBe(9)
  })
  test('what a colleague has labelled otherwise stays and is shown', async () => {
    const { store } = bench(ten)
    await store.load()
    expect(await store.label([9], { intent: 'invoice' })).toBe(0)
    expect(store.view.left?.items.map((one) => one.item_id)).toEqual([9])
    expect(store.canUndo).toBe(false)
  })
  test('undo goes back step by step, and comes to what it brought back', async () => {
    const { store, gone } = bench(ten)
    await store.load()
    await store.label([1, 2], { intent: 'invoice' })
    await store.skip([3])
    expect(await store.undo()).toBe(true)
    expect(store.view.current).toBe(3)
    expect(await store.undo()).toBe(true)
    expect(await store.undo()).toBe(false)
    expect(gone).toEqual([[3], [1, 2]])
  })
  test('an undo that was refused can be tried again', async () => {
    const { store, api } = bench(ten)
    await store.load()
    await store.skip([1])
    api.undo.mockRejectedValueOnce(new Problem(409, 'nothing_to_undo', '没有可以撤销的操作。'))
    await expect(store.undo()).rejects.toBeInstanceOf(Problem)
    expect(store.canUndo).toBe(true)
  })
  test('an answer that comes late does not replace what was opened since', async () => {
    const { store, api } = bench(ten)
    await store.load()
    let late: (one: Item) => void = () => undefined
    api.item.mockImplementationOnce(() => new Promise((resolve) => (late = resolve)))
    const first = store.open(5)
    await store.open(6)
    late(item(5))
    await first
    expect(store.view.detail?.item_id).toBe(6)
  })
})

describe('marks', () => {
  const marks = [{ start: 0, end: 2, entity: 'courier' }]
  test('cut the text', () => {
    expect(pieces('顺丰到哪了', marks)).toEqual([{ text: '顺丰', entity: 'courier' }, { text: '到哪了', entity: null }])
  })
  test('do not overlap', () => {
    expect(clear(marks, 1, 3)).toBe(false)
    expect(clear(marks, 2, 3)).toBe(true)
  })
})

describe('diffs', () => {
  test('are read without their header', () => {
    expect(readDiff('--- a/x\n+++ b/x\n@@ -1 +1 @@\n-旧\n+新\n 同')).toEqual([
      { kind: 'place', text: '@@ -1 +1 @@' },
      { kind: 'removed', text: '旧' },
      { kind: 'added', text: '新' },
      { kind: 'same', text: '同' },
    ])
  })
  test('of two texts count repeated lines', () => {
    expect(changedLines('a\na\nb', 'a\nb\nc')).toEqual([{ kind: 'removed', text: 'a' }, { kind: 'added', text: 'c' }])
  })
})

describe('what a refused save tells', () => {
  const finding = { kind: 'duplicate', text: '开发票' } as Finding
  test('the places in conflict, and what comes of each choice', () => {
    const marked = ['a', '<<<<<<< 您的修改', '我写的', '||||||| 原文', '原来的', '=======', '别人写的', '>>>>>>> 对方的修改', 'b', '<<<<<<< 您的修改', '||||||| 原文', 'c', '=======', 'd', '>>>>>>> 对方的修改', ''].join('\n')
    const pieces = readMarked(marked)
    expect(pieces).toEqual([
      { same: ['a'] },
      { mine: ['我写的'], theirs: ['别人写的'] },
      { same: ['b'] },
      { mine: [], theirs: ['d'] },
      { same: [''] },
    ])
    expect(settle(pieces, ['mine', 'theirs'])).toBe('a\n我写的\nb\nd\n')
    expect(settle(pieces, ['both', 'mine'])).toBe('a\n别人写的\n我写的\nb\n')
  })

  test('a conflict with both versions', () => {
    const fields = { path: 'domain.yml', theirs: 'b', theirs_base: 'f', base_text: 'a', merged: null, marked: '<<<' }
    expect(conflictIn(new Problem(409, 'edited_meanwhile', '', null, fields))).toEqual(fields)
    expect(conflictIn(new Problem(409, 'workspace_dirty', '', null, fields))).toBeNull()
    expect(conflictIn(new TypeError('x'))).toBeNull()
  })
  test('findings', () => {
    expect(findingsIn(new Problem(422, 'data_refused', '', null, { findings: [finding] }))).toEqual([finding])
    expect(findingsIn(new Problem(422, 'file_invalid', ''))).toEqual([])
  })
  test('made-up numbers may be vouched for, duplicates not', () => {
    const personal = { ...finding, kind: 'personal_data' }
    expect([refuses([personal], false), refuses([personal], true), refuses([finding], true), refuses([{ ...finding, kind: 'thin_intent' }], false)]).toEqual([true, false, true, false])
  })
})

describe('checks as one types', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('wait for a pause, and drop the answer to what was typed before', async () => {
    const answers: ((found: Finding[]) => void)[] = []
    const check = vi.fn(() => new Promise<Finding[]>((resolve) => answers.push(resolve)))
    const typed = ref('')
    let found: ReturnType<typeof useChecks> | undefined
    const app = createApp(defineComponent({ setup: () => ((found = useChecks({ check }, typed, () => 'invoice')), () => null) }))
    app.mount(document.createElement('div'))
    typed.value = '开'
    await nextTick()
    typed.value = '开发票'
    await nextTick()
    await vi.advanceTimersByTimeAsync(500)
    expect(check).toHaveBeenCalledTimes(1)
    expect(check).toHaveBeenCalledWith('开发票', 'invoice')
    typed.value = '开发票\n\n专票'
    await nextTick()
    await vi.advanceTimersByTimeAsync(500)
    answers[0]?.([{ kind: 'duplicate', text: '开发票' } as Finding])
    answers[1]?.([])
    answers[2]?.([{ kind: 'near_duplicate', text: '专票' } as Finding])
    await vi.advanceTimersByTimeAsync(0)
    expect(found?.findings.value.map((one) => one.kind)).toEqual(['near_duplicate'])
    expect(found?.checking.value).toBe(false)
    app.unmount()
  })
  test('lines without words count for nothing', () => expect(linesOf(' a \n\n b')).toEqual(['a', 'b']))
})

describe('figures', () => {
  test('in words', () => {
    expect([percent(0.8453), percent(null), points(0.021), points(-0.0001), short('abcdef0123456')]).toEqual(['84.5 %', '—', '+2.1', '0.0', 'abcdef01'])
    expect([duration(42), duration(95), duration(3700)]).toEqual(['42 秒', '1 分 35 秒', '1 小时 1 分'])
  })
  test('an interval is sure only where it leaves zero out', () => {
    expect([sure([0.1, 0.2]), sure([-0.3, -0.1]), sure([-0.1, 0.1]), sure([0, 0]), sure([])]).toEqual(['more', 'less', null, null, null])
  })
  test('the nearest threshold is taken', () => {
    const row = (threshold: number) => ({ threshold, answered: 0, asked: 0, handed_off: 0, wrong_share: 0, wrong_per_day: null })
    expect(rowAt([row(0.3), row(0.5), row(0.7)], 0.56)?.threshold).toBe(0.5)
    expect(rowAt([], 0.5)).toBeNull()
  })
  test('messages are told apart by what became of them', () => {
    const one = (verdict: Replayed['verdict']) => ({ verdict }) as Replayed
    const found = byVerdict([one('broken'), one('mended'), one('broken')])
    expect([found.mended.length, found.broken.length, found.changed.length]).toEqual([1, 2, 0])
  })
})
