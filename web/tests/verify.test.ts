import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { Problem, Unreachable } from '../common/problem'
import { emptyTalk, extend } from '../common/talk'
import type { Talk } from '../common/talk'
import type { StoredEvent, VerifyRequest } from '../common/types'
import { timeline } from '../widget/timeline'
import { verifyForm } from '../widget/verify'
import type { VerifyActions } from '../widget/verify'

const NOW = Date.parse('2026-11-22T08:00:00Z')
const request = (more: Partial<VerifyRequest> = {}): VerifyRequest => ({
  seq: 1,
  at: '2026-11-22T08:00:00Z',
  type: 'verify_request',
  verify_id: 'a1',
  purpose: 'unlock',
  channel: 'sms',
  address_masked: '138****2222',
  text: '验证码正在发送到您的手机 138****2222，5 分钟内有效。',
  expires_at: '2026-11-22T08:05:00Z',
  resend_at: '2026-11-22T08:01:00Z',
  ...more,
})

const verify = vi.fn<VerifyActions['verify']>()
const resendCode = vi.fn<VerifyActions['resendCode']>()

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
  verify.mockReset().mockResolvedValue({ done: true })
  resendCode.mockReset().mockResolvedValue({ resend_at: '2026-11-22T08:02:00Z' })
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(() => vi.useRealTimers())

function show(more: Partial<VerifyRequest> = {}) {
  const form = verifyForm(request(more), { verify, resendCode })
  document.body.replaceChildren(form)
  const find = <T extends HTMLElement>(selector: string): T => {
    const found = form.querySelector<T>(selector)
    if (!found) throw new Error(`no ${selector}`)
    return found
  }
  return {
    form,
    input: find<HTMLInputElement>('input'),
    confirm: find<HTMLButtonElement>('.confirm'),
    resend: find<HTMLButtonElement>('.resend'),
    wrong: find('.wrong'),
  }
}

async function type(form: ReturnType<typeof show>, text: string, submit = true): Promise<void> {
  form.input.value = text
  form.input.dispatchEvent(new Event('input'))
  if (submit) form.form.dispatchEvent(new Event('submit', { cancelable: true }))
  await vi.advanceTimersByTimeAsync(0)
}

test('a phone offers the code that came, and a reader hears what to enter and what went wrong', () => {
  const { form, input } = show()
  expect(input.inputMode).toBe('numeric')
  expect(input.autocomplete).toBe('one-time-code')
  expect(form.querySelector('label')?.htmlFor).toBe(input.id)
  const described = (input.getAttribute('aria-describedby') ?? '').split(' ').map((id) => form.querySelector(`#${id}`))
  expect(described[0]?.textContent).toContain('138****2222')
  expect(described[1]?.getAttribute('role')).toBe('alert')
})

test('six digits are sent once, however they are typed, and are kept nowhere', async () => {
  const shown = show()
  await type(shown, '４８２ 913x7')
  expect(shown.input.value).toBe('')
  await type(shown, '482913')
  expect(verify).toHaveBeenCalledExactlyOnceWith('a1', '482913')
  expect(shown.confirm.textContent).toBe('验证通过')
  expect(JSON.stringify([{ ...localStorage }, { ...sessionStorage }])).not.toContain('482913')
})

test.each(['', '12345', 'abcdef', '１２３'])('%o is not sent', async (text) => {
  const shown = show()
  await type(shown, text)
  expect(verify).not.toHaveBeenCalled()
  expect(shown.confirm.disabled).toBe(true)
})

test('a wrong code is said and may be entered again', async () => {
  verify.mockRejectedValueOnce(new Problem(422, 'code_wrong', '验证码不正确，还可以试 4 次。'))
  const shown = show()
  await type(shown, '111111')
  expect(shown.wrong.textContent).toContain('还可以试 4 次')
  expect(shown.input.getAttribute('aria-invalid')).toBe('true')
  await type(shown, '482913', false)
  expect(shown.wrong.hidden).toBe(true)
  await type(shown, '482913')
  expect(verify).toHaveBeenCalledTimes(2)
  expect(shown.confirm.textContent).toBe('验证通过')
})

test.each(['code_expired', 'too_many_tries'])('after %s only another code helps', async (code) => {
  verify.mockRejectedValueOnce(new Problem(410, code, '请重新获取。'))
  const shown = show()
  await type(shown, '482913')
  expect(shown.input.disabled).toBe(true)
  await vi.advanceTimersByTimeAsync(60_000)
  shown.resend.click()
  await vi.advanceTimersByTimeAsync(0)
  expect(shown.input.disabled).toBe(false)
  await type(shown, '555555')
  expect(verify).toHaveBeenLastCalledWith('a1', '555555')
})

test('another code can be asked for after a minute, and then not for another', async () => {
  const { resend } = show()
  expect(resend.disabled).toBe(true)
  expect(resend.textContent).toBe('60 秒后可重新获取')
  await vi.advanceTimersByTimeAsync(59_000)
  expect(resend.textContent).toBe('1 秒后可重新获取')
  await vi.advanceTimersByTimeAsync(1000)
  resend.click()
  resend.click()
  await vi.advanceTimersByTimeAsync(0)
  expect(resendCode).toHaveBeenCalledExactlyOnceWith('a1')
  expect(resend.disabled).toBe(true)
  expect(resend.textContent).toBe('60 秒后可重新获取')
})

test('the server decides when it is too early', async () => {
  resendCode.mockRejectedValueOnce(new Problem(429, 'resend_too_early', '请 7 秒后再重新获取。', 7))
  const { resend, wrong } = show({ resend_at: '2026-11-22T07:00:00Z' })
  resend.click()
  await vi.advanceTimersByTimeAsync(0)
  expect(wrong.textContent).toContain('7 秒')
  expect(resend.textContent).toBe('7 秒后可重新获取')
})

test('a clock that goes wrong does not make the wait longer than it is', () => {
  vi.setSystemTime(NOW - 3_600_000)
  expect(show().resend.textContent).toBe('60 秒后可重新获取')
})

test('a line that is down loses nothing: the same code can be sent again', async () => {
  verify.mockRejectedValueOnce(new Unreachable())
  const shown = show()
  await type(shown, '482913')
  expect(shown.wrong.textContent).toContain('网络')
  await type(shown, '482913')
  expect(shown.confirm.textContent).toBe('验证通过')
})

const talkOf = (...events: Partial<StoredEvent>[]): Talk =>
  extend(emptyTalk, events.map((event, index) => ({ at: '2026-11-22T08:00:00Z', ...event, seq: index + 1 }) as StoredEvent)).talk

const inputs = (talk: Talk) =>
  timeline(talk, []).flatMap((entry) => (entry.kind === 'verify' ? [[entry.request.verify_id, entry.live]] : []))

test('only the newest request has an input, until it is passed or the talk is closed', () => {
  const first = request()
  const second = request({ verify_id: 'b2' })
  expect(inputs(talkOf(first))).toEqual([['a1', true]])
  expect(inputs(talkOf(first, first))).toEqual([['a1', true]])
  expect(inputs(talkOf(first, second))).toEqual([['a1', false], ['b2', true]])
  const passed = { type: 'message', from: 'system', text: '身份验证通过', verify_id: 'a1' } as const
  expect(inputs(talkOf(first, passed))).toEqual([['a1', false]])
  expect(inputs(talkOf(first, { type: 'message', from: 'bot', text: '好' }))).toEqual([['a1', true]])
  expect(inputs(talkOf(first, { type: 'state', state: 'closed' }))).toEqual([['a1', false]])
})
