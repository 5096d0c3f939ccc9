import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** @type {NodeJS.Signals[]} */
const forwardedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command on this terminal, in the project's folder unless told otherwise. Resolves to its
 * exit code, or to 128 + n when signal n ended it; signals sent to this process reach the command
 * meanwhile, so that nothing outlives us.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options] `env` is added to the environment
 * @returns {Promise<number>}
 */
export async function runCommand(command, args, { env = {}, cwd = projectRoot } = {}) {
  const child = spawn(command, args, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => void child.kill(signal);
  forwardedSignals.forEach((signal) => process.on(signal, forward));
  try {
    const exit = await once(child, 'exit');
    const [code, signal] = /** @type {[number, null] | [null, NodeJS.Signals]} */ (exit);
    return code ?? 128 + constants.signals[signal];
  } finally {
    forwardedSignals.forEach((signal) => process.off(signal, forward));
  }
}

/**
 * Runs a JavaScript file with this Node.
 *
 * @param {readonly string[]} args
 */
export function runNode(args) {
  return runCommand(process.execPath, args);
}
