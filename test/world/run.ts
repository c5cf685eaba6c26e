import * as assert from 'uvu/assert'
import { chance } from '../../drivers/sim/chance.ts'
import type { Id, LogId } from '../../node/core/id.ts'
import { INBOX_BYTES_MAX } from '../../node/core/share/hear.ts'
import { CLAIMS_MAX } from '../../node/core/share/neighbour.ts'
import { rowsOf } from '../../node/core/share/vector.ts'
import { openEntry, readEntry } from '../../node/wire/entry.ts'
import { decodeFrame } from '../../node/wire/frame.ts'
import { verifyingKey } from '../../node/wire/keys.ts'
import { bytesFrom, testMarket } from '../mesh/author.ts'
import { openDisk } from './disk.ts'
import { openLiar } from './liar.ts'
import { CLEAR, type Network, openNetwork } from './network.ts'
import { once } from './once.ts'
import { openStall, type WorldStall } from './stall.ts'
import { openTime, type WorldTime } from './time.ts'

/** What a run came to; everything in it hangs on the seed alone. */
export interface WorldResult {
  readonly seed: number
  readonly stalls: number
  readonly liars: number
  readonly copies: number
  readonly sales: number
  /** The rest was refused by a full or failing disk, or came while the stall was down. */
  readonly acknowledged: number
  readonly crashes: number
  /** From the end of all trouble until all agreed. */
  readonly healMs: number
  readonly events: number
  readonly bytes: number
  readonly refusals: Readonly<Record<string, number>>
}

const TROUBLE_MS = 60_000
const HEAL_MS_MAX = 90_000
const DAY_MS = 86_400_000

interface World {
  readonly random: () => number
  readonly time: WorldTime
  readonly network: Network
  /** Peers that lost a link for what they said; no honest one may be among them. */
  readonly blamed: readonly string[]
  readonly stalls: WorldStall[]
  /** Logs that liars fork as they like: nobody can agree on those. */
  readonly forked: ReadonlySet<LogId>
  /** Starts one more stall from a copy of a card. */
  readonly startCopy: (of: WorldStall) => WorldStall
  readonly refusals: Record<string, number>
  crashes: number
  sales: number
  /** Troubles begin no more when this is set. */
  isCalm: boolean
}

/**
 * One market through a bad evening and the quiet after it. Rejects unless in the end all honest
 * stalls hold the same logs under the same heads, every acknowledged sale stands in its place at
 * every one of them, and no queue was ever over its bound.
 */
export async function runWorld(seed: number): Promise<WorldResult> {
  const world = openWorld(seed)
  const { time, network, stalls, random } = world
  for (const stall of stalls) await stall.boot()
  scheduleSales(world)
  scheduleTrouble(world)
  network.setWeather({ loss: random() * 0.25, twice: random() * 0.1, late: random() * 0.2 })
  await passChecked(world, TROUBLE_MS)
  world.isCalm = true
  network.setWeather(CLEAR)
  network.heal()
  for (const stall of stalls) {
    stall.disk.fill(false)
    if (!stall.isUp()) await stall.boot()
  }
  const from = time.now()
  while (!isAgreed(world) && time.now() - from < HEAL_MS_MAX) await passChecked(world, 500)
  await checkEnd(world)
  for (const stall of stalls) tally(world, stall)
  return {
    seed,
    stalls: stalls.length,
    liars: network.members() - stalls.length,
    copies: stalls.filter(({ name }) => name.endsWith('-copy')).length,
    sales: world.sales,
    acknowledged: stalls.reduce((all, { acknowledged }) => all + acknowledged.length, 0),
    crashes: world.crashes,
    healMs: time.now() - from,
    events: time.events(),
    bytes: network.sent().bytes,
    refusals: world.refusals
  }
}

function openWorld(seed: number): World {
  const random = chance(seed)
  const below = (max: number) => Math.floor(random() * max)
  const time = openTime()
  const market = testMarket('here')
  const blamed: string[] = []
  const onClose = (peer: string, reason: string) => {
    if (reason === 'false-frames' || reason === 'no-common-version') blamed.push(peer)
  }
  const network = openNetwork({ time, random, delayMs: () => 2 + 30 * random(), onClose })
  const admission = { marketKey: verifyingKey(market.key.publicKey), ...once() }
  const count = 3 + below(6)
  const stalls = Array.from({ length: count }, (_, index) =>
    openStall({
      name: `s${index}`,
      market,
      time,
      random,
      admission,
      disk: openDisk({ startTimer: time.startTimer, random, writeMs: 1 + below(8) }),
      wallOffsetMs: below(3) === 0 ? (random() - 0.5) * 60 * DAY_MS : 0,
      // A program one version newer and one older take part in every other market.
      ...(index === 0 && seed % 2 === 0 ? { versions: { oldest: 1, newest: 2 } } : {}),
      ...(index === 1 && seed % 2 === 0 ? { versions: { oldest: 0, newest: 1 } } : {})
    })
  )
  const abroad = testMarket('abroad')
  const liars = Array.from({ length: below(3) }, (_, index) =>
    openLiar({ name: `liar${index}`, market, abroad, time, random })
  )
  const startCopy = (of: WorldStall) =>
    openStall({
      name: `${of.name}-copy`,
      stall: of.name,
      counter: of.counter(),
      disk: of.disk.copy(),
      wallOffsetMs: 0,
      market,
      time,
      random,
      admission
    })
  const world: World = {
    random,
    time,
    network,
    blamed,
    stalls,
    startCopy,
    forked: new Set(liars.map(({ log }) => log)),
    refusals: {},
    crashes: 0,
    sales: 0,
    isCalm: false
  }
  const at = (index: number) => stalls[index % count]
  for (let index = 0; index < count; index++) {
    const [a, b, c] = [at(index), at(index + 1), at(index + 2 + below(count - 2))]
    if (a && b) network.connect(a, b)
    if (a && c && a !== c && random() < 0.4) network.connect(a, c)
  }
  for (const liar of liars) {
    for (let links = 1 + below(3); links > 0; links--) {
      const victim = at(below(count))
      if (victim) network.connect(liar, victim)
    }
  }
  return world
}

function scheduleSales(world: World): void {
  const { time, random, stalls } = world
  const sell = () => {
    if (world.isCalm) return
    const stall = stalls[Math.floor(random() * stalls.length)]
    // A customer now and then, or a queue of them.
    for (let sales = random() < 0.1 ? 6 : 1; sales > 0; sales--) {
      stall?.sell(bytesFrom('sale', world.sales++).toString('hex', 0, 16) as Id)
    }
    time.startTimer(-Math.log(1 - random()) * 700, sell)
  }
  time.startTimer(1_000, sell)
}

function scheduleTrouble(world: World): void {
  const { time, random } = world
  const strike = () => {
    if (world.isCalm) return
    const trouble = TROUBLES[Math.floor(random() * TROUBLES.length)]
    trouble?.(world)
    time.startTimer(1_000 + 5_000 * random(), strike)
  }
  time.startTimer(3_000, strike)
}

const TROUBLES: readonly ((world: World) => void)[] = [
  /** Power off, and on again after a while; meanwhile the card may lose a bit. */
  world => {
    const stall = anyUp(world)
    if (!stall) return
    const { time, random, network } = world
    world.crashes++
    tally(world, stall)
    stall.crash()
    network.cut(stall.name)
    if (random() < 0.3) stall.disk.rot('held')
    time.startTimer(300 + 15_000 * random(), () => {
      if (!stall.isUp()) void stall.boot()
    })
  },
  /** The market falls into two parts, with links that end or just fall silent. */
  ({ time, random, network, stalls }) => {
    const side = new Map(stalls.map(({ name }) => [name, random() < 0.5]))
    network.part((a, b) => side.get(a) !== side.get(b), random() < 0.5)
    time.startTimer(2_000 + 20_000 * random(), network.heal)
  },
  world => {
    const disk = anyUp(world)?.disk
    disk?.fill(true)
    world.time.startTimer(1_000 + 15_000 * world.random(), () => disk?.fill(false))
  },
  world => anyUp(world)?.disk.failNext(),
  /** Somebody starts a copy of a card in another box, and it sells as well. */
  world => {
    const stall = anyUp(world)
    const { random, network, stalls, startCopy } = world
    if (!stall || random() < 0.5 || stalls.some(({ name }) => name.endsWith('-copy'))) return
    const copy = startCopy(stall)
    for (const peer of stalls) {
      if (peer === stalls[0] || random() < 0.5) network.connect(copy, peer)
    }
    stalls.push(copy)
    void copy.boot()
  }
]

function anyUp({ random, stalls }: World): WorldStall | undefined {
  const up = stalls.filter(stall => stall.isUp())
  return up[Math.floor(random() * up.length)]
}

/** Lets time pass and looks at every queue each second. */
async function passChecked({ time, stalls, blamed }: World, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) {
    await time.pass(Math.min(left, 1_000))
    const honest = blamed.filter(peer => !peer.startsWith('liar'))
    assert.equal(honest, [], 'an honest stall lost a link for what it said')
    for (const stall of stalls) {
      const view = stall.sync()?.view()
      if (!view) continue
      assert.ok(view.inboxBytes <= INBOX_BYTES_MAX, `${stall.name}: inbox ${view.inboxBytes}`)
      assert.ok(view.freshBytes <= 128 << 10, `${stall.name}: fresh ${view.freshBytes}`)
      assert.ok(view.claims <= view.peers.length * CLAIMS_MAX, `${stall.name}: ${view.claims}`)
    }
  }
}

const sizesAt = ({ forked }: World, stall: WorldStall) =>
  rowsOf(stall.frames()?.sizes() ?? new Map()).filter(({ log }) => !forked.has(log))

function isAgreed(world: World): boolean {
  const [first, ...rest] = world.stalls.map(stall => JSON.stringify(sizesAt(world, stall)))
  return rest.every(each => each === first)
}

async function checkEnd(world: World): Promise<void> {
  const { stalls } = world
  const [first, ...rest] = stalls
  if (!first) return
  for (const stall of rest) {
    assert.equal(
      sizesAt(world, stall),
      sizesAt(world, first),
      `${stall.name} holds other logs than ${first.name}`
    )
  }
  for (const { log, size } of sizesAt(world, first)) {
    const roots = new Set<string>()
    for (const stall of stalls) roots.add(await rootAt(stall, log, size))
    assert.is(roots.size, 1, `log ${log} has ${roots.size} heads`)
  }
  for (const stall of stalls) {
    for (const { sale, log, seq, contentKey } of stall.acknowledged) {
      for (const holder of stalls) {
        const bytes = await holder.frames()?.read({ log, from: seq, bytesMax: 1 })
        const entry = openEntry(
          readEntry(decodeFrame(bytes ?? Buffer.of()).entries[0] ?? Buffer.of()),
          contentKey
        )
        const found = entry?.type === 'sold' ? entry.sale : undefined
        assert.is(found, sale, `sale ${sale} of ${stall.name} is lost at ${holder.name}`)
      }
    }
  }
}

async function rootAt(stall: WorldStall, log: LogId, size: number): Promise<string> {
  const bytes = await stall.frames()?.read({ log, from: size - 1, bytesMax: 1 })
  return Buffer.from(decodeFrame(bytes ?? Buffer.of()).root).toString('hex')
}

function tally({ refusals }: World, stall: WorldStall): void {
  for (const [word, count] of Object.entries(stall.sync()?.view().refusals ?? {})) {
    refusals[word] = (refusals[word] ?? 0) + count
  }
}
