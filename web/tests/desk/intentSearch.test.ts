import { match } from 'pinyin-pro'
import { expect, test } from 'vitest'

import { searchIntents } from '../../desk/dialogs/intentSearch'

const INTENTS = [
  { name: 'refund_progress', title: '退款进度', typed: true },
  { name: 'return_request', title: '退货退款', typed: true },
  { name: 'track_logistics', title: '查物流', typed: true },
]
const names = (typed: string, pinyin: typeof match | null = match) => searchIntents(INTENTS, typed, pinyin).map((one) => one.name)

test('by a part of the title, its beginning first', () => {
  expect(names('退款')).toEqual(['refund_progress', 'return_request'])
  expect(names('')).toHaveLength(3)
  expect(names('火车')).toEqual([])
})

test('by pinyin, in full and by initials', () => {
  expect(names('thtk')).toEqual(['return_request'])
  expect(names('chawuliu')).toEqual(['track_logistics'])
  expect(names('TKJD')).toEqual(['refund_progress'])
  expect(names('tk')).toEqual(['refund_progress', 'return_request'])
  expect(names('tt')).toEqual([])
})

test('without the pinyin table titles and names still find', () => {
  expect(names('thtk', null)).toEqual([])
  expect(names('track', null)).toEqual(['track_logistics'])
})
