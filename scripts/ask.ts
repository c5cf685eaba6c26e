/** How long a busy box may take before it counts as out of reach. */
const ANSWER_MS_MAX = 5_000
const URL_DEFAULT = 'http://localhost:8080'

/**
 * Asks a running stall over HTTP, or tells it something where there is a body. The only way a
 * command touches one: never its files.
 */
export async function ask(
  url: string | undefined,
  path: string,
  body?: object
): Promise<{ readonly status: number; readonly body: unknown } | { readonly unreachable: string }> {
  const base = url ?? URL_DEFAULT
  try {
    const response = await fetch(new URL(path, base), {
      ...(body === undefined ? {} : post(body)),
      signal: AbortSignal.timeout(ANSWER_MS_MAX)
    })
    return { status: response.status, body: await response.json() }
  } catch {
    return { unreachable: `No stall answers at ${base}.` }
  }
}

const post = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body)
})
