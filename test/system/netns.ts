import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What is missing for networks of one's own, or false. */
export const noNetworks = (): string | false => {
  if (process.getuid?.() !== 0) return 'root, for network namespaces'
  if (spawnSync('ip', ['-V']).error) return 'ip (apt-get install iproute2)'
  return spawnSync('unshare', ['-n', 'true']).status !== 0 && 'a kernel with network namespaces'
}

/** Machines on one switch, with no way to anywhere else: no router, no default route. */
export interface Market {
  /** The command that runs a program on a machine. */
  readonly on: (machine: number) => readonly string[]
  /** Pulls the cable at the switch: the machine keeps its addresses. */
  readonly pull: (machine: number) => Promise<void>
  readonly plug: (machine: number) => Promise<void>
  /** As with an adapter on USB: the interface goes, and comes back with another number. */
  readonly replug: (machine: number) => Promise<void>
  /** Takes the IPv4 address away. */
  readonly leaveIpv4: (machine: number) => Promise<void>
  readonly remove: () => void
}

export async function openMarket(machines: number): Promise<Market> {
  const base = `sm${process.pid}`
  const name = (machine: number) => `${base}m${machine}`
  const ip = (...words: readonly string[]) => run('ip', words)
  const inBridge = (...words: readonly string[]) => ip('-n', base, ...words)
  const inside = (machine: number, ...words: readonly string[]) => ip('-n', name(machine), ...words)
  const connect = async (machine: number) => {
    const port = `p${machine}`
    const peer = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', name(machine)]
    await inBridge('link', 'add', port, ...peer)
    await inBridge('link', 'set', port, 'master', 'br0', 'up')
    await inside(machine, 'addr', 'add', `10.77.0.${machine}/24`, 'dev', 'eth0')
    await inside(machine, 'link', 'set', 'eth0', 'up')
  }
  await ip('netns', 'add', base)
  // A switch that snoops and has nobody who asks would lose multicast after minutes.
  await inBridge('link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0')
  await inBridge('link', 'set', 'br0', 'up')
  for (let machine = 1; machine <= machines; machine++) {
    await ip('netns', 'add', name(machine))
    await inside(machine, 'link', 'set', 'lo', 'up')
    await connect(machine)
  }
  return {
    on: machine => ['ip', 'netns', 'exec', name(machine)],
    pull: async machine => void (await inBridge('link', 'set', `p${machine}`, 'down')),
    plug: async machine => void (await inBridge('link', 'set', `p${machine}`, 'up')),
    replug: async machine => {
      await inBridge('link', 'del', `p${machine}`)
      await connect(machine)
    },
    leaveIpv4: async machine => void (await inside(machine, '-4', 'addr', 'flush', 'dev', 'eth0')),
    remove: () => {
      for (let machine = 1; machine <= machines; machine++) {
        execFileSync('ip', ['netns', 'del', name(machine)])
      }
      execFileSync('ip', ['netns', 'del', base])
    }
  }
}
