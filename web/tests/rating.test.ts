import { beforeEach, expect, test, vi } from 'vitest'

import { Problem } from '../common/problem'
import type { RatingGiven, RatingRequest } from '../common/types'
import { ratingCard } from '../widget/rating'

const at = '2026-11-22T08:00:00Z'
const request: RatingRequest = { seq: 7, at, type: 'rating_request', served_by: 'agent', name: '小王' }
const given: RatingGiven = { seq: 8, at, type: 'rating', request: 7, stars: 2, reasons: ['slow'], text: '等了很久' }
const rate = vi.fn<(seq: number, opinion: unknown) => Promise<void>>()

function show(what: RatingGiven | null, changeable = true): HTMLElement {
  document.body.append(ratingCard(request, what, changeable, { rate }))
  return document.body
}

function star(card: HTMLElement, value: number): void {
  const radio = card.querySelector<HTMLInputElement>(`input[type=radio][value="${value}"]`)
  if (!radio) throw new Error('no such star')
  radio.checked = true
  radio.dispatchEvent(new Event('change'))
}

const chips = (card: HTMLElement) => Array.from(card.querySelectorAll('.chip'), (chip) => chip.textContent)
const submit = async (card: HTMLElement) => {
  card.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  await Promise.resolve()
  await Promise.resolve()
}

beforeEach(() => {
  document.body.textContent = ''
  rate.mockReset().mockResolvedValue()
})

test('reasons fit the stars, and a change between good and bad forgets the ticked ones', async () => {
  const card = show(null)
  expect(card.textContent).toContain('人工客服小王')
  expect(card.querySelector<HTMLElement>('.chips')?.parentElement?.hidden).toBe(true)
  star(card, 5)
  expect(chips(card)).toContain('解决了问题')
  const box = card.querySelector<HTMLInputElement>('.chip input')
  if (box) box.checked = true
  star(card, 4)
  expect(card.querySelector<HTMLInputElement>('.chip input')?.checked).toBe(true)
  star(card, 1)
  expect(chips(card)).toContain('等待太久')
  await submit(card)
  expect(rate).toHaveBeenCalledExactlyOnceWith(7, { stars: 1, reasons: [], text: '' })
})

test('without a star nothing is sent', async () => {
  await submit(show(null))
  expect(rate).not.toHaveBeenCalled()
})

test('a refusal is told and can be tried again; a second press sends nothing twice', async () => {
  rate.mockRejectedValueOnce(new Problem(409, 'rating_over', '评价时间已过'))
  const card = show(null)
  star(card, 5)
  await submit(card)
  expect(card.querySelector('.wrong')?.textContent).toBe('评价时间已过')
  await submit(card)
  await submit(card)
  expect(rate).toHaveBeenCalledTimes(2)
})

test('what was given is shown, and can be changed from what it was', () => {
  const card = show(given)
  expect(card.textContent).toContain('不满意')
  expect(card.textContent).toContain('等待太久')
  expect(card.textContent).toContain('等了很久')
  card.querySelector<HTMLButtonElement>('.change')?.click()
  expect(card.querySelector<HTMLInputElement>('input[type=radio]:checked')?.value).toBe('2')
  expect(card.querySelector<HTMLInputElement>('.chip input:checked')?.value).toBe('slow')
  expect(card.querySelector('textarea')?.value).toBe('等了很久')
})

test('after a day it stays as it is', () => {
  expect(show(given, false).querySelector('.change')).toBeNull()
})
