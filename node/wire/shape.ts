import { Malformed } from './canonical.ts'
import type { Value, Values } from './codec.ts'

/**
 * How one type lies in CBOR. `encode` throws a `RangeError` for what `decode` would refuse, so
 * nothing is ever written that cannot be read again; `decode` throws `Malformed`.
 */
export interface Shape<Type> {
  readonly encode: (value: Type) => Value
  readonly decode: (value: Value) => Type
}

interface OptionalShape<Type> extends Shape<Type | undefined> {
  readonly isOptional: true
}

/** The fields of a type, each with a shape that fits it; a forgotten one does not compile. */
export type Fields<Type> = {
  readonly [Key in keyof Type]-?: object extends Pick<Type, Key>
    ? OptionalShape<Exclude<Type[Key], undefined>>
    : Shape<Type[Key]>
}

/** A shape whose values look the same in CBOR, told by one predicate. */
export function plain<Type extends Value>(
  name: string,
  isValid: (value: unknown) => value is Type
): Shape<Type> {
  return {
    encode: value => {
      if (!isValid(value)) throw new RangeError(`Not ${name}: ${String(value)}`)
      return value
    },
    decode: value => {
      if (!isValid(value)) throw new Malformed(0, `not ${name}`)
      return value
    }
  }
}

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value)

export const int: Shape<number> = plain('a whole number', isInteger)
export const uint: Shape<number> = plain(
  'a whole number from 0',
  (value): value is number => isInteger(value) && value >= 0
)
export const text: Shape<string> = plain('text', value => typeof value === 'string')
export const bool: Shape<boolean> = plain('true or false', value => typeof value === 'boolean')
export const bytes: Shape<Uint8Array> = plain('bytes', isBytes)

export const bytesOf = (size: number): Shape<Uint8Array> =>
  plain(`${size} bytes`, (value): value is Uint8Array => isBytes(value) && value.length === size)

export const oneOf = <Word extends string>(...words: readonly Word[]): Shape<Word> =>
  plain(words.join(' or '), (value): value is Word => words.some(word => word === value))

/** Text of hexadecimal digits, as the bytes that they spell. */
export function hex<Type extends string>(
  size: number,
  isValid: (text: unknown) => text is Type
): Shape<Type> {
  return {
    encode: value => {
      if (!isValid(value)) throw new RangeError(`Not ${size} bytes in hexadecimal: ${value}`)
      return Buffer.from(value, 'hex')
    },
    decode: value => {
      if (!isBytes(value) || value.length !== size) throw new Malformed(0, `not ${size} bytes`)
      const digits = Buffer.from(value.buffer, value.byteOffset, size).toString('hex')
      if (!isValid(digits)) throw new Malformed(0, `not ${size} bytes`)
      return digits
    }
  }
}

export const nullable = <Type>(shape: Shape<Type>): Shape<Type | null> => ({
  encode: value => (value === null ? null : shape.encode(value)),
  decode: value => (value === null ? null : shape.decode(value))
})

/** A field that may be missing lies as null in its place, so that each field has a fixed place. */
export const optional = <Type>(shape: Shape<Type>): OptionalShape<Type> => ({
  encode: value => (value === undefined ? null : shape.encode(value)),
  decode: value => (value === null ? undefined : shape.decode(value)),
  isOptional: true
})

export const list = <Type>(shape: Shape<Type>): Shape<readonly Type[]> => ({
  encode: values => values.map(shape.encode),
  decode: value => {
    const all = arrayOf(value)
    const items: Type[] = []
    try {
      for (const item of all) items.push(shape.decode(item))
    } catch (error) {
      throw inField(String(items.length), error)
    }
    return items
  }
})

/** An array with one place for each field, in the order in which the fields are written here. */
export function record<Type extends object>(fields: Fields<Type>): Shape<Type> {
  const rows = Object.entries(fields) as [string, Shape<unknown>][]
  return {
    encode: value => {
      const source = value as Readonly<Record<string, unknown>>
      return rows.map(([name, shape]) => shape.encode(source[name]))
    },
    decode: value => {
      const places = arrayOf(value)
      if (places.length !== rows.length) throw new Malformed(0, `not ${rows.length} fields`)
      const found: Record<string, unknown> = {}
      let index = 0
      for (const [name, shape] of rows) {
        try {
          const field = shape.decode(places[index++] ?? null)
          if (field !== undefined) found[name] = field
        } catch (error) {
          throw inField(name, error)
        }
      }
      return found as Type
    }
  }
}

export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array
}

function arrayOf(value: Value): Values {
  if (!Array.isArray(value)) throw new Malformed(0, 'not an array')
  return value
}

/** Says where in a body the trouble is: "lines: 3: quantity: not a whole number". */
const inField = (name: string, error: unknown): unknown =>
  error instanceof Malformed ? new Malformed(error.offset, `${name}: ${error.reason}`) : error
