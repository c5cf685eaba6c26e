import { defineConfig } from 'vite'

/**
 * Puts the built program into few files: opening and linking some two hundred of them takes a
 * third of a start. `dist/pages` stays beside it, where `run.ts` looks for the pages.
 */
export default defineConfig({
  // What carries native code stays in node_modules, where it looks for its own binary.
  ssr: { noExternal: true, external: ['serialport', 'onoff'] },
  build: {
    ssr: 'dist/scripts/stall.js',
    outDir: 'dist/bin',
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    // What is loaded late stays apart, so that it still is.
    rolldownOptions: { output: { entryFileNames: 'stall.js', chunkFileNames: '[name]-[hash].js' } }
  }
})
