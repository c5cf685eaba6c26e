import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { SAMPLE_TOML } from '../../node/config/sample.ts'
import { inFolder } from '../folder.ts'
import { suite } from '../harness.ts'
import { runCommand, runCommandIn, withAnswers } from './answering.ts'

const part = (name: string, state: string, sentence: string, fix = '') => ({
  name,
  state,
  sentence,
  do: fix
})

const DISK = part('disk', 'up', 'The disk takes every write.')
const CLOCK = part('clock', 'up', 'Clock runs')
const SCALE = {
  ...part('scale', 'up', 'Works.'),
  role: 'scale',
  driver: 'mt-sics',
  reading_text: '0.125 kg',
  simulated: null
}
const DOOR = {
  ...part('door', 'degraded', 'A beam is blocked.', 'Take away what stands in it.'),
  role: 'footfall',
  driver: 'beams',
  reading_text: null,
  simulated: { faults: ['unplug', 'beam-blocked'], fault: 'beam-blocked' }
}
const LAMP = {
  ...part('lamp', 'down', 'Another program has GPIO17.', 'Stop that program.'),
  role: 'light',
  driver: 'relay',
  reading_text: null,
  simulated: null
}

/** A stall with these devices, each of them among its parts too. */
const stallOf = (devices: readonly object[]) => (path: string) => ({
  status: 200,
  body: path.endsWith('/devices') ? { devices } : { parts: [...devices, DISK, CLOCK] }
})

suite('stall doctor', test => {
  test('worst first, each once, with what to do', () =>
    withAnswers(stallOf([SCALE, DOOR, LAMP]), async url => {
      const { code, text } = await runCommand('doctor', '--url', url)
      assert.is(code, 1)
      assert.equal(text.split('\n'), [
        '✗ lamp               Does not work. Another program has GPIO17.',
        '    do: Stop that program.',
        '! door               Needs a look. A beam is blocked.',
        '    do: Take away what stands in it.',
        '    It was given the fault "beam-blocked"; stall doctor --fix ends it.',
        '✓ scale              Works. (0.125 kg)',
        '✓ disk               The disk takes every write.',
        '✓ clock              Clock runs',
        '',
        '3 fine, 1 to watch, 1 to fix',
        ''
      ])
    }))

  test('all well is 0, also where a device is called like a part of the stall', () => {
    const clock = { ...SCALE, name: 'clock', sentence: 'The time is from the network.' }
    return withAnswers(stallOf([clock]), async url => {
      const { code, text } = await runCommand('doctor', '--url', url)
      assert.is(code, 0)
      assert.is(text.match(/^✓ clock/gm)?.length, 2)
      assert.match(text, /3 fine, 0 to watch, 0 to fix\n$/)
    })
  })

  test('an absent device is no fine device', () => {
    const gun = { ...SCALE, name: 'gun', state: 'absent', sentence: 'It is not plugged in.' }
    return withAnswers(stallOf([gun]), async url =>
      assert.is((await runCommand('doctor', '--url', url)).code, 1)
    )
  })

  test('--fix ends faults that were given for play, and nothing else', async () => {
    let looks = 0
    const answers = (path: string) => {
      if (path.endsWith('/devices')) looks += 1
      // It works again a while after the fault is over.
      const mended = { ...DOOR, state: 'up', sentence: 'Works.', do: '', simulated: null }
      return stallOf([looks > 2 ? mended : DOOR, SCALE])(path)
    }
    await withAnswers(answers, async (url, posted) => {
      const { code, text } = await runCommand('doctor', '--fix', '--url', url)
      assert.equal(posted, [['/api/v1/devices/door/fault', { fault: null }]])
      assert.is(code, 0)
      assert.match(text, '✓ door               Works.')
      assert.match(text, 'Ended the fault of door.')
    })
  })

  test('--json is one value with everything in it', () =>
    withAnswers(stallOf([DOOR]), async url => {
      const { code, text } = await runCommand('doctor', '--json', '--url', url)
      assert.is(code, 1)
      const { findings, ended } = JSON.parse(text)
      assert.equal(ended, [])
      assert.is(findings.length, 3)
      assert.equal(findings[0], {
        name: 'door',
        state: 'degraded',
        sentence: 'A beam is blocked.',
        fix: 'Take away what stands in it.',
        device: {
          role: 'footfall',
          driver: 'beams',
          reading: null,
          simulatedFault: 'beam-blocked'
        }
      })
    }))

  test('who may not ask is told so', () => {
    const no = { status: 403, body: { title: 'Only at the stall itself', do: 'Go there.' } }
    return withAnswers(
      () => no,
      async url => {
        const answer = await runCommand('doctor', '--url', url)
        assert.equal(answer, { code: 4, text: '✗ Only at the stall itself.\n    do: Go there.\n' })
      }
    )
  })

  const NOWHERE = ['--url', 'http://127.0.0.1:1']

  test('without a stall it looks at the configuration', () =>
    inFolder(async dir => {
      const config = join(dir, 'stall.toml')
      await writeFile(config, '[stall]\nid = 7\n[[device]]\nrole = "scale"\ndriver = "abacus"\n')
      const { code, text } = await runCommand('doctor', ...NOWHERE, '--config', config)
      assert.is(code, 3)
      assert.match(text, /No stall answers at http:\/\/127\.0\.0\.1:1\.\n {4}do: Start it/)
      assert.match(text, /id = 7/)
      assert.match(text, /abacus/)
    }))

  test('and at what the devices need of this machine', () =>
    inFolder(async dir => {
      const config = join(dir, 'stall.toml')
      const button = '[[device]]\nrole = "button"\ndriver = "gpio-button"\nline = "GPIO5"\n'
      const scale = '[[device]]\nrole = "scale"\ndriver = "scale-nci"\npath = "/dev/ttyNOWHERE"\n'
      await writeFile(config, SAMPLE_TOML + button + scale)
      const env = { STALL_FDIO: join(dir, 'nothing.node') }
      const { code, text } = await runCommandIn(env, 'doctor', ...NOWHERE, '--config', config)
      assert.is(code, 3)
      assert.match(text, /✗ fdio +The program's own part for GPIO and USB \(fdio\) is missing/)
      assert.match(text, /! scale-2 +\/dev\/ttyNOWHERE is not there\.\n {4}do: Plug/)
    }))

  test('and at devices that are in each other’s way, as a dry run does', () =>
    inFolder(async dir => {
      const config = join(dir, 'stall.toml')
      const button = '[[device]]\nrole = "button"\ndriver = "gpio-button"\nline = "GPIO5"\n'
      const light = '[[device]]\nrole = "light"\ndriver = "relay"\nline = "GPIO6"\nwatts = 5\n'
      const nobody = 'motion = ["nobody"]\n'
      await writeFile(config, SAMPLE_TOML + button + button + light + nobody)
      const doctor = await runCommand('doctor', ...NOWHERE, '--config', config)
      const dry = await runCommand('run', '--dry-run', '--config', config)
      assert.equal([doctor.code, dry.code], [3, 1])
      for (const { text } of [doctor, dry]) {
        assert.match(text, /✗ button-2 +gpio:GPIO5 belongs to "button" already/)
        assert.match(text, /✗ light +It listens to "nobody", and there is no such device/)
      }
    }))

  test('and says when nothing is wrong there', () =>
    inFolder(async dir => {
      const { code, text } = await runCommand('doctor', ...NOWHERE, '--data', dir)
      assert.is(code, 3)
      assert.match(text, 'Its configuration is fine')
    }))
})
