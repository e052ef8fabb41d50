import { beforeEach, expect, test, vi } from 'vitest'

import { Unreachable } from '../common/problem'
import type { TicketForm } from '../widget/api'
import { leaveMessageForm } from '../widget/leaveMessage'

const send = vi.fn<(form: TicketForm) => Promise<string>>()
const done = vi.fn()

function show(more: { known?: boolean; orderNumber?: string; reason?: string } = {}): HTMLElement {
  const options = { reason: '', known: false, orderNumber: '', send, done, ...more }
  document.body.append(leaveMessageForm(options))
  return document.body
}

function fill(form: HTMLElement, id: string, value: string): void {
  const field = form.querySelector<HTMLInputElement>(`#m-${id}`)
  if (!field) throw new Error(id)
  field.value = value
}

const submit = async (form: HTMLElement) => {
  form.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  for (let turn = 0; turn < 4; turn += 1) await Promise.resolve()
}

beforeEach(() => {
  document.body.textContent = ''
  send.mockReset().mockResolvedValue('工单 TK1 已提交。')
})

test('a guest has to say how the answer can reach them', async () => {
  const form = show()
  await submit(form)
  expect(form.querySelector('.wrong')?.textContent).toContain('描述')
  fill(form, 'details', '收到的杯子碎了')
  await submit(form)
  expect(form.querySelector('.wrong')?.textContent).toContain('手机号或邮箱')
  expect(send).not.toHaveBeenCalled()
  fill(form, 'contact', ' 13812345678 ')
  await submit(form)
  expect(send).toHaveBeenCalledExactlyOnceWith({ kind: 'callback', details: '收到的杯子碎了', contact: '13812345678' })
  expect(form.textContent).toContain('TK1')
})

test('who is signed in need not, and the order at hand is filled in', async () => {
  const form = show({ known: true, orderNumber: 'KF20261108004217', reason: '人工客服现在休息' })
  expect(form.textContent).toContain('人工客服现在休息')
  fill(form, 'details', '请回电')
  await submit(form)
  expect(send).toHaveBeenCalledWith({ kind: 'callback', details: '请回电', order_number: 'KF20261108004217' })
})

test('a line that is down loses nothing that was written', async () => {
  send.mockRejectedValueOnce(new Unreachable())
  const form = show({ known: true })
  fill(form, 'details', '写了很久的话')
  await submit(form)
  expect(form.querySelector('.wrong')?.textContent).toContain('网络')
  expect(form.querySelector<HTMLTextAreaElement>('#m-details')?.value).toBe('写了很久的话')
  await submit(form)
  expect(form.textContent).toContain('TK1')
})
