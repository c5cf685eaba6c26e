import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { vouchedIn } from '../node/identity/device.ts'
import { verifyLedger } from '../node/ledger/verify.ts'
import { verifyingKey } from '../node/wire/keys.ts'
import { type Command, EXIT, textOf } from './command.ts'

export const command: Command = {
  summary: 'Check a ledger from nothing but its files and the market key',
  usage: 'DIR [--market-key HEX|FILE]',
  options: {
    'market-key': {
      type: 'string',
      about: "The market's public key, in hex or in a file (default DIR/keys/market.pub)"
    }
  },
  run: async given => {
    const [folder] = given.positionals
    if (folder === undefined) {
      console.error('Which folder? Name the data folder of a stall.')
      console.error('    do: stall verify ./data')
      return EXIT.usage
    }
    const dir = resolve(folder)
    const named = textOf(given, 'market-key')
    const key = readKey(named ?? join(dir, 'keys', 'market.pub'))
    if (!key) {
      console.error(`There is no market key in ${named ?? join(dir, 'keys')}.`)
      console.error('    do: name it with --market-key, as 64 hex digits or as a file')
      return EXIT.usage
    }
    const marketKey = verifyingKey(key)
    const isVouched = await vouchedIn(join(dir, 'keys'), marketKey)
    const verdict = await verifyLedger({ dir, marketKey, isVouched })
    if (given.values['json']) console.log(JSON.stringify(verdict))
    else {
      console.log(`${verdict.isGood ? '✓' : '✗'} ${verdict.sentence}`)
      for (const problem of verdict.problems.slice(1)) console.log(`  ${problem}`)
    }
    if (!verdict.isGood) {
      if (!given.values['json']) {
        console.log('    do: Copy the folder as it is before anything else, and ask who set it up.')
      }
      return EXIT.problem
    }
    if (named === undefined && !given.values['json']) {
      console.log(
        '  The market key came from the same folder; --market-key checks against your own.'
      )
    }
    return EXIT.ok
  }
}

function readKey(named: string): Uint8Array | undefined {
  if (/^[0-9a-f]{64}$/i.test(named)) return Buffer.from(named, 'hex')
  try {
    const bytes = readFileSync(named)
    return bytes.length === 32 ? bytes : undefined
  } catch {
    return undefined
  }
}
