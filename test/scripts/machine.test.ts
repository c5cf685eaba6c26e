import * as assert from 'uvu/assert'
import { claimFaults, type FileRights, type Machine } from '../../scripts/machine.ts'
import { suite } from '../harness.ts'

const DIALOUT = 20
const rights = (mode: number): FileRights => ({ mode, uid: 0, gid: DIALOUT })

/** A machine with these device files, seen by somebody in these groups. */
const machine = (
  files: Readonly<Record<string, FileRights>>,
  { gids = [1000], uid = 1000 }: { readonly gids?: readonly number[]; readonly uid?: number } = {}
): Machine => ({
  user: { name: 'mei', uid, gids },
  look: async path => files[path],
  list: async folder =>
    Object.keys(files).flatMap(path =>
      path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : []
    ),
  groupName: async gid => (gid === DIALOUT ? 'dialout' : String(gid))
})

const scale = { name: 'scale', claims: ['/dev/ttyUSB0'] }
const door = { name: 'door', claims: ['gpio:GPIO17', 'gpio:GPIO27'] }

suite('device files that a configuration names', test => {
  test('one that is not there', async () => {
    assert.equal(await claimFaults([scale], machine({})), [
      {
        name: 'scale',
        state: 'absent',
        sentence: '/dev/ttyUSB0 is not there.',
        fix: 'Plug the device in, or correct its path in stall.toml.'
      }
    ])
  })

  test('one that belongs to a group of which we are not', async () => {
    const files = { '/dev/ttyUSB0': rights(0o20660) }
    assert.equal(await claimFaults([scale], machine(files)), [
      {
        name: 'scale',
        state: 'down',
        sentence: '/dev/ttyUSB0 is there, but mei may not open it.',
        fix: 'Run: sudo usermod -aG dialout mei and log in again.'
      }
    ])
    assert.equal(await claimFaults([scale], machine(files, { gids: [1000, DIALOUT] })), [])
    assert.equal(await claimFaults([scale], machine(files, { uid: 0 })), [])
    assert.equal(await claimFaults([scale], machine({ '/dev/ttyUSB0': rights(0o20666) })), [])
  })

  test('lines of a machine that has none', async () => {
    const [fault, ...more] = await claimFaults([door], machine({}))
    assert.is(more.length, 0, 'two lines of one chip have one trouble')
    assert.match(fault?.sentence ?? '', 'no /dev/gpiochip0')
    const files = { '/dev/gpiochip0': rights(0o20660) }
    assert.match((await claimFaults([door], machine(files)))[0]?.fix ?? '', 'usermod -aG dialout')
    assert.equal(await claimFaults([door], machine(files, { gids: [DIALOUT] })), [])
  })

  test('what is no file of this machine is not looked at', async () => {
    assert.equal(await claimFaults([{ name: 'p', claims: ['tcp:10.0.0.7'] }], machine({})), [])
  })
})
