import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeviceKey } from '../core/id.ts'
import type { ContentKeyWrap } from '../core/log.ts'
import { Malformed, unlessMalformed } from '../wire/canonical.ts'
import { decode, encode } from '../wire/codec.ts'
import { type AdmissionRequest, verifyRequest } from '../wire/enrol.ts'
import { shared } from '../wire/shapes.ts'
import { unwrapVendorKey, wrapVendorKey } from '../wire/wrap.ts'
import type { ReadingKey } from './device.ts'
import { readKeyFile, writeKeyFile } from './folder.ts'
import { guardFiles, ignoreMissing } from './keyfile.ts'

/**
 * For the day when a board breaks: in the folder `asked` of whoever admitted it lies what it asked,
 * with its vendor's key wrapped to the operator; or for a board that took the place of another, the
 * key that it was given. Files are named after devices, for a stall's name may change.
 */
export const askedIn = (dir: string): string => join(dir, 'asked')

/** Everything that was asked here and admitted; what can no longer be read is passed over. */
export async function allAsked(dir: string): Promise<readonly AdmissionRequest[]> {
  const names = await guardFiles(dir, () => readdir(askedIn(dir)).catch(ignoreMissing))
  const requests: AdmissionRequest[] = []
  for (const name of names ?? []) {
    const bytes = name.endsWith('.request') && (await readKeyFile(askedIn(dir), name))
    const request = bytes && unlessMalformed(() => verifyRequest(bytes))
    if (request) requests.push(request)
  }
  return requests
}

/** The first one is kept, so that who asks again and again costs no writes. */
export async function keepAsked(
  dir: string,
  { device, request }: { readonly device: DeviceKey; readonly request: Uint8Array }
): Promise<void> {
  const name = `${device}.request`
  if (!(await readKeyFile(askedIn(dir), name))) await writeKeyFile(askedIn(dir), name, request)
}

/** What the next board of the same stall will need. */
export async function keepGiven(
  dir: string,
  given: {
    readonly device: DeviceKey
    readonly vendorKey: Uint8Array
    readonly operator: Uint8Array
  }
): Promise<void> {
  const { device, vendorKey, operator } = given
  const wrap = await wrapVendorKey({ vendorKey, device, reader: operator })
  await writeKeyFile(askedIn(dir), `${device}.vendor`, encode(shared.wrap.encode(wrap)))
}

/** Undefined where nothing was kept of this device, or nothing that the operator's key opens. */
export async function recoverVendorKey(options: {
  readonly folders: readonly string[]
  readonly device: DeviceKey
  readonly operator: ReadingKey
}): Promise<Uint8Array | undefined> {
  const { folders, device, operator } = options
  for (const folder of folders) {
    const given = await readKeyFile(folder, `${device}.vendor`)
    const asked = await readKeyFile(folder, `${device}.request`)
    try {
      const wrap = given ? shared.wrap.decode(decode(given)) : asked && recoveryIn(asked, device)
      const key = wrap && (await unwrapVendorKey({ wrap, device, reader: operator }))
      if (key) return key
    } catch (error) {
      // A stall may have asked with anything; that it gets nothing back is its own loss.
      if (!(error instanceof Malformed)) throw error
    }
  }
  return undefined
}

function recoveryIn(request: Uint8Array, of: DeviceKey): ContentKeyWrap | undefined {
  const { recovery, device } = verifyRequest(request)
  return device === of ? recovery : undefined
}
