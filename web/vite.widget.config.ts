import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vite'

/** The oldest engines that shoppers come with; docs/embedding.md names them. */
const OLDEST = ['es2020', 'chrome86', 'safari14.1']

/** One plain script, under a name that never changes, for any shop's page to load. */
export default defineConfig({
  build: {
    target: OLDEST,
    cssTarget: OLDEST,
    emptyOutDir: false,
    lib: {
      entry: fileURLToPath(new URL('widget/standalone.ts', import.meta.url)),
      formats: ['iife'],
      name: 'KefuWidget',
      fileName: () => 'widget.js',
    },
  },
})
