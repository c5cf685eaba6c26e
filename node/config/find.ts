import type { ConfigFault } from './fault.ts'

/**
 * Where the configuration is: `--config`, `$STALL_CONFIG`, the boot partition, `/etc/stallmesh`,
 * the data folder. `path` is null when there is none and the sample applies. A file that somebody
 * named must be there: a stall that quietly sold the sample instead would be worse than none.
 */
export function findConfig(options: {
  /** The value of `--config`, where it was given. */
  readonly flag: string | null
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder of `--data`. */
  readonly data: string
  readonly exists: (path: string) => boolean
}): { readonly path: string | null } | { readonly faults: readonly ConfigFault[] } {
  const { flag, env, data, exists } = options
  const variable = env['STALL_CONFIG'] || null
  const named = flag ?? variable
  if (named === null) return { path: [...FOLDERS, data].map(fileIn).find(exists) ?? null }
  if (exists(named)) return { path: named }
  const fault: ConfigFault = {
    code: 'no-config',
    place: { name: flag === null ? 'STALL_CONFIG' : '--config' },
    sentence: `There is no file ${named}.`,
    fix: 'Check the path, or leave it out to look in the usual places.'
  }
  return { faults: [fault] }
}

/** Raspberry Pi OS since bookworm mounts the boot partition at the first, before at the second. */
const FOLDERS = ['/boot/firmware', '/boot', '/etc/stallmesh']

const fileIn = (folder: string): string => `${folder.replace(/\/+$/, '')}/stall.toml`
