import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const APT_MS_MAX = 60_000
/** libgpiod 2 is the first one that speaks version 2 of the interface; Debian 13 brings it. */
const SUITE = 'trixie'
const PACKAGES = ['gpiod', 'libgpiod3', 'libc6']

/** What is missing here to fetch it, or false. */
export const whatLibgpiodNeeds = (): string | false =>
  ['/usr/bin/gcc', '/usr/bin/apt-get', '/usr/bin/dpkg-deb', KEYRING].find(
    path => !existsSync(path)
  ) ?? false

/**
 * Unpacks Debian 13's gpiod with the C library that it wants into a folder, through an apt that
 * shares nothing with this machine's but the mirror. Gives how one of its tools is run.
 */
export async function fetchLibgpiod(dir: string): Promise<(tool: string) => readonly string[]> {
  const apt = await aptOf(dir)
  await apt(['update', '-qq'])
  await apt(['download', ...PACKAGES])
  const root = join(dir, 'root')
  for (const name of await readdir(dir)) {
    if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', join(dir, name), root])
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

async function aptOf(dir: string): Promise<(args: readonly string[]) => Promise<void>> {
  const { stdout } = await run('apt-get', [
    ...['indextargets', '--format', '$(REPO_URI) $(RELEASE)', 'Created-By: Packages']
  ])
  // Debian's archive proper is the one whose suite has no dash.
  const mirror = /^(\S+) [a-z]+$/m.exec(stdout)?.[1]
  for (const each of ['state/lists/partial', 'cache/archives/partial']) {
    await mkdir(join(dir, each), { recursive: true })
  }
  const source = `deb [signed-by=${KEYRING}] ${mirror} ${SUITE} main\n`
  await writeFile(join(dir, 'sources.list'), source)
  await writeFile(join(dir, 'status'), '')
  const settings = [
    `Dir::State=${join(dir, 'state')}`,
    `Dir::State::status=${join(dir, 'status')}`,
    `Dir::Cache=${join(dir, 'cache')}`,
    `Dir::Etc::sourcelist=${join(dir, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none'
  ].flatMap(each => ['-o', each])
  return async args => {
    await run('apt-get', [...settings, ...args], { cwd: dir, timeout: APT_MS_MAX })
  }
}
