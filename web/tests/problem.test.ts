import { afterEach, expect, test, vi } from 'vitest'

import { fetchJson, Problem, sentenceOf, Unreachable } from '../common/problem'

const answer = (status: number, body: string) =>
  vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response(body, { status }))))

afterEach(() => vi.unstubAllGlobals())

test('an error answer brings its sentence', async () => {
  answer(409, JSON.stringify({ code: 'state_conflict', title: '这个会话正由小李接待。' }))
  const error = await fetchJson('/x').catch((caught: unknown) => caught)
  expect(error).toMatchObject({ status: 409, code: 'state_conflict', passes: false })
  expect(sentenceOf(error)).toBe('这个会话正由小李接待。')
})

test('a gateway’s own error page gets a sentence of ours and may pass', async () => {
  answer(502, '<html>Bad Gateway</html>')
  const error = await fetchJson('/x').catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(Problem)
  expect(error).toMatchObject({ passes: true, title: '服务暂时不可用，请稍后再试。' })
})

test('no answer is told apart from a refusal', async () => {
  vi.stubGlobal('fetch', vi.fn(() => Promise.reject(new TypeError('failed'))))
  await expect(fetchJson('/x')).rejects.toBeInstanceOf(Unreachable)
})

test('an empty answer is no error', async () => {
  answer(200, '')
  await expect(fetchJson('/x')).resolves.toBeNull()
})
