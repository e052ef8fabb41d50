import { expect, test } from 'vitest'

import { commandOf, SHORTCUTS } from '../../desk/commands'

const key = (key: string, more: Partial<KeyboardEvent> = {}) => ({ key, code: '', altKey: false, ctrlKey: false, metaKey: false, isComposing: false, ...more })

test('letters alone count only while nothing is being typed', () => {
  expect(commandOf(key('j'), false)?.command).toBe('next')
  expect(commandOf(key('?'), false)?.command).toBe('help')
  expect(commandOf(key('j'), true)).toBeNull()
  expect(commandOf(key('/'), true)).toBeNull()
})

test('with Ctrl or Alt they count while typing too, by the key and not by its sign', () => {
  expect(commandOf(key('ArrowDown', { ctrlKey: true }), true)?.command).toBe('next')
  expect(commandOf(key('ArrowUp', { metaKey: true }), true)?.command).toBe('previous')
  expect(commandOf(key('†', { altKey: true, code: 'KeyT' }), true)?.command).toBe('transfer')
  expect(commandOf(key('¡', { altKey: true, code: 'Digit3' }), true)).toEqual({ command: 'side', index: 2 })
})

test('what the browser and the input method want stays theirs', () => {
  expect(commandOf(key('r', { ctrlKey: true }), false)).toBeNull()
  expect(commandOf(key('T', { altKey: true, ctrlKey: true, code: 'KeyT' }), false)).toBeNull()
  expect(commandOf(key('j', { isComposing: true }), false)).toBeNull()
})

test('the help sheet names every command', () => {
  const named = SHORTCUTS.flatMap((group) => group.shortcuts.map((one) => one.command))
  const all = ['next', 'previous', 'claim', 'reply', 'note', 'canned', 'suggestion', 'transfer', 'invite', 'handBack', 'end', 'tags', 'side', 'help']
  expect([...named].sort()).toEqual(all.sort())
})
