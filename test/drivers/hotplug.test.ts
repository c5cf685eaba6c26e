import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { watchPlugs } from '../../drivers/hotplug.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'

suite('watchPlugs()', test => {
  test('tells of names that come and go, also in folders that come later', () =>
    inFolder(async dir => {
      const later = join(dir, 'by-id')
      const timers: (() => void)[] = []
      let plugs = 0
      const stop = watchPlugs({
        startTimer: (_, run) => {
          timers.push(run)
          return () => {}
        },
        onPlug: () => {
          plugs += 1
        },
        folders: [dir, later]
      })
      const calm = async () => {
        await until(() => timers.length > 0)
        timers.shift()?.()
      }
      try {
        await mkdir(later)
        await calm()
        assert.ok(plugs >= 1)
        for (const name of ['a', 'b', 'c']) await writeFile(join(later, name), '')
        await calm()
        assert.ok(plugs >= 2)
        await rm(join(later, 'a'))
        await calm()
        assert.ok(plugs >= 3)
      } finally {
        stop()
      }
      // Closed watchers tell nothing more; what they had told before is not of interest.
      timers.splice(0)
      await writeFile(join(dir, 'after'), '')
      assert.is(timers.length, 0)
    }))

  test('what is written to a device that is there is no plug', () =>
    inFolder(async dir => {
      await writeFile(join(dir, 'ttyUSB0'), '')
      let notices = 0
      const stop = watchPlugs({
        startTimer: (_, run) => {
          notices += 1
          setImmediate(run)
          return () => {}
        },
        onPlug: () => {},
        folders: [dir]
      })
      try {
        for (const question of ['SI', 'SI', 'SI']) await writeFile(join(dir, 'ttyUSB0'), question)
        await writeFile(join(dir, 'ttyUSB1'), '')
        await until(() => notices > 0)
        assert.is(notices, 1)
      } finally {
        stop()
      }
    }))

  test('folders that are not there are no fault', () => {
    const stop = watchPlugs({
      startTimer: () => () => {},
      onPlug: () => {},
      folders: ['/nowhere/at/all']
    })
    stop()
  })
})
