import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openApt, whatAptNeeds } from '../apt.ts'

/** libgpiod 2 is the first one that speaks version 2 of the interface; Debian 13 brings it. */
const PACKAGES = ['gpiod', 'libgpiod3', 'libc6']

/** What is missing here to fetch it, or false. */
export const whatLibgpiodNeeds = (): string | false =>
  existsSync('/usr/bin/gcc') ? whatAptNeeds() : 'gcc'

/**
 * Unpacks Debian 13's gpiod with the C library that it wants into a folder. Gives how one of its
 * tools is run.
 */
export async function fetchLibgpiod(dir: string): Promise<(tool: string) => readonly string[]> {
  const apt = await openApt({ folder: dir })
  await apt.run('apt-get', ['update'])
  await apt.run('apt-get', ['download', ...PACKAGES])
  const root = join(dir, 'root')
  for (const name of await readdir(dir)) {
    if (!name.endsWith('.deb')) continue
    await promisify(execFile)('dpkg-deb', ['-x', join(dir, name), root])
  }
  const libraries = (await readdir(join(root, 'usr/lib'))).find(name => name.includes('-linux-'))
  const library = join(root, 'usr/lib', libraries ?? '')
  const loader = (await readdir(library)).find(name => /^ld-linux.*\.so\.\d$/.test(name))
  return tool => [
    join(library, loader ?? ''),
    '--library-path',
    library,
    join(root, 'usr/bin', tool)
  ]
}
