import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Role } from './route.ts'

/** The built pages, listed once at the start: no path from a request ever reaches the disk. */
export interface Pages {
  readonly find: (path: string) => Page | undefined
}

export interface Page {
  readonly role: Role
  readonly headers: Readonly<Record<string, string>>
  readonly etag: string
  readonly plain: Uint8Array
  /** Absent where compressing gains nothing. */
  readonly gzipped: Uint8Array | undefined
}

export interface PagesOptions {
  /** What Vite built: `till/index.html`, `check.html`, `assets/`. */
  readonly folder: string
  /** The market's public key as the check page reads it; empty while there is no market. */
  readonly marketKey: string
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2'
}

/** Pages that anybody may see; every other page is the stall's own. */
const CUSTOMER_PAGES: ReadonlySet<string> = new Set(['/r', '/menu'])

/** Says which sources became which file; nobody's business here. */
const VITE_MANIFEST = '/manifest.json'
const HASHED = /[-.][\w-]{8,}\.\w+$/
const YEAR = 'public, max-age=31536000, immutable'
/**
 * The till must open while the box restarts, and on plain HTTP there is no service worker. A page
 * that is stored as immutable opens without its server, in Chromium for one; the page itself
 * fetches newer ones with `cache: 'reload'`, between sessions.
 */
const TILL = 'public, max-age=86400, immutable'

export async function openPages({ folder, marketKey }: PagesOptions): Promise<Pages> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter(file => file.isFile())
    .map(file => join(file.parentPath, file.name))
  const pages = new Map<string, Page>()
  for (const file of files) {
    const type = TYPES[extname(file)]
    if (type === undefined) continue
    const name = `/${relative(folder, file).split(sep).join('/')}`
    if (name === VITE_MANIFEST) continue
    const path = pathOf(name)
    const bytes = await readFile(file)
    const isHtml = extname(file) === '.html'
    const filled = isHtml ? fillIn(bytes.toString('utf8'), marketKey) : bytes
    const plain = typeof filled === 'string' ? Buffer.from(filled) : filled
    const isAsFiled = plain.equals(bytes) && files.includes(`${file}.gz`)
    const small = isAsFiled ? await readFile(`${file}.gz`) : await promisify(gzip)(plain)
    pages.set(path, {
      role: isHtml && !CUSTOMER_PAGES.has(path) ? 'helper' : 'customer',
      headers: {
        'Content-Type': type,
        'Cache-Control': isHtml ? TILL : HASHED.test(name) ? YEAR : 'public, max-age=3600',
        ...(isHtml ? { 'Content-Security-Policy': policyOf(plain.toString('utf8')) } : {})
      },
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
      plain,
      gzipped: small.length < plain.length ? small : undefined
    })
  }
  return { find: path => pages.get(path) }
}

/** `check` is at `/r`, for every character of a receipt's QR makes its dots smaller. */
const ADDRESSES: Readonly<Record<string, string>> = { '/till': '/', '/check': '/r' }

const pathOf = (name: string): string => {
  const path = name.replace(/(\/index)?\.html$/, '')
  return ADDRESSES[path] ?? path
}

/** The key goes into an attribute, so only what a key may hold is let through. */
const fillIn = (html: string, marketKey: string): string =>
  html.replace(
    /(<meta name="stallmesh-market" content=")[^"]*"/,
    (_, start: string) => `${start}${marketKey.replace(/[^\w+/=.:-]/g, '')}"`
  )

/** Names each inline script and style by its hash (CSP 3 6.7.2.1): nothing else may run. */
export function policyOf(html: string): string {
  const scripts = sourcesOf(html, /<script\b([^>]*)>([\s\S]*?)<\/script>/gi, /\ssrc\s*=/i)
  const styles = sourcesOf(html, /<style\b([^>]*)>([\s\S]*?)<\/style>/gi)
  const linked = /<link\b[^>]*stylesheet/i.test(html) ? ["'self'"] : []
  return [
    "default-src 'self'",
    `script-src ${scripts.join(' ') || "'none'"}`,
    `style-src ${[...linked, ...styles].join(' ') || "'none'"}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join('; ')
}

function sourcesOf(html: string, element: RegExp, isElsewhere?: RegExp): string[] {
  const sources = [...html.matchAll(element)].map(([, attributes = '', content = '']) => {
    if (isElsewhere?.test(attributes)) return "'self'"
    return `'sha256-${createHash('sha256').update(content).digest('base64')}'`
  })
  return [...new Set(sources)]
}
