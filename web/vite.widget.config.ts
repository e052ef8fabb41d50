import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vite'

/** One file without imports, under a name that never changes, for any shop's page to load. */
export default defineConfig({
  build: {
    target: 'es2022',
    emptyOutDir: false,
    lib: {
      entry: fileURLToPath(new URL('widget/index.ts', import.meta.url)),
      formats: ['es'],
      fileName: () => 'widget.js',
    },
  },
})
