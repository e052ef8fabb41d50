// @vitest-environment node
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

import { parse } from 'acorn'
import { build } from 'vite'
import type { Rollup } from 'vite'
import { beforeAll, expect, test } from 'vitest'

let code = ''

beforeAll(async () => {
  const configFile = fileURLToPath(new URL('../vite.widget.config.ts', import.meta.url))
  const built = (await build({ configFile, logLevel: 'error', build: { write: false } })) as Rollup.RollupOutput[]
  const files = built.flatMap(({ output }) => output)
  expect(files.map((file) => file.fileName)).toEqual(['widget.js'])
  code = (files[0] as Rollup.OutputChunk).code
}, 60_000)

test('a shop loads less than 40 kB', () => {
  expect(gzipSync(code).length).toBeLessThan(40_000)
})

test('the oldest engine understands every line of it, as a plain script', () => {
  expect(() => parse(code, { ecmaVersion: 2020, sourceType: 'script' })).not.toThrow()
  expect(() => parse(`${code}; a ||= b`, { ecmaVersion: 2020, sourceType: 'script' })).toThrow(SyntaxError)
})

test.each(['.at(', '.findLast(', '.replaceAll(', 'structuredClone', 'AbortSignal.any', 'AbortSignal.timeout', 'replaceChildren', ':has(', 'color-mix(', 'inset:', 'eval('])(
  'it does without %s',
  (name) => {
    // A spread of a function with a short name is no call of a method.
    expect(code.replace(/\.{3}/g, '')).not.toContain(name)
  },
)
