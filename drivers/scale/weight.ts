/** The units that scales write, each in billionths of a gram (international avoirdupois pound). */
const NANOGRAMS: Readonly<Record<string, bigint>> = {
  mg: 1_000_000n,
  g: 1_000_000_000n,
  kg: 1_000_000_000_000n,
  lb: 453_592_370_000n,
  oz: 28_349_523_125n
}
const NANOGRAMS_A_MILLIGRAM = 1_000_000n

/** `  -0.125` in some unit. */
const NUMBER = /^ *([+-]?) *(\d{0,9})(?:\.(\d{0,6}))? *$/

/**
 * A displayed number in milligrams, exact where a milligram divides the unit's last digit and else
 * rounded to the nearest: no floating point comes near it. Undefined when it is no weight.
 */
export function milligramsOf(written: string, unit: string): number | undefined {
  const nanograms = NANOGRAMS[unit.toLowerCase()]
  const [, sign = '', whole = '', fraction = ''] = NUMBER.exec(written) ?? []
  if (nanograms === undefined || whole + fraction === '') return undefined
  const scale = 10n ** BigInt(fraction.length) * NANOGRAMS_A_MILLIGRAM
  const milligrams = (BigInt(whole + fraction) * nanograms + scale / 2n) / scale
  const value = Number(milligrams)
  return sign === '-' && value !== 0 ? -value : value
}
