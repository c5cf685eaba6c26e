import { type ChildProcess, fork } from 'node:child_process'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { chance } from '../../drivers/sim/chance.ts'
import { machineIn, openTill, sale, terms } from '../ledger/stall.ts'

export interface Selling {
  readonly dir: string
  /** On another disk, as the runtime folder of a machine is. */
  readonly runDir: string
  /** Gets a line with the number of sales after each batch of them that is durable. */
  readonly ackPath: string
  readonly seed: number
  readonly sales: number
}

const path = fileURLToPath(import.meta.url)

/** A process that sells until it is killed or has sold enough. */
export const startSeller = (selling: Selling): ChildProcess => fork(path, [JSON.stringify(selling)])

/** Batches of a random size, with restarts, new boots and session closes between them. */
async function sell({ dir, runDir, ackPath, seed, sales }: Selling): Promise<void> {
  const random = chance(seed)
  const ack = await open(ackPath, 'a')
  let boot = 0
  let till = await openTill({ ...machineIn(dir, `boot-${boot}`), runDir })
  if (till.stall().terms.taxClasses.length === 0) await till.turn(terms)
  let sold = till.stall().sales.size
  while (sold < sales) {
    const dice = random()
    if (dice < 0.02) {
      await till.close()
      if (random() < 0.5) boot += 1
      till = await openTill({ ...machineIn(dir, `boot-${boot}`), runDir })
    } else if (dice < 0.03 && till.stall().session) {
      await till.turn({ type: 'closeSession', counted: till.stall().grandTotal })
    } else {
      const count = random() < 0.7 ? 1 : 1 + Math.floor(random() * 40)
      await till.turn(...Array.from({ length: count }, (_, index) => sale(sold + index)))
      sold += count
      await ack.write(`${sold}\n`)
    }
  }
  await till.close()
  await ack.close()
}

if (process.argv[1] === path) await sell(JSON.parse(process.argv[2] ?? '') as Selling)
