/**
 * A map that never changes: `set` gives a new one and shares all but one bucket with the old.
 * The fold keeps whole days of sales in these, so a set must not cost a copy of the day.
 */
export interface Table<Value> {
  readonly size: number
  readonly buckets: readonly Bucket<Value>[]
}

/** A function is a bucket that lies packed in a snapshot still; it unpacks once, when asked. */
export type Bucket<Value> =
  | ReadonlyMap<string, Value>
  | (() => ReadonlyMap<string, Value>)
  | undefined

/** With 50,000 rows a bucket holds about 50, and a set copies one such bucket. */
const BUCKETS = 1_024

export const emptyTable: Table<never> = { size: 0, buckets: new Array(BUCKETS).fill(undefined) }

export const get = <Value>(table: Table<Value>, key: string): Value | undefined =>
  unpacked(table.buckets[bucketOf(key)])?.get(key)

export function set<Value>(table: Table<Value>, key: string, value: Value): Table<Value> {
  const at = bucketOf(key)
  const bucket = new Map(unpacked(table.buckets[at]))
  const size = table.size + (bucket.has(key) ? 0 : 1)
  bucket.set(key, value)
  return { size, buckets: table.buckets.with(at, bucket) }
}

export function remove<Value>(table: Table<Value>, key: string): Table<Value> {
  const at = bucketOf(key)
  const before = unpacked(table.buckets[at])
  if (!before?.has(key)) return table
  const bucket = new Map(before)
  bucket.delete(key)
  return { size: table.size - 1, buckets: table.buckets.with(at, bucket) }
}

/** Rows come out in no order that means anything. */
export function* rows<Value>(table: Table<Value>): Generator<readonly [string, Value]> {
  for (const bucket of table.buckets) yield* unpacked(bucket) ?? []
}

/**
 * The rows that differ between two states of a table; undefined for a row that is gone. Costs a
 * glance at each bucket, for those that nothing was set in are the same object in both.
 */
export function* changes<Value>(
  before: Table<Value>,
  after: Table<Value>
): Generator<readonly [key: string, value: Value | undefined]> {
  for (const [at, packed] of after.buckets.entries()) {
    if (before.buckets[at] === packed) continue
    const old = unpacked(before.buckets[at])
    const bucket = unpacked(packed)
    for (const row of bucket ?? []) if (old?.get(row[0]) !== row[1]) yield row
    for (const key of old?.keys() ?? []) if (!bucket?.has(key)) yield [key, undefined]
  }
}

/** Builds a table at once, for a snapshot's thousands of rows. */
export function tableOf<Value>(all: Iterable<readonly [string, Value]>): Table<Value> {
  const buckets: (Map<string, Value> | undefined)[] = new Array(BUCKETS).fill(undefined)
  let size = 0
  for (const [key, value] of all) {
    const at = bucketOf(key)
    const bucket = buckets[at] ?? new Map<string, Value>()
    if (!bucket.has(key)) size += 1
    buckets[at] = bucket.set(key, value)
  }
  return { size, buckets }
}

export const unpacked = <Value>(bucket: Bucket<Value>) =>
  typeof bucket === 'function' ? bucket() : bucket

/** FNV-1a: short, and spreads keys that differ in their last letter only. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  return (hash ^ (hash >>> 15)) & (BUCKETS - 1)
}
