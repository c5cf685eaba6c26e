import { readdir, readFile, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import type { Row } from './rows.ts'

/** A device of the configuration, as far as it says which file of this machine it needs. */
export interface Claimed {
  readonly name: string
  /** `gpio:GPIO17`, `/dev/ttyUSB0`. */
  readonly claims: readonly string[]
}

/** The device files that a configuration names and this user could not open. */
export async function claimFaults(
  devices: readonly Claimed[],
  machine: Machine = thisMachine
): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const { name, claims } of devices) {
    for (const claim of claims) {
      const fault = claim.startsWith('gpio:')
        ? await gpioFault(machine)
        : claim.startsWith('/')
          ? await pathFault(claim, machine)
          : undefined
      // Two lines of one chip have one trouble.
      const isTold = rows.some(row => row.name === name && row.sentence === fault?.sentence)
      if (fault && !isTold) rows.push({ name, ...fault })
    }
  }
  return rows
}

/** What is looked at, so that tests need neither devices nor another user. */
export interface Machine {
  readonly user: { readonly name: string; readonly uid: number; readonly gids: readonly number[] }
  /** Undefined when there is no such file. */
  readonly look: (path: string) => Promise<FileRights | undefined>
  readonly list: (folder: string) => Promise<readonly string[]>
  readonly groupName: (gid: number) => Promise<string>
}

export interface FileRights {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

const thisMachine: Machine = {
  user: {
    name: userInfo().username,
    uid: process.getuid?.() ?? 0,
    gids: process.getgroups?.() ?? []
  },
  look: path =>
    stat(path).then(
      ({ mode, uid, gid }) => ({ mode, uid, gid }),
      () => undefined
    ),
  list: folder => readdir(folder).catch(() => []),
  groupName: async gid => {
    const groups = await readFile('/etc/group', 'utf8').catch(() => '')
    const line = groups.split('\n').find(each => each.split(':')[2] === String(gid))
    return line?.split(':')[0] ?? String(gid)
  }
}

type RowFault = Omit<Row, 'name'>

async function gpioFault(machine: Machine): Promise<RowFault | undefined> {
  const chips = (await machine.list('/dev')).filter(name => /^gpiochip\d+$/.test(name))
  const [first] = chips
  if (first === undefined) {
    return {
      state: 'absent',
      sentence: 'This machine shows no GPIO lines: there is no /dev/gpiochip0.',
      fix: 'Run the stall on a Raspberry Pi, or set simulated = true for this device.'
    }
  }
  return pathFault(`/dev/${first}`, machine)
}

async function pathFault(path: string, machine: Machine): Promise<RowFault | undefined> {
  const rights = await machine.look(path)
  if (!rights) {
    return {
      state: 'absent',
      sentence: `${path} is not there.`,
      fix: 'Plug the device in, or correct its path in stall.toml.'
    }
  }
  if (mayOpen(rights, machine.user)) return undefined
  const group = await machine.groupName(rights.gid)
  return {
    state: 'down',
    sentence: `${path} is there, but ${machine.user.name} may not open it.`,
    fix: `Run: sudo usermod -aG ${group} ${machine.user.name} and log in again.`
  }
}

/** Reading and writing, by the first of owner, group and others that fits (POSIX 4.5). */
function mayOpen({ mode, uid, gid }: FileRights, user: Machine['user']): boolean {
  if (user.uid === 0) return true
  const shift = user.uid === uid ? 6 : user.gids.includes(gid) ? 3 : 0
  return ((mode >> shift) & 0o6) === 0o6
}
