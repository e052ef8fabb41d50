import { expect, test } from 'vitest'

import { completed, matchingCanned, matchingColleagues, mentionToken, slashToken } from '../../desk/talk/tokens'
import type { Canned } from '../../desk/types'

const canned = (shortcut: string, title: string, text = ''): Canned => ({ canned_id: shortcut.length, profile: 'demo', group: null, shortcut, title, text })

test('a slash opens the menu at the start of a word only', () => {
  expect(slashToken('/', 1)).toEqual({ start: 0, query: '' })
  expect(slashToken('您好 /cfh', 7)).toEqual({ start: 3, query: 'cfh' })
  expect(slashToken('11/22', 5)).toBeNull()
  expect(slashToken('https://a.cn', 12)).toBeNull()
  expect(slashToken('/cfh 好', 6)).toBeNull()
})

test('an @ opens it wherever it stands', () => {
  expect(mentionToken('请@xiao', 6)).toEqual({ start: 1, query: 'xiao' })
  expect(mentionToken('请@小', 3)).toEqual({ start: 1, query: '小' })
  expect(mentionToken('请@xiao 看', 8)).toBeNull()
})

test('what is picked takes the place of the token alone', () => {
  expect(completed('您好 /cf，谢谢', { start: 3, query: 'cf' }, 6, '马上催发货')).toEqual({ text: '您好 马上催发货，谢谢', caret: 8 })
})

test('canned responses: by shortcut first, then by title, then by their words', () => {
  const list = [canned('yf', '运费', '发货后'), canned('fh', '开场'), canned('fhsj', '时间'), canned('x', 'fh 说明')]
  expect(matchingCanned(list, 'fh').map((one) => one.shortcut)).toEqual(['fh', 'fhsj', 'x'])
  expect(matchingCanned(list, '发货').map((one) => one.shortcut)).toEqual(['yf'])
  expect(matchingCanned(list, '')).toHaveLength(4)
})

test('colleagues by the start of their login or a part of their name', () => {
  const people = [
    { staff_id: 1, username: 'wangwu', name: '小王', status: 'online' as const, profiles: ['demo'], leads: [] },
    { staff_id: 2, username: 'lisi', name: '老李', status: 'online' as const, profiles: ['demo'], leads: [] },
  ]
  expect(matchingColleagues(people, '李').map((one) => one.staff_id)).toEqual([2])
  expect(matchingColleagues(people, 'wa').map((one) => one.staff_id)).toEqual([1])
})
