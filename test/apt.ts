import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** An apt that lives in a folder and shares nothing with this machine's but the mirror. */
export interface Apt {
  /** Runs one of its programs to its end and gives what it said. */
  readonly run: (
    program: 'apt-get' | 'apt-cache',
    args: readonly string[],
    cwd?: string
  ) => Promise<string>
}

/** Debian 13, whatever this machine has. */
export const SUITE = 'trixie'
/** Knows the keys of Debian 13 too; a package that is not signed with them is refused by apt. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const RUN_MS_MAX = 180_000

/** What is missing here to have one, or false. */
export const whatAptNeeds = (): string | false =>
  ['/usr/bin/apt-get', '/usr/bin/dpkg-deb', KEYRING].find(path => !existsSync(path)) ?? false

/** Rejects where this machine's apt knows no mirror. Fetches nothing yet. */
export async function openApt(options: {
  readonly folder: string
  /** Whose packages; this machine's own by default. */
  readonly architecture?: string
}): Promise<Apt> {
  const { folder, architecture } = options
  const mirror = await findMirror()
  for (const each of ['state/lists/partial', 'cache/archives/partial']) {
    await mkdir(join(folder, each), { recursive: true })
  }
  const wishes = `${architecture ? `arch=${architecture} ` : ''}signed-by=${KEYRING}`
  await writeFile(join(folder, 'sources.list'), `deb [${wishes}] ${mirror} ${SUITE} main\n`)
  await writeFile(join(folder, 'status'), '')
  await writeFile(join(folder, 'apt.conf'), settingsOf(folder, architecture))
  const env = { ...process.env, APT_CONFIG: join(folder, 'apt.conf'), LC_ALL: 'C' }
  return {
    run: async (program, args, cwd = folder) => {
      const how = { env, cwd, timeout: RUN_MS_MAX, maxBuffer: 1 << 24 }
      return (await execute(program, ['-q', ...args], how)).stdout
    }
  }
}

/** Debian's archive proper is the one whose suite has no dash: no -security, no -updates. */
async function findMirror(): Promise<string> {
  const format = ['--format', '$(REPO_URI) $(RELEASE)', 'Created-By: Packages']
  const { stdout } = await execute('apt-get', ['indextargets', ...format])
  const mirror = /^(\S+) [a-z]+$/m.exec(stdout)?.[1]
  if (mirror === undefined) throw new Error("This machine's apt names no mirror of Debian")
  return mirror
}

const settingsOf = (folder: string, architecture: string | undefined): string => `\
${architecture ? `APT::Architecture "${architecture}";\nAPT::Architectures "${architecture}";` : ''}
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
Dir::State "${join(folder, 'state')}";
Dir::State::status "${join(folder, 'status')}";
Dir::Cache "${join(folder, 'cache')}";
Dir::Etc::sourcelist "${join(folder, 'sources.list')}";
Dir::Etc::sourceparts "-";
`
