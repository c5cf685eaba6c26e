/**
 * How demand answers to price. Relative to list, an item of sensitivity b sells
 * exp(-kappa b (price/list - 1)) as fast. Nobody knows kappa: seven values stand beside each other,
 * each with a weight that sales move.
 */
import type { PricedItem } from './item.ts'

/** Multiples of a quarter, so that one exponential and a few products give all seven. */
export const KAPPAS = [0.25, 0.5, 0.75, 1, 1.25, 1.75, 2.5] as const
export const KAPPA_COUNT = KAPPAS.length

/**
 * How likely each kappa is before anything was sold: about lognormal with a spread of 0.45, as
 * elasticities of 83 shops by 11 brands of juice and of 88 sellers of cheese were found to be.
 */
export const KAPPA_PRIOR = [0.01, 0.1, 0.23, 0.3, 0.22, 0.12, 0.02] as const

/** The middle elasticity of the same shops. */
const ELASTICITY_MEDIAN = 2.1
/** Whose list price is best for an elasticity e sells at cost e/(e-1); how far we believe that. */
const KEEPER_TRUST = 0.35
const SENSITIVITY_MIN = 0.8
const SENSITIVITY_MAX = 5
/** A margin thinner than a tenth says more about a hard day than about customers. */
const KEEPER_ELASTICITY_MAX = 10

/** How sensitive customers are to this item's price, judged before any sale. */
export function sensitivityOf({ list, cost, elasticity }: PricedItem): number {
  const median = elasticity ?? ELASTICITY_MEDIAN
  if (cost === null || cost <= 0) return clamp(median)
  const keeper = cost < list ? list / (list - cost) : KEEPER_ELASTICITY_MAX
  const believed = Math.min(keeper, KEEPER_ELASTICITY_MAX)
  return clamp(believed ** KEEPER_TRUST * median ** (1 - KEEPER_TRUST))
}

const clamp = (sensitivity: number): number =>
  Math.min(SENSITIVITY_MAX, Math.max(SENSITIVITY_MIN, sensitivity))

/** Fills `into` with demand relative to list, one number a kappa; `push` is b (price/list - 1). */
export function fillDemand(into: Float64Array, push: number): void {
  const one = Math.exp(-push / 4)
  const two = one * one
  const four = two * two
  const five = four * one
  into[0] = one
  into[1] = two
  into[2] = two * one
  into[3] = four
  into[4] = five
  into[5] = five * two
  into[6] = five * five
}

/** Past this many units a bell curve is as good as the exact sum, and cheaper. */
const EXACT_UNITS_MAX = 40

/**
 * Fills `into` with how many of `stock` units will be sold, and how likely it is that all will be,
 * when demand is negative binomial with this mean and with 1 / size as the squared spread of its
 * rate. P(0) = (size/(size+mean))^size, and each next term is the last times
 * (k+size)/(k+1) mean/(size+mean).
 */
export function fillSales(into: Float64Array, mean: number, size: number, stock: number): void {
  if (stock <= 0 || mean < 1e-12) {
    into[0] = 0
    into[1] = stock <= 0 ? 1 : 0
    return
  }
  if (stock > EXACT_UNITS_MAX) {
    const spread = Math.sqrt(mean + (mean * mean) / size)
    const z = (stock - mean) / spread
    const below = z > 6 ? 1 : normalBelow(z)
    const sold = mean * below + stock * (1 - below) - spread * normalAt(z)
    into[0] = z > 6 ? mean : Math.max(0, Math.min(stock, sold))
    into[1] = 1 - below
    return
  }
  const part = mean / (size + mean)
  let chance = Math.exp(size * Math.log(1 - part))
  let sum = chance
  let sold = stock * (1 - chance)
  for (let units = 0; units < stock - 1; units++) {
    chance *= ((units + size) / (units + 1)) * part
    sum += chance
    sold -= (stock - units - 1) * chance
    if (1 - sum < 1e-7) break
  }
  into[0] = Math.max(0, sold)
  into[1] = Math.max(0, 1 - sum)
}

const normalAt = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)

/** The logistic fit of Bowling et al. (2009), within 0.00014 of the normal distribution. */
const normalBelow = (z: number): number => 1 / (1 + Math.exp(-1.5976 * z - 0.07056 * z * z * z))
