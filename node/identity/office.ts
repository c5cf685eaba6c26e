import { join } from 'node:path'
import { Fault } from '../core/ports.ts'
import { noMembers } from '../core/share/members.ts'
import { Malformed } from '../wire/canonical.ts'
import { verifyingKey } from '../wire/keys.ts'
import { signMembers, verifyMembers } from '../wire/members.ts'
import { FILES, readKeyFile, writeKeyFile } from './folder.ts'
import { damaged, type KeyPair, loadKey, loadOrMakeKey, rawPrivateKey } from './keyfile.ts'
import { openMarket } from './market.ts'
import { openMembership } from './membership.ts'
import { openRegistrar, type Registrar } from './registrar.ts'

/**
 * Makes the folder of a market's operator: the market key, the operator's reading key, the first
 * list of members, which is empty. It belongs on a stick in a drawer and never on a stall. The list
 * comes last: a power cut in the middle is finished by the next try. Rejects with a `Fault`.
 */
export async function makeMarketFolder(options: {
  readonly dir: string
  readonly name: string
  readonly random: (size: number) => Uint8Array
}): Promise<void> {
  const { dir, name, random } = options
  if (await readKeyFile(dir, FILES.members)) throw marketThere(dir)
  const market = await openMarket({ dir, name, random })
  await loadOrMakeKey({ path: join(dir, FILES.operator), kind: 'x25519', random })
  await writeKeyFile(dir, FILES.marketPublic, market.publicKey)
  const first = { ...noMembers(name), epoch: 1 }
  await writeKeyFile(dir, FILES.members, signMembers(first, { key: market.privateKey }))
}

/** Opens the folder of a market's operator. Rejects with a `Fault` for what is none. */
export async function openMarketFolder(
  dir: string
): Promise<{ readonly market: string; readonly registrar: Registrar }> {
  const key = await loadKey(join(dir, FILES.market), 'ed25519')
  const operator = await loadKey(join(dir, FILES.operator), 'x25519')
  const list = await readKeyFile(dir, FILES.members)
  if (!key || !operator || !list) throw noMarket(dir)
  const { publicKey: marketKey, privateKey } = key
  const market = marketOf(list, { dir, key })
  const membership = await openMembership({ dir, market, marketKey })
  const registrar = openRegistrar({
    ...{ dir, market, marketKey, membership, key: privateKey },
    operator: { publicKey: operator.publicKey, privateKey: rawPrivateKey(operator) }
  })
  return { market, registrar }
}

function marketOf(
  list: Uint8Array,
  { dir, key }: { readonly dir: string; readonly key: KeyPair }
): string {
  try {
    return verifyMembers(list, verifyingKey(key.publicKey)).members.market
  } catch (error) {
    throw error instanceof Malformed ? damaged(join(dir, FILES.members)) : error
  }
}

const marketThere = (dir: string): Fault =>
  new Fault({
    code: 'market-there',
    message: `There is a market in ${dir} already.`,
    fix: 'Use that one, or name another folder with --market.',
    isRetryable: false
  })

const noMarket = (dir: string): Fault =>
  new Fault({
    code: 'no-market',
    message: `There is no market key in ${dir}.`,
    fix: "Plug in the stick with the market's folder and name it with --market.",
    isRetryable: false
  })
