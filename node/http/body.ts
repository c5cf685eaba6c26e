import type { IncomingMessage } from 'node:http'
import { type Problem, problem } from './problem.ts'

/** A sale of the most lines (500), each with its price, takes about half of it. */
const BODY_BYTES_MAX = 64 * 1024
/** The deepest call takes five levels. */
const DEPTH_MAX = 16

/**
 * Reads a request's body to its end, or answers `body-too-large` at the first byte over the limit.
 * The rest of a refused body is the caller's to drain. Undefined when the client went away.
 */
export async function readBody(
  request: IncomingMessage,
  continueReading: () => void
): Promise<Uint8Array | Problem | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) {
    return problem('body-too-large')
  }
  continueReading()
  const chunks: Buffer[] = []
  let size = 0
  return new Promise(resolve => {
    const settle = (answer: Uint8Array | Problem | undefined) => {
      request.off('data', take).off('end', finish).off('close', leave).off('error', leave)
      resolve(answer)
    }
    const take = (chunk: Buffer) => {
      size += chunk.length
      if (size > BODY_BYTES_MAX) settle(problem('body-too-large'))
      else chunks.push(chunk)
    }
    const finish = () => settle(Buffer.concat(chunks, size))
    const leave = () => settle(undefined)
    request.on('data', take).on('end', finish).on('close', leave).on('error', leave)
  })
}

/**
 * JSON in which every byte says one thing: UTF-8 without errors and no name twice in an object.
 * `JSON.parse` alone would take the last of two quantities without a word (RFC 8259 4).
 */
export function parseJson(bytes: Uint8Array): { readonly value: unknown } | Problem {
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch {
    return problem('malformed-json')
  }
  const fault = structureFault(text)
  return fault === undefined ? { value } : problem('malformed-json', { detail: fault })
}

/** A string, perhaps followed by the colon that makes it a name, or a bracket. */
const TOKENS = /("[^"\\]*(?:\\.[^"\\]*)*")\s*(:?)|[{}[\]]/g

/** Expects text that `JSON.parse` took. */
function structureFault(text: string): string | undefined {
  const open: Set<unknown>[] = []
  for (const [token, name, colon] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      open.push(new Set())
      if (open.length > DEPTH_MAX) return `The body is nested over ${DEPTH_MAX} levels deep.`
    } else if (token === '}' || token === ']') open.pop()
    else if (name !== undefined && colon === ':') {
      const names = open.at(-1)
      const key: unknown = JSON.parse(name)
      if (names?.has(key)) return `The name ${name.slice(0, 60)} is there twice in one object.`
      names?.add(key)
    }
  }
  return undefined
}
