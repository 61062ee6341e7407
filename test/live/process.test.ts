/** The live view as a process in a pseudo-terminal. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type InPty, startInPty } from './pty.ts';

const program = new URL('program.ts', import.meta.url).pathname;
const root = new URL('../../fixtures/hosts/kubernetes-v2-systemd/root', import.meta.url).pathname;

async function opened(test: TestContext, ...more: readonly string[]): Promise<InPty> {
  const view = startInPty(test, process.execPath, [program, root, ...more]);
  await view.screen.shows(/containerd[\s\S]*^q quit/m);
  return view;
}

/** A shell in the terminal, which has started the view. Its prompt is `$ `. */
async function inShell(test: TestContext): Promise<InPty> {
  const shell = startInPty(test, 'bash', ['--norc', '--noprofile', '--noediting', '-i']);
  await shell.screen.shows(/[$#] *$/m);
  shell.press(`PS1='ready> '; ${process.execPath} ${program} ${root}; stty -a | grep -o ' .\\?echo ';\n`);
  await shell.screen.shows(/containerd[\s\S]*^q quit/m);
  return shell;
}

describe('the live view in a terminal', () => {
  it('shows the alternate screen without a cursor, echoes no key, and restores all when the reader quits', async (test) => {
    const shell = await inShell(test);
    assert.deepEqual([shell.screen.isAlternate, shell.screen.hasCursor], [true, false]);
    shell.press('zzzyyy');
    shell.press('\u001b[B');
    await shell.screen.shows(({ selected }) => /kubelet/.test(selected ?? ''));
    assert.doesNotMatch(shell.screen.text, /zzz|yyy|\^\[/);
    shell.press('q');
    await shell.screen.shows(/^ echo\s+ready> *$/m);
    assert.deepEqual([shell.screen.isAlternate, shell.screen.hasCursor], [false, true]);
    assert.doesNotMatch(shell.screen.text, /containerd|zzz/);
    shell.press('exit\n');
    assert.equal((await shell.ended).exitCode, 0);
  });

  it('stops with Ctrl-Z, leaves the terminal to the shell, and goes on with fg', async (test) => {
    const shell = await inShell(test);
    shell.press('\u001a');
    await shell.screen.shows(/Stopped[\s\S]*ready> *$/m);
    assert.deepEqual([shell.screen.isAlternate, shell.screen.hasCursor], [false, true]);
    shell.press('echo "in the" shell\n');
    await shell.screen.shows(/^in the shell/m);
    await shell.screen.shows(/in the shell\s+ready> *$/m);
    shell.press('fg\n');
    await shell.screen.shows(
      ({ isAlternate, text }) => isAlternate && /containerd[\s\S]*^q quit/m.test(text),
    );
    shell.press('2');
    await shell.screen.shows(/5 pods/);
    shell.press('q');
    await shell.screen.shows((screen) => !screen.isAlternate && screen.hasCursor);
  });

  for (const signal of ['SIGTERM', 'SIGHUP'] as const)
    it(`restores the terminal on ${signal}`, async (test) => {
      const { kill, ended, screen } = await opened(test);
      kill(signal);
      assert.deepEqual(await ended, { exitCode: 0, signal: 0 });
      assert.deepEqual([screen.isAlternate, screen.hasCursor], [false, true]);
    });

  it('restores the terminal before the stack of a crash', async (test) => {
    const { press, ended, screen } = await opened(test, 'crash');
    press('x');
    assert.notEqual((await ended).exitCode, 0);
    assert.deepEqual([screen.isAlternate, screen.hasCursor], [false, true]);
    assert.match(screen.text, /a crash on purpose/);
  });

  it('knows the keys of a terminal, a stop that no shell could end, and new sizes of the window', async (test) => {
    const { press, resize, screen } = await opened(test);
    for (const [keys, shown] of [
      ['\t', /5 pods/],
      ['\u001b[Z', /10 containers and cgroups/],
      ['\u001b[6~', (one: typeof screen) => /visitor/.test(one.selected ?? '')],
      ['\u001b[5~', (one: typeof screen) => /containerd/.test(one.selected ?? '')],
      ['\u001bOF', (one: typeof screen) => /visitor/.test(one.selected ?? '')],
      ['\u001b[H', (one: typeof screen) => /containerd/.test(one.selected ?? '')],
      ['/schön', /filter schön/],
      ['\u007f\u007f\u007f\u007f\u007f', /10 containers and cgroups/],
      ['\u001b', /^q quit/m],
      ['\r', /the kernel can drop/],
      ['\u001b', /10 containers and cgroups/],
    ] as const) {
      press(keys);
      await screen.shows(shown);
    }
    press('\u001a');
    press('4');
    await screen.shows(/1 namespace/);
    resize(40, 8);
    await screen.shows(({ lines }) => lines.length === 8 && /^q quit/.test(lines[7] ?? ''));
    resize(120, 30);
    await screen.shows(({ lines, text }) => /^q quit/.test(lines[29] ?? '') && /KUBECTL-TOP/.test(text));
  });
});
