import * as assert from 'uvu/assert'
import type { Files } from '../../drivers/host.ts'
import { faultOf } from '../fault.ts'
import { suite } from '../harness.ts'
import { storiesIn } from './story.ts'

/** Files as somebody else makes and changes them. */
export interface FilesWorld {
  readonly files: Files
  /** A folder of its own, empty at first. */
  readonly folder: string
  readonly put: (path: string, text: string, changedAt: number) => Promise<void>
  readonly close: () => Promise<void>
}

const CHANGED_AT = Date.UTC(2026, 10, 20, 17)

/** What every way to the kernel's small files must do. */
export function filesContract(name: string, openWorld: () => Promise<FilesWorld>): void {
  suite(`files ${name}`, test => {
    const story = storiesIn(test, openWorld)
    story('reads, lists and stamps what is there', async ({ files, folder, put }) => {
      await put(`${folder}/act/trigger`, 'none [mmc0]\n', CHANGED_AT)
      await put(`${folder}/act/brightness`, '0\n', CHANGED_AT)
      await put(`${folder}/pwr/brightness`, '1\n', CHANGED_AT)
      assert.is(await files.read(`${folder}/act/trigger`), 'none [mmc0]\n')
      assert.equal(await files.list(folder), ['act', 'pwr'])
      assert.equal(await files.list(`${folder}/act`), ['brightness', 'trigger'])
      assert.is(await files.changedAt(`${folder}/act/trigger`), CHANGED_AT)
    })

    story(
      'what is not there is no error, and neither is a folder',
      async ({ files, folder, put }) => {
        await put(`${folder}/act/brightness`, '0\n', CHANGED_AT)
        assert.is(await files.read(`${folder}/pwr`), undefined)
        assert.is(await files.read(`${folder}/act`), undefined)
        assert.equal(await files.list(`${folder}/pwr`), [])
        assert.equal(await files.list(`${folder}/act/brightness`), [])
        assert.is(await files.changedAt(`${folder}/pwr`), undefined)
      }
    )

    story('gives a page of a file at most', async ({ files, folder, put }) => {
      await put(`${folder}/long`, 'x'.repeat(9_000), CHANGED_AT)
      assert.is((await files.read(`${folder}/long`))?.length, 4_096)
    })

    story('writing changes a file and makes none', async ({ files, folder, put }) => {
      await put(`${folder}/act/brightness`, '255\n', CHANGED_AT)
      await files.write(`${folder}/act/brightness`, '1')
      assert.is(await files.read(`${folder}/act/brightness`), '1')
      for (const path of [`${folder}/pwr/brightness`, `${folder}/act/delay_on`]) {
        assert.is((await faultOf(files.write(path, '1'))).code, 'device-absent')
      }
      assert.equal(await files.list(folder), ['act'])
      assert.equal(await files.list(`${folder}/act`), ['brightness'])
    })
  })
}
