/** A time of one device. */
export interface Span {
  readonly name: string
  /** Ms since 1970, half open. */
  readonly from: number
  readonly to: number
}
