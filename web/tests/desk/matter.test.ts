import { expect, test } from 'vitest'

import { matterOf, readings } from '../../desk/matter'
import type { Packet, Understanding } from '../../desk/types'
import { detail } from './fixtures'

const read = (text: string, intent: string, alternatives: Understanding['alternatives'] = []): Understanding => ({ text, intent, confidence: 0.9, alternatives })
const handedOff = (...understanding: Understanding[]) =>
  detail('c1', [], { packet: { understanding, transcript: [], tried: [], slots: {}, orders: [], sentiment: null, visits_30_days: 0, reason: null, lost: [] } satisfies Packet })

test('the matter is what was asked before the call for a person', () => {
  expect(matterOf(handedOff(read('想退货', 'return_request'), read('转人工', 'human_agent')))).toMatchObject({ text: '想退货', intent: 'return_request' })
  expect(matterOf(handedOff(read('转人工', 'human_agent')))).toMatchObject({ text: '转人工' })
  expect(matterOf(detail('c1', []))).toBeNull()
})

test('what was not understood has no intent and no confidence, but what it may have been', () => {
  const [one] = readings(handedOff(read('都三天了', 'nlu_fallback', [{ name: 'track_logistics', confidence: 0.69 }, { name: 'greet', confidence: 0.01 }])))
  expect(one).toMatchObject({ intent: null, confidence: null, alternatives: [{ name: 'track_logistics', confidence: 0.69 }] })
})

test('a talk without a packet has its last reading', () => {
  const bare = detail('c1', [], { packet: null, parse: { text: '发票', intent: { name: 'invoice', confidence: 0.8 } } })
  expect(readings(bare)).toEqual([{ text: '发票', intent: 'invoice', confidence: 0.8, alternatives: [] }])
})
