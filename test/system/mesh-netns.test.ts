/** Stalls on a switch of their own: no router, no default route, cables that are pulled. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'
import type { PeerState } from './mesh-peer.ts'
import { type Market, noNetworks, openMarket } from './netns.ts'

const PEER = fileURLToPath(new URL('./mesh-peer.js', import.meta.url))
const missing = noNetworks()
const noFaketime = spawnSync('faketime', ['--version']).error !== undefined && 'faketime'
/** As long as a beacon counts in `heard`, and a little more. */
const HEARD_MS = 3_500

interface Peer {
  readonly child: ChildProcess
  readonly state: () => PeerState | undefined
  readonly say: (line: string) => void
  readonly output: () => string
}

const names = ['s1', 's2', 's3'] as const

suite(
  'mesh in network namespaces',
  test => {
    let market: Market | undefined
    let peers: Peer[] = []
    test.after(async () => {
      await Promise.all(peers.map(stop))
      peers = []
      market?.remove()
      market = undefined
    })
    const open = async (prepare?: Prepare, clocks: readonly string[] = []) => {
      market = await openMarket(names.length)
      for (const [index] of names.entries()) await prepare?.(market, index + 1)
      for (const [index, name] of names.entries()) {
        peers.push(start(market.on(index + 1), name, clocks[index]))
      }
      const [one, two, three] = peers
      if (!one || !two || !three) throw new Error('three were started')
      await until(() => allLinked(peers), 30_000)
      return { market, one, two, three }
    }

    test.needs(missing, 'join without a default route, and within seconds', async () => {
      const { one } = await open()
      one.say('write 3')
      await until(() => inStep(peers, 1))
      const slowest = Math.max(...peers.map(peer => peer.state()?.at ?? Number.POSITIVE_INFINITY))
      console.log(`all linked and in step ${Math.round(slowest)} ms after the start of a program`)
      assert.ok(peers.every(peer => peer.state()?.faults.length === 0))
    })

    test.needs(missing, 'a pulled cable parts them, and plugged in they agree again', async () => {
      const { market, one, three } = await open()
      await market.pull(3)
      const pulled = performance.now()
      await until(() => peersOf(three).length === 0 && !peersOf(one).includes('s3'), 15_000)
      console.log(`parted ${Math.round(performance.now() - pulled)} ms after the cable was pulled`)
      one.say('write 4')
      three.say('write 2')
      await until(() => three.state()?.sizes.length === 1 && one.state()?.sizes.length === 1)
      await market.plug(3)
      const plugged = performance.now()
      await until(() => inStep(peers, 2), 40_000)
      console.log(`agreed ${Math.round(performance.now() - plugged)} ms after it was plugged in`)
    })

    test.needs(missing, 'an adapter that comes back with another number is heard', async () => {
      const { market, one, two } = await open()
      await market.replug(2)
      await delay(HEARD_MS)
      await until(() => one.state()?.heard.includes('s2') === true, 10_000)
      await until(() => String(two.state()?.heard) === 's1,s3', 10_000)
      two.say('write 1')
      await until(() => inStep(peers, 1) && allLinked(peers), 40_000)
    })

    test.needs(missing, 'link-local IPv6 alone is enough', async () => {
      const { one, two } = await open((market, machine) => market.leaveIpv4(machine))
      one.say('write 1')
      await until(() => inStep(peers, 1), 20_000)
      assert.ok(two.state()?.hosts.every(host => host.startsWith('fe80:')))
    })

    test.needs(missing || noFaketime, 'clocks that are decades wrong part nobody', async () => {
      const { one } = await open(undefined, ['1975-01-01 00:00:00', '2037-01-01 00:00:00'])
      one.say('write 1')
      await until(() => inStep(peers, 1))
      assert.ok(String(one.state()?.wall).startsWith('1975-'))
    })

    test.needs(missing, 'who is shut out loses its links, and gets none again', async () => {
      const { one, two, three } = await open()
      const key = two.state()?.device ?? ''
      for (const peer of [one, three]) peer.say(`shut s2 ${key}`)
      await until(() => peersOf(two).length === 0)
      one.say('write 1')
      await until(() => inStep([one, three], 1))
      await until(() => (two.state()?.faults.length ?? 0) > 0 || peersOf(two).length === 0)
      assert.equal([peersOf(one), peersOf(two), peersOf(three)], [['s3'], [], ['s1']])
      assert.equal(two.state()?.sizes, [])
    })
  },
  { stepMs: 90_000 }
)

type Prepare = (market: Market, machine: number) => Promise<void>

/** With a clock, the program takes it for the time of day; how time passes stays true. */
function start(on: readonly string[], name: string, clock?: string): Peer {
  const wrong = clock === undefined ? [] : ['faketime', '-f', `@${clock}`]
  const [command = '', ...words] = [...on, ...wrong, process.execPath, PEER, name]
  const env = { ...process.env, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'], env })
  let output = ''
  let state: PeerState | undefined
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) state = JSON.parse(line)
  })
  return {
    child,
    state: () => state,
    say: line => child.stdin.write(`${line}\n`),
    output: () => output
  }
}

async function stop({ child, say }: Peer): Promise<void> {
  const ended = new Promise(resolve => child.once('close', resolve))
  say('stop')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await ended
  clearTimeout(timer)
}

const peersOf = (peer: Peer): readonly string[] => peer.state()?.peers ?? []

const allLinked = (peers: readonly Peer[]): boolean =>
  peers.every(peer => peersOf(peer).length === peers.length - 1)

const inStep = (peers: readonly Peer[], logs: number): boolean => {
  const [first] = peers
  const wanted = first?.state()?.sizes ?? []
  return (
    wanted.length === logs && peers.every(peer => String(peer.state()?.sizes) === String(wanted))
  )
}
