import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, defineConfig, type Plugin } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const OUT = fileURLToPath(new URL('../../dist/pages/', import.meta.url))
const TARGET = ['chrome111', 'safari16.4', 'firefox115']

/** Under this, a gzip header and a second file cost more than they save. */
const GZIP_BYTES_MIN = 400

export default defineConfig({
  root: here,
  // Vite 8 reads `jsxImportSource` only from a tsconfig that includes this very file.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: TARGET,
    // Polyfills and inlined assets would need more than `default-src 'self'`.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: { input: { till: `${here}till/index.html` } }
  },
  plugins: [oneFilePage('check'), gzipSiblings()]
})

/**
 * Builds a page into one HTML file, script and style inside, so that it can be saved, mailed and
 * opened from disk. Its Content-Security-Policy names the script and the style by their hashes.
 */
function oneFilePage(name: string): Plugin {
  return {
    name: 'one-file-page',
    apply: 'build',
    async closeBundle() {
      const script = await bundle(`${here}${name}/main.ts`)
      const style = (await readFile(`${here}${name}/${name}.css`, 'utf8')).trim()
      const policy = [
        "default-src 'none'",
        `script-src '${sha256(script)}'`,
        `style-src '${sha256(style)}'`,
        "base-uri 'none'",
        "form-action 'none'"
      ].join('; ')
      const html = (await readFile(`${here}${name}/index.html`, 'utf8'))
        .replace('<!--policy-->', () => policy)
        .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`)
        .replace(/<script .*<\/script>/, () => `<script type="module">${script}</script>`)
      await writeFile(`${OUT}${name}.html`, html)
    }
  }
}

async function bundle(entry: string): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'warn',
    root: here,
    build: {
      write: false,
      target: TARGET,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: entry, output: { codeSplitting: false } }
    }
  })
  const chunks = [output].flat().flatMap(part => ('output' in part ? part.output : []))
  const [only, ...more] = chunks
  if (only?.type !== 'chunk' || more.length > 0) throw new Error(`${entry} is not one script`)
  if (only.code.includes('</script')) throw new Error(`${entry} would end its own script tag`)
  return only.code.trim()
}

const sha256 = (text: string): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`

/** Writes `x.gz` beside every text file, so that a Pi compresses nothing while it sells. */
function gzipSiblings(): Plugin {
  return {
    name: 'gzip-siblings',
    apply: 'build',
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        const names = await readdir(OUT, { recursive: true })
        for (const name of names.filter(each => /\.(html|js|css|svg|json)$/.test(each))) {
          const content = await readFile(`${OUT}${name}`)
          if (content.length < GZIP_BYTES_MIN) continue
          await writeFile(`${OUT}${name}.gz`, gzipSync(content, { level: 9 }))
        }
      }
    }
  }
}
