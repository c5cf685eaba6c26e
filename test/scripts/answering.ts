import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Something that answers like a stall: a GET by its path, and it keeps what was posted. */
export async function withAnswers(
  answers: (path: string) => { readonly status: number; readonly body: unknown },
  step: (url: string, posted: readonly (readonly [path: string, body: unknown])[]) => Promise<void>
): Promise<void> {
  const posted: [string, unknown][] = []
  const server = createServer(async (request, response) => {
    const { url = '/', method } = request
    let text = ''
    for await (const chunk of request) text += String(chunk)
    if (method === 'POST') posted.push([url, JSON.parse(text)])
    const { status, body } = method === 'POST' ? { status: 200, body: {} } : answers(url)
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>(settle => server.listen(0, '127.0.0.1', settle))
  try {
    await step(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, posted)
  } finally {
    server.close()
  }
}

/** Runs `stall` to its end. */
export const runCommand = (...args: readonly string[]) => runCommandIn({}, ...args)

/** The same with something more in its environment. */
export const runCommandIn = (env: NodeJS.ProcessEnv, ...args: readonly string[]) =>
  new Promise<{ readonly code: number; readonly text: string }>(settle => {
    const options = { env: { ...process.env, ...env } }
    const child = execFile(
      process.execPath,
      ['dist/scripts/stall.js', ...args],
      options,
      (_, out, err) => settle({ code: child.exitCode ?? -1, text: out + err })
    )
  })
