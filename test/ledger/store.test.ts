import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeContract } from '../contract/store.ts'
import { memoryStore } from '../memory-store.ts'
import { machineIn, openTill } from './stall.ts'

storeContract('in memory', async () => memoryStore().store)

storeContract('in segment files', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'store-'))
  const till = await openTill(machineIn(dir))
  return {
    ...till.ledger.store,
    close: async () => {
      await till.close()
      rmSync(dir, { recursive: true })
    }
  }
})
