/**
 * A list of members (`members.ts`) as its signer's bytes, in the log of a stall that signed it or
 * was given it by hand: so it travels and rests like everything else that a market knows.
 */
export interface MembersListed {
  readonly type: 'membersListed'
  readonly epoch: number
  /** Signed by the market key or its delegate; whoever reads it checks that. */
  readonly list: Uint8Array
}

export interface ListMembers extends Omit<MembersListed, 'type'> {
  readonly type: 'listMembers'
}

export interface ListingState {
  /** Of the newest list that this stall's log holds; 0 before the first. */
  readonly listEpoch: number
}

/** Nothing, for a list that the log holds already. */
export const decideListMembers = (
  { listEpoch }: ListingState,
  { epoch, list }: ListMembers
): readonly MembersListed[] => (epoch > listEpoch ? [{ type: 'membersListed', epoch, list }] : [])

export const foldMembersListed = (
  { listEpoch }: ListingState,
  { epoch }: MembersListed
): ListingState => ({ listEpoch: Math.max(listEpoch, epoch) })
