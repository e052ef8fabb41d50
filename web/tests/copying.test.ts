import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import type { Card } from '../common/types'
import { renderCard } from '../widget/cards'

const CARD: Card = {
  type: 'logistics',
  order_number: 'KF20261108004217',
  carrier_name: '顺丰速运',
  tracking_number: 'SF1402938475610',
  state_text: '运输中',
  expected_at: null,
  events: [],
}

let execCommand: ReturnType<typeof vi.fn>
let selected = ''

const clipboard = (value: unknown) => vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue(value as Clipboard)

beforeEach(() => {
  selected = ''
  execCommand = vi.fn(() => {
    selected = document.querySelector('textarea')?.value ?? ''
    return true
  })
  Object.assign(document, { execCommand })
})

afterEach(() => {
  vi.restoreAllMocks()
  document.body.textContent = ''
})

async function pressed(): Promise<HTMLButtonElement> {
  const card = renderCard(CARD, () => null, 'https://kefu.example')
  const button = card?.querySelector<HTMLButtonElement>('.copy')
  if (!card || !button) throw new Error('no button')
  document.body.append(card)
  button.focus()
  button.click()
  await vi.waitFor(() => expect(button.textContent).not.toBe('复制'))
  expect(document.querySelector('textarea')).toBeNull()
  expect(button.getAttribute('aria-label')).toBe(button.textContent)
  return button
}

test('a number goes to the clipboard', async () => {
  const writeText = vi.fn(() => Promise.resolve())
  clipboard({ writeText })
  expect((await pressed()).textContent).toBe('已复制')
  expect(writeText).toHaveBeenCalledWith('SF1402938475610')
  expect(execCommand).not.toHaveBeenCalled()
})

test('on plain http, where there is no clipboard, it is selected and copied', async () => {
  clipboard(undefined)
  const button = await pressed()
  expect(button.textContent).toBe('已复制')
  expect(selected).toBe('SF1402938475610')
  expect(document.activeElement).toBe(button)
})

test('what the clipboard refuses is selected and copied', async () => {
  clipboard({ writeText: () => Promise.reject(new Error('not allowed')) })
  expect((await pressed()).textContent).toBe('已复制')
})

test.each([
  ['says no', () => false],
  ['is not there', () => {
    throw new TypeError('execCommand is not a function')
  }],
])('where copying %s, it says what else to do', async (_, answer) => {
  clipboard(undefined)
  execCommand.mockImplementation(answer)
  expect((await pressed()).textContent).toBe('复制失败，请长按号码复制')
})
