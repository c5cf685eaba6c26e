import type { Suite } from '../harness.ts'

/** Tells one story of a contract in a world of its own. */
export type Story<World> = (title: string, tell: (world: World) => Promise<void>) => void

/** Opens a fresh world for each story, and puts it away however the story ends. */
export const storiesIn =
  <World extends { readonly close: () => Promise<void> }>(
    test: Suite,
    openWorld: () => Promise<World>
  ): Story<World> =>
  (title, tell) =>
    test(title, async () => {
      const world = await openWorld()
      try {
        await tell(world)
      } finally {
        await world.close()
      }
    })
