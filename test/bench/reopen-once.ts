/** Opens a ledger, or only reads its files, and prints the milliseconds. Started by `reopen.ts`. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lockFolder } from '../../node/ledger/lock.ts'
import { openLedgerIn } from './stall.ts'

const [what, dir = '', runDir = ''] = process.argv.slice(2)
const from = performance.now()
if (what === 'open') {
  const folder = await lockFolder(dir)
  const ledger = await openLedgerIn({ folder, runDir })
  console.log(performance.now() - from)
  await ledger.store.close()
  await folder.release()
} else {
  const own = await readdir(join(dir, 'own'))
  for (const name of own) await readFile(join(dir, 'own', name))
  await readFile(join(dir, 'snapshot')).catch(() => undefined)
  console.log(performance.now() - from)
}
