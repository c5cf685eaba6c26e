import { open, writeFile } from 'node:fs/promises'
import { chance } from '../ledger/folder.ts'
import { machineIn, openTill, sale, type Till, terms } from '../ledger/stall.ts'

/**
 * Sells until it is killed or has sold `SALES`, in batches of a random size, with restarts, new
 * boots and session closes between; after each durable batch it writes how many sales are safe.
 *
 *     node workload.js DIR RUN_DIR ACK_PATH SEED SALES
 */
const [dir = '', runDir = '', ackPath = '', seed = '1', sales = '1000'] = process.argv.slice(2)

async function work(): Promise<void> {
  const random = chance(Number(seed))
  const below = (max: number) => Math.floor(random() * max)
  const ack = await open(ackPath, 'a')
  let boot = 0
  let till = await openTill({ ...machineIn(dir, `boot-${boot}`), runDir })
  let sold = await begin(till)
  while (sold < Number(sales)) {
    const dice = random()
    if (dice < 0.02) {
      await till.close()
      if (random() < 0.5) boot += 1
      till = await openTill({ ...machineIn(dir, `boot-${boot}`), runDir })
    } else if (dice < 0.03 && till.stall().session) {
      await till.turn({ type: 'closeSession', counted: till.stall().grandTotal })
    } else {
      const count = random() < 0.7 ? 1 : 1 + below(40)
      await till.turn(...Array.from({ length: count }, (_, index) => sale(sold + index)))
      sold += count
      await ack.write(`${sold}\n`)
    }
  }
  await till.close()
  await ack.close()
}

/** Goes on where an earlier run of the same folder was killed. */
async function begin(till: Till): Promise<number> {
  if (till.stall().terms.taxClasses.length === 0) await till.turn(terms)
  return till.stall().sales.size
}

await work()
await writeFile(`${runDir}/done`, '')
