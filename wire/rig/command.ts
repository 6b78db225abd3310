import { spawn } from 'node:child_process';

/** How a command ended. `absent`: there is no such program on this machine. */
export type CommandResult =
  | { readonly kind: 'ended'; readonly code: number | null; readonly output: string; readonly errors: string }
  | { readonly kind: 'absent' };

/** Runs a program without a shell and collects what it prints. Killed after `timeoutMs` (`code` is then `null`). */
export function runCommand(
  command: readonly string[],
  options: { readonly timeoutMs: number; readonly cwd?: string },
): Promise<CommandResult> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      // apt translates its messages; the rig reads them.
      env: { ...process.env, LC_ALL: 'C' },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ kind: 'absent' });
      else reject(error);
    });
    child.once('close', (code) => resolve({ kind: 'ended', code, output, errors }));
  });
}
