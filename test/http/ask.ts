import { request } from 'node:http'

export interface Answer {
  readonly code: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** One request on a connection of its own; a stream is left as soon as its head is there. */
export function ask(options: {
  readonly port: number
  readonly address?: string | undefined
  readonly method?: string | undefined
  readonly path?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}): Promise<Answer> {
  const { port, address = '127.0.0.1', method = 'GET', path = '/', headers, body = '' } = options
  const bytes = Buffer.from(body)
  const length = bytes.length > 0 ? { 'Content-Length': bytes.length } : {}
  return new Promise((resolve, reject) => {
    const asked = request({
      port,
      host: address,
      method,
      path,
      agent: false,
      headers: { ...length, ...headers }
    })
    asked.on('error', reject)
    asked.on('response', response => {
      const { statusCode: code = 0, headers } = response
      const chunks: Buffer[] = []
      if (headers['content-type']?.startsWith('text/event-stream')) {
        asked.destroy()
        resolve({ code, headers, text: '' })
      }
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ code, headers, text: String(Buffer.concat(chunks)) }))
    })
    asked.end(bytes)
  })
}

export const problemOf = ({ text }: Answer): string =>
  String(JSON.parse(text).type).replace('urn:stallmesh:problem:', '')

/** `.lines.0.sku` of what JSON said; undefined where there is nothing. */
export const valueAt = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .slice(1)
    .reduce<unknown>((at, key) => (key === '' ? at : Object(at)[key]), value)
