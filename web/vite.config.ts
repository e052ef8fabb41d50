import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const desk = process.env['KEFU_DESK'] ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [vue()],
  build: {
    target: 'es2022',
    // A data: URL would need a wider content security policy.
    assetsInlineLimit: 0,
    // The charts' library, a chunk of its own that comes after the page.
    chunkSizeWarningLimit: 600,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        index: here('index.html'),
        desk: here('desk.html'),
        trainer: here('trainer.html'),
        reports: here('reports.html'),
      },
    },
  },
  server: { proxy: { '/api': { target: desk, ws: true }, '/help': { target: desk } } },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'] },
})
