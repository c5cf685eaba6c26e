import { Fault } from '../../node/core/ports.ts'
import type { Files } from '../host.ts'

export interface SimFiles {
  readonly files: Files
  /** Makes the file, or changes it; `changedAt` in ms since 1970. */
  readonly set: (path: string, text: string, changedAt?: number) => void
  readonly remove: (path: string) => void
}

/** A page, which is what the kernel gives of such a file at most. */
const FILE_CHARS_MAX = 4_096

/**
 * The kernel's small files in memory. As in `/sys`, what is there is the device's choice: writing
 * changes a file and never makes one. Folders are what the paths say.
 */
export function simFiles(initial: Readonly<Record<string, string>>): SimFiles {
  const known = new Map<string, { readonly text: string; readonly changedAt: number }>()
  const set = (path: string, text: string, changedAt = 0) => {
    known.set(path, { text, changedAt })
  }
  for (const [path, text] of Object.entries(initial)) set(path, text)
  const files: Files = {
    read: async path => known.get(path)?.text.slice(0, FILE_CHARS_MAX),
    list: async path => {
      const folder = `${path}/`
      const inside = [...known.keys()].filter(each => each.startsWith(folder))
      const names = inside.map(each => each.slice(folder.length).split('/', 1)[0] ?? '')
      return [...new Set(names)].toSorted()
    },
    changedAt: async path => known.get(path)?.changedAt,
    write: async (path, text) => {
      const file = known.get(path)
      if (file === undefined) throw missing(path)
      set(path, text, file.changedAt)
    }
  }
  return { files, set, remove: path => known.delete(path) }
}

const missing = (path: string): Fault =>
  new Fault({
    code: 'device-absent',
    message: `${path} cannot be written: it is not there.`,
    fix: 'Check the name in stall.toml, and that the stall may write there.',
    isRetryable: true
  })
