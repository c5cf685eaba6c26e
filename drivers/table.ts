import { resolve } from 'node:path'

/** What is wrong with one key of a device's table, and what it should be. */
export interface DeviceFault {
  readonly key: string
  readonly sentence: string
}

/** Reads the keys of a raw table and collects everything that is wrong with them. */
export interface TableReader {
  readonly text: (key: string) => string | undefined
  /** Undefined when it is left out, which is no fault. */
  readonly optionalText: (key: string) => string | undefined
  /** The path of a file beside the configuration, as a whole path. It may be left out. */
  readonly file: (key: string) => string | undefined
  /** A list of one or more texts. Without `usual` the key must be there. */
  readonly texts: (key: string, usual?: readonly string[]) => readonly string[] | undefined
  /** A text that `read` makes something of; `wish` says in words what that takes. */
  readonly textAs: <Meaning>(key: string, options: TextMeaning<Meaning>) => Meaning | undefined
  readonly oneOf: <Word extends string | number>(
    key: string,
    words: readonly Word[],
    usual?: Word
  ) => Word | undefined
  /** A whole number from 1 to 65535. */
  readonly port: (key: string, usual: number) => number
  /** A whole number within bounds. Without `usual` the key must be there. */
  readonly integer: (key: string, bounds: Bounds) => number | undefined
  /** Any number within bounds. Without `usual` the key must be there. */
  readonly number: (key: string, bounds: Bounds) => number | undefined
  readonly flag: (key: string, usual: boolean) => boolean
  /** What only the driver can see is wrong: two keys that do not fit each other. */
  readonly refuse: (key: string, sentence: string) => undefined
  /** All faults. When all known keys were read, the others are typing errors. */
  readonly faults: (options: { readonly isWholeTableRead: boolean }) => readonly DeviceFault[]
}

export interface TextMeaning<Meaning> {
  readonly read: (text: string) => Meaning | undefined
  readonly wish: string
  readonly usual?: Meaning
}

export interface Bounds {
  readonly min: number
  readonly max: number
  readonly usual?: number
}

export function readTable(
  raw: unknown,
  { folder = '.' }: { readonly folder?: string } = {}
): TableReader {
  const { take, blame, faults } = openKeys(raw)
  const text = (key: string): string | undefined => {
    const value = take(key)
    if (typeof value === 'string' && value.trim() !== '') return value
    const wish = value === undefined ? '' : '; it is a text in quotes that is not empty'
    return blame(key, `${key} is ${said(value)}${wish}.`)
  }
  const amount = (key: string, bounds: Bounds, kind: 'number' | 'whole number') => {
    const { min, max, usual } = bounds
    const value = take(key) ?? usual
    const isOfKind = kind === 'number' ? Number.isFinite(value) : Number.isInteger(value)
    if (typeof value === 'number' && isOfKind && value >= min && value <= max) return value
    return blame(key, `${key} is ${said(value)}; it is a ${kind} from ${min} to ${max}.`)
  }
  const optionalText = (key: string) => (take(key) === undefined ? undefined : text(key))
  return {
    text,
    optionalText,
    file: key => {
      const path = optionalText(key)
      return path === undefined ? undefined : resolve(folder, path)
    },
    texts: (key, usual) => {
      const value = take(key) ?? usual
      const list: readonly unknown[] = Array.isArray(value) ? value : []
      const texts = list.flatMap(each =>
        typeof each === 'string' && each.trim() !== '' ? [each] : []
      )
      if (texts.length > 0 && texts.length === list.length) return texts
      return blame(key, `${key} is ${said(value)}; it is a list of texts, such as ["one"].`)
    },
    textAs: (key, { read: readText, wish, usual }) => {
      const value = take(key)
      if (value === undefined && usual !== undefined) return usual
      const meaning = typeof value === 'string' ? readText(value) : undefined
      return meaning ?? blame(key, `${key} is ${said(value)}; it is ${wish}.`)
    },
    oneOf: (key, words, usual) => {
      const value = take(key) ?? usual
      const word = words.find(known => known === value)
      const wish = words.map(said).join(', ')
      return word ?? blame(key, `${key} is ${said(value)}; it can be ${wish}.`)
    },
    port: (key, usual) => amount(key, { min: 1, max: 65_535, usual }, 'whole number') ?? usual,
    integer: (key, bounds) => amount(key, bounds, 'whole number'),
    number: (key, bounds) => amount(key, bounds, 'number'),
    flag: (key, usual) => {
      const value = take(key) ?? usual
      if (typeof value === 'boolean') return value
      blame(key, `${key} is ${said(value)}; it can be true or false.`)
      return usual
    },
    refuse: blame,
    faults
  }
}

/** The keys that there are, which of them were read, and what was wrong with them. */
function openKeys(raw: unknown) {
  const isTable = typeof raw === 'object' && raw !== null && !Array.isArray(raw)
  const values = new Map<string, unknown>(isTable ? Object.entries(raw) : [])
  const faults: DeviceFault[] = []
  const read = new Set<string>()
  return {
    take: (key: string): unknown => {
      read.add(key)
      return values.get(key)
    },
    blame: (key: string, sentence: string): undefined => {
      faults.push({ key, sentence })
    },
    faults: ({ isWholeTableRead }: { readonly isWholeTableRead: boolean }) => {
      if (!isTable) return [{ key: '', sentence: 'A device is a table of keys.' }]
      const strangers = [...values.keys()].filter(key => isWholeTableRead && !read.has(key))
      const wish = `this device knows ${[...read].join(', ')}.`
      return [...faults, ...strangers.map(key => ({ key, sentence: `${key} is unknown; ${wish}` }))]
    }
  }
}

const said = (value: unknown): string =>
  value === undefined ? 'missing' : (JSON.stringify(value) ?? typeof value)
